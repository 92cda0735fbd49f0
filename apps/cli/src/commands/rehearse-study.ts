import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Studies } from '@symbolon/agreement';
import type { Leaf } from '../command.ts';
import { progressFor } from '../progress.ts';
import { refuseFaults } from '../rehearsal/faults.ts';
import { compareClear } from '../rehearsal/study-clear.ts';
import { type HeldData, StudyRehearsal } from '../rehearsal/study-rehearsal.ts';
import { studyReport, studyReportText } from '../rehearsal/study-report.ts';
import { dataSource } from '../source.ts';
import { readAgreementFile, readStudyFile } from '../study/agreement-file.ts';
import { bindDraft, needed } from '../study/needed.ts';
import { writeReport } from '../study/result-files.ts';
import { counted, number, UsageError } from '../ui.ts';
import { progressLine } from './link.ts';

interface Options {
  party: string[];
  agreement?: string;
  clear?: true;
  out?: string;
  keep?: string;
}

/** `symbolon rehearse study`. */
export const rehearseStudy: Leaf<Options> = {
  name: 'study <file>',
  summary: 'run a study over files of yours, with all roles on this machine',
  description:
    'Runs the study of a file with all roles on this machine: every organisation that the study needs and a key service, each a\n' +
    'process with a folder of its own, over mutual TLS, doing what real ones do. The draft of the agreement that the study names\n' +
    'says who holds which table, and what may be done with each column.',
  examples: [
    'symbolon rehearse study examples/e-coaching/studies/by-age.yaml --clear \\\n' +
      '      --party hospital=patients.csv --party insurer=claims.csv --party statistics=census.csv',
    'symbolon rehearse study cost.yaml --party hospital.visits=visits.parquet --party insurer=members.csv --out cost',
  ],
  home: false,
  options: (command) =>
    command
      .requiredOption(
        '--party <name=file>',
        "a party's table; name.table=file where it holds several; repeat for each",
        (typed: string, before: string[] = []) => [...before, typed],
      )
      .option('--agreement <file>', 'the draft; if absent the one that the study names')
      .option('--clear', 'compare with the same study over the tables in the clear')
      .option('--out <folder>', 'write report.html and the result as CSV, JSON and Parquet there')
      .option('--keep <folder>', 'keep the folders of all roles there, to look around'),
  run: async ({ ui, cleanup }, [file], options) => {
    const start = performance.now();
    const { study, text, agreement } = readStudyFile(file!);
    const terms = readAgreementFile(options.agreement ?? agreement);
    const bound = await bindDraft(study, terms);
    const script = needed(terms, study, text, bound);
    const data = heldData(options.party, script.studies.tables);
    if (options.out !== undefined) mkdirSync(resolve(options.out), { recursive: true });
    const folder = options.keep === undefined ? cleanup.temporaryFolder('symbolon-').path : resolve(options.keep);
    const rehearsal = new StudyRehearsal({ terms: script, data }, folder, cleanup);
    const progress = progressFor(ui);

    await progress.step(
      `${counted(script.parties.length + 1, 'folder')}, with keys, certificates and cards`,
      async () => {
        rehearsal.exchangeCards(await rehearsal.makeHomes());
      },
    );
    await progress.step('All tables read, and their types found', () => rehearsal.addData());
    for (const { info } of rehearsal.data) refuseFaults(info);
    ui.note(`  ${rehearsal.data.map(({ party, info }) => `${party} ${number(info.rows)}`).join(', ')} rows`);
    await progress.step('The agreement drafted', () => rehearsal.draft());
    await progress.step(
      `${script.parties.length} organisations and a key service started, each a process of its own`,
      () => rehearsal.start(),
    );
    await progress.step('The agreement signed, and the study approved, by all', async () => {
      await rehearsal.sign();
      await rehearsal.approve();
    });
    const { linkage } = script;
    if (linkage !== undefined) {
      await progress.step('The records linked, and the pairs shown to both sides', (update) =>
        rehearsal.link(linkage, (stage) => update(progressLine(stage))),
      );
    }
    const run = await progress.step('The study, over encrypted data', (update) =>
      rehearsal.run(study.name, (stage) => update(progressLine(stage))),
    );
    const released = await rehearsal.released(run);
    const auditVerified = await progress.step('The logs verified', () => rehearsal.audit());
    const usage = await rehearsal.stop();
    const clear =
      options.clear === true
        ? await progress.step('The study run in the clear, and compared', () =>
            compareClear(rehearsal, study.name, released),
          )
        : undefined;
    const secondsTotal = (performance.now() - start) / 1000;
    const report = await rehearsal.report(run);
    const found = studyReport({ rehearsal, run, report, clear, auditVerified, usage, secondsTotal });
    if (options.out !== undefined) {
      const files = await writeReport(resolve(options.out), report);
      ui.say(`Written: ${files.map((name) => join(options.out!, name)).join(', ')}`);
    }
    if (options.keep !== undefined) {
      const [first] = script.parties;
      ui.say(`Kept in ${folder}. Try: symbolon study show 1 --home ${rehearsal.homes[first!]}`);
    }
    const good = found.equalsClear !== false && auditVerified;
    return { json: found, text: studyReportText(found, report), exitCode: good ? 0 : 1 };
  },
};

/** Which file is whose table. */
function heldData(typed: readonly string[], tables: Studies['tables']): HeldData[] {
  const all = Object.entries(tables).flatMap(([table, { holders }]) =>
    holders.map(({ party, dataset }) => ({ party, dataset, table })),
  );
  const data = typed.map((word): HeldData & { table: string } => {
    const [, party, table, file] = /^([^.=]+)(?:\.([^=]+))?=(.+)$/.exec(word) ?? [];
    if (party === undefined || file === undefined) {
      throw new UsageError(`--party is written as hospital=visits.csv, not ${word}`);
    }
    const own = all.filter((one) => one.party === party && (table === undefined || one.table === table));
    if (own.length === 0) {
      const known = all.map((one) => `${one.party}.${one.table}`).join(', ');
      throw new UsageError(
        `the study reads no table ${table ?? ''} of ${party}`.replace('  ', ' '),
        `It reads ${known}.`,
      );
    }
    if (own.length > 1) {
      throw new UsageError(
        `${party} holds ${own.map((one) => one.table).join(' and ')}`,
        `Write ${party}.${own[0]!.table}=FILE.`,
      );
    }
    return { ...own[0]!, source: dataSource(file) };
  });
  const missing = all.find((one) => !data.some(({ party, dataset }) => party === one.party && dataset === one.dataset));
  if (missing !== undefined) {
    throw new UsageError(
      `the table ${missing.table} of ${missing.party} is missing`,
      `Add --party ${missing.party}.${missing.table}=FILE.`,
    );
  }
  return data;
}
