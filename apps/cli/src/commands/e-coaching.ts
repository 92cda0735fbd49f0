import { mkdirSync, statSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { SymbolonError } from '@symbolon/crypto';
import { overviewPage } from '@symbolon/report';
import { type CoachingName, coachedPatients, coachingTables, writeCoachingTables } from '@symbolon/testkit';
import type { Context, Leaf } from '../command.ts';
import { Teller } from '../demo/teller.ts';
import { Expected } from '../e-coaching/expected.ts';
import { covers, questions } from '../e-coaching/findings.ts';
import {
  findingColumns,
  findingRows,
  overviewEntry,
  type PlayedStudy,
  type RefusedStudy,
  studyJson,
  wordsOf,
} from '../e-coaching/played.ts';
import { countOf } from '../link-options.ts';
import { type Progress, progressFor } from '../progress.ts';
import { clearText, compareClear } from '../rehearsal/study-clear.ts';
import { StudyRehearsal } from '../rehearsal/study-rehearsal.ts';
import { readAgreementFile, readStudyFile, type StudyTerms } from '../study/agreement-file.ts';
import { writeReport } from '../study/result-files.ts';
import { bytes, counted, number, type Outcome, table, UsageError } from '../ui.ts';
import { progressLine } from './link.ts';

interface Options {
  patients: string;
  seed: string;
  out: string;
}

const example = join(import.meta.dirname, '../../../../examples/e-coaching');
const fewest = 100;

/** `symbolon e-coaching`. */
export const eCoaching: Leaf<Options> = {
  name: 'e-coaching [studies...]',
  summary: 'five organisations ask what an app does to care, on made-up patients',
  description:
    'The example of studies on this machine: a hospital, an insurer, a statistics office, family physicians and a municipality ask\n' +
    'ten questions about patients with a chronic bowel disease who may use an app. The data are made up, with known effects, which\n' +
    'each result is held against. Six servers, each a process and a folder of its own, over mutual TLS. Takes about a minute;\n' +
    'leaves a folder of reports behind. STUDIES are names of the example; all of them if absent.',
  examples: [
    'symbolon e-coaching',
    'symbolon e-coaching --seed 2',
    'symbolon e-coaching specialist by-literacy --patients 1000 --out /tmp/reports',
  ],
  home: false,
  options: (command) =>
    command
      .option('--patients <count>', 'patients of the hospital', '4000')
      .option('--seed <seed>', 'decides all data; another one makes others', '1')
      .option('--out <folder>', 'where the reports are written', 'e-coaching'),
  run: (context, names, options) => tellStory(context, names, options),
};

async function tellStory({ ui, cleanup }: Context, names: string[], options: Options): Promise<Outcome> {
  const start = performance.now();
  const { seed, out } = options;
  const patients = countOf('--patients', options.patients);
  if (patients < fewest) throw new UsageError(`--patients is ${fewest} or more, not ${patients}`);
  if (statSync(out, { throwIfNoEntry: false })?.isDirectory() === false)
    throw new UsageError(`--out: ${out} is a file`);
  const terms = chosen(readAgreementFile(join(example, 'agreement.yaml')), names);
  const folder = cleanup.temporaryFolder('symbolon-');
  const teller = new Teller(ui);
  const progress = progressFor(ui);

  teller.title('Symbolon: does an app move care from the specialist to the family physician?');
  teller.tell(
    'A hospital offers its patients with a chronic bowel disease an e-coaching app. Whether that saves visits, for whom, and at whose ' +
      'cost, only five organisations together can tell, and none may show another its records, nor who is in its files.',
  );

  teller.scene('Six tables');
  const tables = coachingTables({ patients, seed });
  const files = await writeCoachingTables(join(folder.path, 'data'), tables);
  teller.tell(
    'All patients are made up. Each organisation knows some of the others’ people, and people whom the hospital does not know. The library, which is ' +
      'the municipality’s, knows its members by what they wrote on a form, with mistakes:',
  );
  teller.show(
    table(
      ['organisation', 'table', 'rows', 'columns'],
      tables.map(({ party, name, rows }) => [party, name, number(rows.length), Object.keys(rows[0]!).join(', ')]),
    ),
  );

  teller.scene('The agreement');
  const data = Object.entries(terms.studies.tables).flatMap(([, { holders }]) =>
    holders.map(({ party, dataset }) => ({
      party,
      dataset,
      source: { kind: 'csv' as const, path: files[dataset as CoachingName] },
    })),
  );
  const rehearsal = new StudyRehearsal({ terms, data }, folder.path, cleanup);
  await setUp(rehearsal, progress);
  teller.tell(
    `All five have signed the same document: the text of ${terms.studies.list.length === 1 ? 'one study' : `${terms.studies.list.length} studies`}, who receives the ` +
      `result of each, what may be done with each column, and that nothing opens that fewer than ${terms.studies.minPatients} patients stand behind. ` +
      'Each server decides by its own copy.',
  );

  const expected = new Expected([...coachedPatients({ patients, seed })]);
  const played: PlayedStudy[] = [];
  const refused: RefusedStudy[] = [];
  for (const { name } of terms.studies.list) {
    const { study } = readStudyFile(join(example, 'studies', `${name}.yaml`));
    teller.scene(study.title);
    try {
      const one = await play({ rehearsal, name, title: study.title, to: study.to, expected, progress });
      played.push(one);
      for (const words of wordsOf(one)) teller.tell(words);
      teller.show(table(findingColumns, findingRows(one.findings)));
    } catch (error) {
      if (!(error instanceof SymbolonError) || cleanup.signal.aborted) throw error;
      refused.push({ name, title: study.title, error });
      teller.tell(`Not run: ${error.message} (${error.code}).`);
    }
  }

  teller.scene('Is it right?');
  const auditVerified = await progress.step('All six verify their logs', () => rehearsal.audit());
  await rehearsal.stop();
  teller.tell(verdict(played));
  const reports = await progress.step('The reports', () => writeReports(resolve(out), played, refused, seed));
  ui.gap();
  const good = auditVerified && refused.length === 0 && played.every(({ clear }) => clear.equalsClear);
  const secondsTotal = Math.round(performance.now() - start) / 1000;
  return {
    json: {
      job: 'e-coaching',
      patients,
      seed,
      studies: played.map(studyJson),
      refused: refused.map(({ name, error: { code, message } }) => ({ study: name, error: { code, message } })),
      auditVerified,
      secondsTotal,
      reports,
    },
    text: ending(played, refused),
    exitCode: good ? 0 : 1,
    afterwards: () => {
      ui.gap();
      teller.tell(
        'Only simulated: one machine ran all six roles here, so whoever owns it could read everything. In earnest each runs its own, ' +
          'and the key service is one that colludes with nobody.',
      );
      ui.gap();
      ui.say(`Look at ${reports}`);
      ui.say('Next, on fresh data, and with a study of yours:');
      ui.say(`  npm run e-coaching -- --seed ${/^\d{1,9}$/.test(seed) ? Number(seed) + 1 : 2}`);
      ui.say('  npm run symbolon -- rehearse study --help');
    },
  };
}

/** The terms with only the studies that were named. */
function chosen(terms: StudyTerms, names: readonly string[]): StudyTerms {
  const { list } = terms.studies;
  const unknown = names.find((name) => !list.some((one) => one.name === name));
  if (unknown !== undefined) {
    throw new UsageError(`the example has no study '${unknown}'`, `It has ${list.map(({ name }) => name).join(', ')}.`);
  }
  if (names.length === 0) return terms;
  return { ...terms, studies: { ...terms.studies, list: list.filter(({ name }) => names.includes(name)) } };
}

async function setUp(rehearsal: StudyRehearsal, progress: Progress): Promise<void> {
  await progress.step('Five organisations and a key service make keys, and exchange cards', async () => {
    rehearsal.exchangeCards(await rehearsal.makeHomes());
  });
  await progress.step('Six servers start, each a process and a folder of its own, over mutual TLS', () =>
    rehearsal.start(),
  );
  await progress.step('Each names its tables to its own server; the records stay where they are', () =>
    rehearsal.addData(),
  );
  await progress.step('The hospital drafts, and one after the other signs', async () => {
    await rehearsal.draft();
    await rehearsal.sign();
  });
  await progress.step('Each approves the studies that it takes part in', () => rehearsal.approve());
}

async function play(options: {
  readonly rehearsal: StudyRehearsal;
  readonly name: string;
  readonly title: string;
  readonly to: readonly string[];
  readonly expected: Expected;
  readonly progress: Progress;
}): Promise<PlayedStudy> {
  const { rehearsal, name, title, to, expected, progress } = options;
  const run = await progress.step('The study, over encrypted data', (update) =>
    rehearsal.run(name, (stage) => update(progressLine(stage))),
  );
  const released = await rehearsal.released(run);
  const report = await rehearsal.report(run);
  const clear = await progress.step('The same in the clear, and compared', () =>
    compareClear(rehearsal, name, released),
  );
  const details = [...run.runs.values()].map((one) => one.details!);
  return {
    name,
    title,
    to,
    report,
    clear,
    findings: questions[name]!.findings(report.result, expected),
    seconds: details[0]!.seconds,
    rounds: details[0]!.rounds,
    bytes: details.reduce((sum, one) => sum + one.bytes.sent, 0),
  };
}

function verdict(played: readonly PlayedStudy[]): string {
  const equal = played.filter(({ clear }) => clear.equalsClear).length;
  const held = played.flatMap(({ findings }) => findings.map(covers)).filter((one) => one !== null);
  return (
    `${equal === played.length ? 'Each study' : `Only ${equal} of ${played.length} studies`} gave what DuckDB or the plain method gives on all tables together in the ` +
    `clear. What was put into the data lies within ${held.filter(Boolean).length} of ${counted(held.length, 'interval')}; of 95% intervals one in twenty misses.`
  );
}

/** One folder a study, and the page before them. @returns the path of that page */
async function writeReports(
  folder: string,
  played: readonly PlayedStudy[],
  refused: readonly RefusedStudy[],
  seed: string,
): Promise<string> {
  mkdirSync(folder, { recursive: true });
  for (const { name, report } of played) await writeReport(join(folder, name), report);
  const path = join(folder, 'index.html');
  const overview = overviewPage({
    title: 'Does an app move care from the specialist to the family physician?',
    words: [
      'Five organisations asked their data together, and none showed another a record.',
      `The data are made up (seed ${seed}), so each result can be held against what was put into them. ${verdict(played)}`,
    ],
    entries: [
      ...played.map(overviewEntry),
      ...refused.map(({ title, error }) => ({
        title,
        words: [`Not run: ${error.message} (${error.code}).`],
        table: null,
        href: null,
      })),
    ],
  });
  writeFileSync(path, overview, { mode: 0o600 });
  return path;
}

function ending(played: readonly PlayedStudy[], refused: readonly RefusedStudy[]): string {
  const rows = played.map(({ name, to, clear, findings, seconds, bytes: sent }) => {
    const held = findings.map(covers).filter((one) => one !== null);
    const intervals = `${held.filter(Boolean).length} of ${held.length}`;
    return [name, to.join(', '), clearText(clear), intervals, bytes(sent), `${seconds.toFixed(1)} s`];
  });
  const not = refused.map(({ name, error: { code } }) => [name, '', `not run: ${code}`]);
  return table(['study', 'result to', 'clear run', 'intervals that hold', 'sent', 'took'], [...rows, ...not]);
}
