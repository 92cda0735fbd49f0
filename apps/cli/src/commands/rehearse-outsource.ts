import { basename, extname, join, resolve } from 'node:path';
import { parseStudyFile } from '@symbolon/analytics';
import type { Answered, SealedQuestion } from '@symbolon/party';
import type { Leaf } from '../command.ts';
import { cutsOf, cutsOption } from '../cuts-option.ts';
import { progressFor } from '../progress.ts';
import { refuseFaults } from '../rehearsal/faults.ts';
import { OutsourceRehearsal } from '../rehearsal/outsource.ts';
import { dataSource } from '../source.ts';
import { textOf } from '../study/agreement-file.ts';
import { methodText } from '../study/report-text.ts';
import { bytes, counted, facts, number, table, UsageError } from '../ui.ts';
import { rehearseHospitals } from './rehearse-hospitals.ts';

interface Options {
  sql?: string;
  study?: string;
  id: string;
  name?: string;
  cut: string[];
  minPatients: string;
  keep?: string;
}

/** `symbolon rehearse outsource`. */
export const rehearseOutsource: Leaf<Options> = {
  name: 'outsource <files...>',
  summary: 'ask a question of a table that an untrusted server holds encrypted, with both roles on this machine',
  description:
    'Encrypts a table of yours (levelled homomorphic encryption), uploads it to a server in a process of its own, and asks it a\n' +
    'question in SQL. The server computes on ciphertexts and never has the key; the answer is decrypted here, checked, and held\n' +
    'against the same question in the clear.\n' +
    'Three files or more are the tables of as many hospitals: each encrypts its own under a key of its own, and what they decrypt is\n' +
    'added up so that only the result of all together opens.',
  examples: [
    'symbolon rehearse outsource patients.csv --id pid --cut age=30,60 \\\n' +
      "      --sql 'SELECT treated, COUNT(*) AS n, AVG(cost) AS mean FROM patients WHERE age >= 30 AND age < 60 GROUP BY treated'",
  ],
  home: false,
  options: (command) =>
    command
      .option('--sql <select>', 'the question; the table has the name of the file, or that of --name')
      .option('--study <file>', 'the question as a study file, whose method may be a statistical one')
      .requiredOption('--id <column>', 'what tells patients apart; it is not encrypted')
      .option('--name <table>', 'name of the table in the question')
      .addOption(cutsOption())
      .option('--min-patients <k>', 'groups of fewer are withheld', '5')
      .option('--keep <folder>', 'keep the folders of both roles there, to look around'),
  run: async ({ ui, cleanup }, files, options) => {
    const start = performance.now();
    const { minPatients } = options;
    if (!/^[1-9]\d{0,5}$/.test(minPatients))
      throw new UsageError(`--min-patients is a number from 1, not ${minPatients}`);
    const question = questionOf(options);
    if (files.length === 2)
      throw new UsageError('of two hospitals each would learn what the other has; take three or more, or one');
    if (files.length > 5) throw new UsageError('at most five hospitals');
    const [file] = files as [string, ...string[]];
    const common = {
      name: options.name ?? basename(file, extname(file)),
      patient: options.id,
      minPatients: Number(minPatients),
      cuts: cutsOf(options.cut),
    };
    const folder = options.keep === undefined ? cleanup.temporaryFolder('symbolon-').path : resolve(options.keep);
    const kept = (compute: string): void => {
      if (options.keep !== undefined) ui.say(`Kept in ${folder}. The server's ciphertexts: ${compute}/tables`);
    };
    if (files.length > 1) {
      const script = { ...common, sources: files.map((each) => dataSource(each)), question: question.text };
      const result = await rehearseHospitals({ ui, cleanup }, script, folder);
      kept(join(folder, 'compute'));
      return result;
    }
    const script = { ...common, source: dataSource(file) };
    const rehearsal = new OutsourceRehearsal(script, folder, cleanup);
    const progress = progressFor(ui);

    const inspection = await progress.step('The table read, and types found', () => rehearsal.inspect());
    refuseFaults({ ...inspection, source: script.source });
    await progress.step('A hospital and a server, each with keys and certificates; the server started', async () => {
      rehearsal.exchangeCards(await rehearsal.makeHomes());
      await rehearsal.startServer();
    });
    const { outsourced, leftOut, rows } = await progress.step('Keys made, and the columns laid out', () =>
      rehearsal.seal(inspection),
    );
    if (leftOut.length > 0) ui.note(`  not encrypted, as they have too many values or none: ${leftOut.join(', ')}`);
    await progress.step('The question checked', () => rehearsal.check(question));
    const uploading = performance.now();
    const sent = await progress.step(`${number(rows)} rows encrypted and uploaded`, (update) =>
      rehearsal.upload((done, of) => update(`${done} of ${counted(of, 'chunk')}`)),
    );
    const encrypt = (performance.now() - uploading) / 1000;
    const answered = await progress.step('The question, over encrypted data', (update) =>
      rehearsal.ask(question, (done, of) => update(`${done} of ${counted(of, 'chunk')}`)),
    );
    const { equalsClear } = await progress.step('The question in the clear, and compared', () =>
      rehearsal.compare(answered),
    );
    await rehearsal.stop();
    kept(rehearsal.homes.compute);
    const { result, method, circuit, seconds } = answered;
    const json = {
      job: 'outsource',
      rows,
      equalsClear,
      columns: result.columns,
      result: result.rows,
      method,
      suppressed: result.cells.flatMap(({ suppressed }) => suppressed).filter(Boolean).length,
      seconds: { encrypt, ...seconds, total: (performance.now() - start) / 1000 },
      bytesPerPatient: sent / rows,
      serverSaw: {
        table: outsourced.name,
        columns: outsourced.columns.map(({ name }) => name),
        chunks: answered.chunks,
        nodes: circuit.nodes.length,
        results: circuit.outputs.length,
        plaintext: 0,
      },
    };
    return { json, text: answerText(json, answered), exitCode: equalsClear ? 0 : 1 };
  },
};

function answerText(
  found: {
    rows: number;
    equalsClear: boolean;
    suppressed: number;
    bytesPerPatient: number;
    seconds: { encrypt: number; evaluate: number; open: number };
  },
  { result, method, circuit, chunks }: Answered,
): string {
  const { seconds } = found;
  const shown = result.rows.map((row) => row.map((value) => value ?? 'withheld'));
  const s = (value: number): string => `${value.toFixed(2)} s`;
  return [
    method === null ? table(result.columns, shown) : methodText(method),
    facts([
      ['same as in the clear', found.equalsClear ? (method === null ? 'yes, to the digit' : 'yes') : 'NO'],
      ['numbers withheld', found.suppressed],
      [
        'the server saw',
        `names of columns, ${counted(chunks, 'chunk')}, ${counted(circuit.nodes.length, 'step')}; no value, no key`,
      ],
      ['uploaded', `${bytes(found.bytesPerPatient * found.rows)}, ${found.bytesPerPatient.toFixed(0)} bytes a patient`],
      [
        'time',
        `encrypt and upload ${s(seconds.encrypt)}, evaluate ${s(seconds.evaluate)}, decrypt and check ${s(seconds.open)}`,
      ],
    ]),
  ].join('\n');
}

function questionOf({ sql, study }: Options): SealedQuestion & { readonly text: string } {
  if ((sql === undefined) === (study === undefined)) throw new UsageError('the question is --sql or --study');
  if (sql !== undefined) return { sql, method: null, text: sql };
  const text = textOf(study!);
  return { ...parseStudyFile(text), text };
}
