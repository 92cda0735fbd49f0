import { statSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { normaliseSteps } from '@symbolon/linkage';
import type { Leaf } from '../command.ts';
import { type LinkOptions, linkOptions, linkTermsOf } from '../link-options.ts';
import { stepsOf } from '../normalise-option.ts';
import { progressFor } from '../progress.ts';
import { clearRun, truePairs } from '../rehearsal/clear.ts';
import { refuseFaults } from '../rehearsal/faults.ts';
import type { PairSet } from '../rehearsal/pairs.ts';
import { Rehearsal, type Script } from '../rehearsal/rehearsal.ts';
import { linkReport, reportText } from '../rehearsal/report.ts';
import { dataSource } from '../source.ts';
import { counted, UsageError } from '../ui.ts';
import { progressLine } from './link.ts';

interface Options extends LinkOptions {
  left: string;
  right: string;
  rule: string;
  truth?: string;
  pairs?: string;
  pads: string;
  normalise?: string;
  keep?: string;
}

/** `symbolon rehearse link`. */
export const rehearseLink: Leaf<Options> = {
  name: 'link',
  summary: 'link two files of yours, with all roles on this machine',
  description:
    'Links any two files with all roles on this machine: two organisations and a key service, each a process with a folder of\n' +
    'its own, over mutual TLS, doing what real ones do. Then runs the rule in the clear and compares, pair by pair.\n' +
    'Columns are named in small letters and underscores; texts are normalised (accents, case, punctuation, white space).',
  examples: [
    "symbolon rehearse link --left members.csv --right patients.csv --rule 'a.medicaid = b.medicaid'",
    "symbolon rehearse link --left a.csv --right b.csv --rule 'agree(a.name, b.name) >= 0.9 AND a.born = b.born' --truth 'a.id = b.id'",
    "symbolon rehearse link --left a.csv --right b.csv --rule 'agree(a.name, b.name) >= 0.9' --block 'a.born = b.born' --cap 2",
  ],
  home: false,
  options: (command) =>
    linkOptions(command)
      .requiredOption('--left <file>', 'table a of the rule')
      .requiredOption('--right <file>', 'table b of the rule')
      .requiredOption('--rule <sql>', 'when a row of a and a row of b belong together')
      .option('--truth <sql>', 'which pairs are true, over the raw columns; for precision and recall')
      .option('--pairs <file>', 'write the pairs found as CSV: row numbers in the two files')
      .option('--pads <kind>', 'expanded (from seeds, by AES) or full (true one-time pads over the inputs)', 'expanded')
      .option('--normalise <steps>', `of texts: some of ${normaliseSteps.join(',')}, or none`)
      .option('--keep <folder>', 'keep the three folders there, to look around'),
  run: async ({ ui, cleanup }, _, options) => {
    const start = performance.now();
    const script = scriptOf(options);
    if (options.pairs !== undefined) requirePairs(options);
    if (options.pairs !== undefined) requirePlace(options.pairs);
    const folder = options.keep === undefined ? cleanup.temporaryFolder('symbolon-').path : resolve(options.keep);
    const rehearsal = new Rehearsal(script, folder, cleanup);
    const progress = progressFor(ui);

    await progress.step('Three folders, with keys, certificates and cards', async () => {
      rehearsal.exchangeCards(await rehearsal.makeHomes());
    });
    await progress.step('Both tables read, and their types found', () => rehearsal.addData());
    for (const side of ['left', 'right'] as const) refuseFaults(rehearsal.data[side]);
    ui.note(`  left ${counted(rehearsal.data.left.rows, 'row')}, right ${counted(rehearsal.data.right.rows, 'row')}`);
    const truth = await truthOf(rehearsal, options.truth);
    await progress.step('The agreement drafted', () => rehearsal.draft());
    await progress.step('Two organisations and a key service started, each a process of its own', () =>
      rehearsal.start(),
    );
    await progress.step('The agreement signed by both', () => rehearsal.sign());
    await progress.step('The link, over encrypted data', (update) =>
      rehearsal.link((stage) => update(progressLine(stage))),
    );
    const opened = await rehearsal.opened();
    const auditVerified = await progress.step('The logs verified', () => rehearsal.audit());
    const usage = await rehearsal.stop();

    const inputs = await rehearsal.inputs();
    const clear = await progress.step('The rule run in the clear, and compared', () =>
      clearRun(...inputs, script.terms?.blocking?.cap),
    );
    if (options.pairs !== undefined && opened.kind === 'pairs') writePairs(options.pairs, opened.pairs);
    const secondsTotal = (performance.now() - start) / 1000;
    const report = linkReport({ rehearsal, opened, clear, inputs, truth, auditVerified, usage, secondsTotal });
    if (options.keep !== undefined)
      ui.say(`Kept in ${folder}. Try: symbolon link show 1 --home ${rehearsal.homes.left}`);
    const good = report.equalsClear && report.auditVerified;
    return { json: report, text: reportText(report, truth === undefined ? 'none' : 'given'), exitCode: good ? 0 : 1 };
  },
};

function scriptOf(options: Options): Script {
  const { left, right, rule, pads, normalise } = options;
  if (pads !== 'expanded' && pads !== 'full') throw new UsageError(`--pads is expanded or full, not ${pads}`);
  const steps = normalise === undefined ? undefined : stepsOf(normalise);
  return {
    title: 'Rehearsal',
    left: { id: 'left', name: 'Left', dataset: 'left', source: dataSource(left) },
    right: { id: 'right', name: 'Right', dataset: 'right', source: dataSource(right) },
    keys: { id: 'keys', name: 'Key service' },
    rule,
    pads,
    terms: linkTermsOf(options),
    ...(steps === undefined ? {} : { normalise: steps }),
  };
}

async function truthOf({ script, data }: Rehearsal, condition: string | undefined): Promise<PairSet | undefined> {
  if (condition === undefined) return undefined;
  const side = (which: 'left' | 'right') => ({ source: script[which].source, info: data[which] });
  return truePairs(condition, side('left'), side('right'));
}

/** Pairs of rows of both files are there where both learn them. */
function requirePairs({ learn, count }: Options): void {
  if (learn === 'both' && count === undefined) return;
  throw new UsageError('--pairs is for pairs that both learn', 'Leave out --learn and --count, or --pairs.');
}

/** Before anything starts: what is found only after a long run must have somewhere to go. */
function requirePlace(file: string): void {
  const folder = dirname(resolve(file));
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) {
    throw new UsageError(`--pairs: ${folder} is not a folder`, 'Make it, or name a file elsewhere.');
  }
  if (statSync(file, { throwIfNoEntry: false })?.isDirectory()) {
    throw new UsageError(`--pairs: ${file} is a folder`, 'Name a file.');
  }
}

function writePairs(file: string, { pairs }: PairSet): void {
  const lines = pairs.toSorted((x, y) => x[0] - y[0] || x[1] - y[1]).map(([left, right]) => `${left + 1},${right + 1}`);
  writeFileSync(file, ['left_row,right_row', ...lines, ''].join('\n'));
}
