import { join } from 'node:path';
import { type Estimate, type MethodResult, parseStudyFile, type Study } from '@symbolon/analytics';
import type { Answered } from '@symbolon/party';
import { efficacyTruth, treatedPatients, writeTreatedPatients } from '@symbolon/testkit';
import type { Context, Leaf } from '../command.ts';
import { Teller } from '../demo/teller.ts';
import { countOf } from '../link-options.ts';
import { progressFor } from '../progress.ts';
import { OutsourceRehearsal } from '../rehearsal/outsource.ts';
import { dataSource } from '../source.ts';
import { textOf } from '../study/agreement-file.ts';
import { methodText } from '../study/report-text.ts';
import { bytes, counted, number, type Outcome, table, UsageError } from '../ui.ts';

interface Options {
  patients: string;
  seed: string;
}

const example = join(import.meta.dirname, '../../../../examples/efficacy/studies');
const fewest = 1000;

/** What each study has to find: of which estimate, and what was put into the data. */
const put: Readonly<Record<string, readonly [estimate: string, value: number]>> = {
  recovery: ['odds ratio', Math.exp(efficacyTruth.recovery.chosen)],
  others: ['odds ratio', Math.exp(efficacyTruth.recovery.others)],
  cost: ['true − false', efficacyTruth.cost],
};
const names = ['recovery', 'others', 'cost', 'groups'];

/** `symbolon efficacy`. */
export const efficacy: Leaf<Options> = {
  name: 'efficacy',
  summary: 'a server that nobody trusts finds out on encrypted, made-up patients whether a treatment helps',
  description:
    'The example of encrypted tables on this machine: a hospital encrypts its patients, a server in a process of its own, which never\n' +
    'has the key, computes what four questions come to, and the hospital decrypts and checks that. The data are made up, with known\n' +
    'effects, which each result is held against.',
  examples: ['symbolon efficacy', 'symbolon efficacy --patients 5000 --seed 2'],
  home: false,
  options: (command) =>
    command
      .option('--patients <count>', 'patients of the hospital', '100000')
      .option('--seed <seed>', 'decides all data; another one makes others', '1'),
  run: (context, _, options) => play(context, options),
};

async function play({ ui, cleanup }: Context, { seed, ...options }: Options): Promise<Outcome> {
  const start = performance.now();
  const patients = countOf('--patients', options.patients, 1_000_000);
  if (patients < fewest) throw new UsageError(`--patients is ${number(fewest)} or more, not ${patients}`);
  const folder = cleanup.temporaryFolder('symbolon-').path;
  const teller = new Teller(ui);
  const progress = progressFor(ui);

  teller.title('Symbolon: does the treatment help, and whom? A server finds out that can read no record');
  teller.scene('The patients, and who sees what');
  const file = join(folder, 'patients.csv');
  await writeTreatedPatients(file, treatedPatients({ patients, seed }));
  const script = {
    source: dataSource(file),
    name: 'patients',
    patient: 'pid',
    minPatients: 50,
    cuts: { age: ['40', '65'] },
  };
  const rehearsal = new OutsourceRehearsal(script, join(folder, 'roles'), cleanup);
  const inspection = await rehearsal.inspect();
  rehearsal.exchangeCards(await rehearsal.makeHomes());
  await rehearsal.startServer();
  const { outsourced } = await rehearsal.seal(inspection);
  const uploading = performance.now();
  const sent = await progress.step(`${number(patients)} patients encrypted and uploaded`, (update) =>
    rehearsal.upload((done, of) => update(`${done} of ${counted(of, 'chunk')}`)),
  );
  const encrypt = (performance.now() - uploading) / 1000;
  teller.tell(
    `${number(patients)} made-up patients: ${outsourced.columns.map(({ name }) => name).join(', ')}. The server has ${bytes(sent)} of ciphertexts, ` +
      `${(sent / patients).toFixed(0)} bytes a patient, and the names of columns and values; the hospital keeps the key, and who is who.`,
  );

  const asked: Asked[] = [];
  for (const name of names) {
    const study = parseStudyFile(textOf(join(example, `${name}.yaml`)));
    teller.scene(study.title);
    const one = await progress.step('The question, over encrypted patients', (update) =>
      ask(rehearsal, study, (done, of) => update(`${done} of ${counted(of, 'chunk')}`)),
    );
    const { method, result } = one.answered;
    teller.show(
      method === null
        ? table(
            result.columns,
            result.rows.map((row) => row.map((value) => value ?? 'withheld')),
          )
        : methodText(method),
    );
    teller.tell(wordsOf(one));
    asked.push(one);
  }
  await rehearsal.stop();
  const good = asked.every(({ equalsClear }) => equalsClear);
  return {
    json: {
      job: 'efficacy',
      patients,
      seed,
      bytesPerPatient: sent / patients,
      seconds: { encrypt, total: (performance.now() - start) / 1000 },
      studies: asked.map(({ study, answered, equalsClear, found }) => ({
        study: study.name,
        equalsClear,
        seconds: answered.seconds,
        ...(found === null ? {} : found),
      })),
    },
    text: good ? 'Each equals the same question in the clear.' : 'NOT ALL equal the same question in the clear.',
    exitCode: good ? 0 : 1,
    afterwards: () => {
      ui.say('Next, on fresh data, or a file of yours:');
      ui.say(`  npm run efficacy -- --seed ${/^\d{1,9}$/.test(seed) ? Number(seed) + 1 : 2}`);
      ui.say('  npm run symbolon -- rehearse outsource --help');
    },
  };
}

/** A question with its answer, and what it found beside what was put in. */
interface Asked {
  readonly study: Study;
  readonly answered: Answered;
  readonly equalsClear: boolean;
  readonly found: { readonly found: number | null; readonly put: number; readonly covers: boolean } | null;
}

async function ask(
  rehearsal: OutsourceRehearsal,
  study: Study,
  onProgress: (done: number, of: number) => void,
): Promise<Asked> {
  const answered = await rehearsal.ask(study, onProgress);
  const { equalsClear } = await rehearsal.compare(answered);
  return { study, answered, equalsClear, found: findingOf(study.name, answered.method) };
}

function findingOf(name: string, method: MethodResult | null): Asked['found'] {
  const [wanted, value] = put[name] ?? [];
  const estimate = method?.estimates.find((one) => one.name === wanted);
  if (estimate === undefined || value === undefined) return null;
  return { found: estimate.value, put: value, covers: coversValue(estimate, value) };
}

function coversValue({ interval }: Estimate, value: number): boolean {
  if (interval === null) return false;
  return (interval.low ?? Number.NEGATIVE_INFINITY) <= value && value <= (interval.high ?? Number.POSITIVE_INFINITY);
}

function wordsOf({ answered: { seconds }, equalsClear, found }: Asked): string {
  const time = `The server took ${seconds.evaluate.toFixed(1)} s, decrypting and checking ${seconds.open.toFixed(1)} s.`;
  const same = equalsClear
    ? 'It equals the same question in the clear.'
    : 'It DIFFERS from the same question in the clear.';
  if (found === null) return `${time} ${same}`;
  return `${time} ${same} Put into the data was ${found.put.toFixed(2)}, which the interval ${found.covers ? 'covers' : 'does not cover'}.`;
}
