import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Evaluators, type Spent } from '@symbolon/compute';
import { generateSigningKey, insecureTestRng } from '@symbolon/crypto';
import {
  bandId,
  Checks,
  type Circuit,
  CircuitEvaluator,
  type ColumnSpec,
  columnsOf,
  digitsOf,
  encodeChunk,
  generateKeys,
  type Layout,
  layOut,
  openTotals,
  type Row as PatientRow,
  readRecord,
  recordBytes,
  resultKey,
  SlotCipher,
  signRecord,
  type TableKeys,
  uploadBytes,
  valueId,
} from '@symbolon/fhe';

import { type Row, row, rowAtLeast } from './row.ts';

const patients = 100_000;
// With the column of rows, and one for each that may be missing: 13 encrypted columns.
const specs: readonly ColumnSpec[] = [
  { name: 'age', kind: 'number', min: 18, max: 89, cuts: [40] },
  { name: 'sex', kind: 'category', values: ['f', 'm'] },
  { name: 'treated', kind: 'category', values: ['true'] },
  { name: 'cost', kind: 'number', min: 0, max: 5000 },
];
const ids = (layout: Layout): string[] => layout.columns.map(({ id }) => id);

/** Women of 40 and more: how many, how many treated, and what they and the treated cost: four aggregates, a filter on two columns. */
function efficacy(layout: Layout): Circuit {
  const [cost] = digitsOf(layout, 'cost');
  return {
    nodes: [
      { op: 'columns', columns: [bandId('age', 1)] },
      { op: 'columns', columns: [valueId('sex', 'f')] },
      { op: 'product', left: 0, right: 1 },
      { op: 'columns', columns: [valueId('treated', 'true')] },
      { op: 'product', left: 2, right: 3 },
      { op: 'columns', columns: [cost!.id] },
      { op: 'product', left: 2, right: 5 },
      { op: 'product', left: 4, right: 5 },
    ],
    outputs: [2, 4, 6, 7],
  };
}

/** Encryption, what is uploaded of it, and a question, on one core; the answer against plain arithmetic. */
export async function run(): Promise<Row[]> {
  const rows = generated(patients);
  const layout = layOut(specs, patients);
  const checks = new Checks(layout, insecureTestRng('checks')(32));
  const keys = await generateKeys();
  await encrypt(layout, checks, keys, rows.slice(0, layout.rowsOfChunk));
  const begun = performance.now();
  const stored = await encrypt(layout, checks, keys, rows);
  const encrypting = (performance.now() - begun) / 1000;
  const circuit = efficacy(layout);
  await evaluate(circuit, keys, stored, layout.chunks);
  const small = await evaluate(circuit, keys, stored, layout.chunks);
  const totals = openTotals(
    { layout, checks, circuit },
    [{ first: 0, chunks: layout.chunks, results: small.results }],
    resultKey(keys),
  );
  const chosen = rows.filter(([age, sex]) => Number(age) >= 40 && sex === 'f');
  const treated = chosen.filter((one) => one[2] === 'true');
  const sum = (of: readonly PatientRow[]): number => of.reduce((total, one) => total + Number(one[3]), 0);
  const wrong = [chosen.length, treated.length, sum(chosen), sum(treated)].filter((value, i) => value !== totals[i]);
  // A table of a million has ten times the chunks; which ones they are makes no difference to the time.
  const large = await evaluate(circuit, keys, stored, Math.ceil(1_000_000 / layout.rowsOfChunk));
  const workers = await twoWorkers(circuit, keys, stored);
  const count = ids(layout).length;
  const memory = process.memoryUsage.rss() / 2 ** 20;
  return [
    row('outsource', `encryption of ${count} columns`, patients, encrypting, 's', 1.5),
    row(
      'outsource',
      `upload of ${count} columns, a patient`,
      patients,
      (count * layout.chunks * uploadBytes) / patients,
      'B',
      450,
    ),
    row('outsource', 'evaluation, a filter on two columns, 4 aggregates', patients, small.seconds, 's', 0.6),
    row('outsource', 'evaluation, a filter on two columns, 4 aggregates', 1_000_000, large.seconds, 's', 6),
    row('outsource', 'numbers that differ from plain arithmetic', patients, wrong.length, 'numbers', 0),
    row('outsource', 'memory, owner and server in one process', 1_000_000, memory, 'MiB', 1024),
    ...workers,
  ];
}

/**
 * The compute server's own processes over files of a million patients, waiting as they do in a server: from the question to its results, one against two, in turns, the best of each, so that others
 * on the machine disturb both alike. Where two cores are not free, wall time cannot show it; the processor time of the busier says what it would be.
 */
async function twoWorkers(circuit: Circuit, keys: TableKeys, stored: Map<string, Uint8Array[]>): Promise<Row[]> {
  const folder = mkdtempSync(join(tmpdir(), 'symbolon-bench-'));
  const chunks = Math.ceil(1_000_000 / layOut(specs, patients).rowsOfChunk);
  const files: Record<string, string> = {};
  for (const [i, id] of [...new Set(circuit.nodes.flatMap(columnsOf))].entries()) {
    files[id] = join(folder, String(i));
    const records = stored.get(id)!;
    writeFileSync(
      files[id],
      Buffer.concat(Array.from({ length: chunks }, (_, chunk) => records[chunk % records.length]!)),
    );
  }
  const best = [1, 2].map(() => ({
    all: Number.POSITIVE_INFINITY,
    seconds: Number.POSITIVE_INFINITY,
    cpuSeconds: Number.POSITIVE_INFINITY,
  }));
  const most = (spent: readonly Spent[], of: keyof Spent): number => Math.max(...spent.map((one) => one[of]));
  try {
    for (let turn = 0; turn < 3; turn++) {
      for (const [i, processes] of [1, 2].entries()) {
        const evaluators = new Evaluators({ processes, megabytes: 1024, spares: processes });
        await evaluators.fill();
        const following = { signal: AbortSignal.timeout(120_000), onChunk: () => {} };
        const begun = performance.now();
        const question = { circuit, evaluation: keys.evaluation, files, chunks, models: new Map() };
        const { spent } = await evaluators.evaluate(question, following);
        const { all, seconds, cpuSeconds } = best[i]!;
        best[i] = {
          all: Math.min(all, (performance.now() - begun) / 1000),
          seconds: Math.min(seconds, most(spent, 'seconds')),
          cpuSeconds: Math.min(cpuSeconds, most(spent, 'cpuSeconds')),
        };
        evaluators.close();
      }
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  const [one, two] = best as [(typeof best)[number], (typeof best)[number]];
  const million = (name: string, value: number, unit: string): Row => row('outsource', name, 1_000_000, value, unit);
  return [
    rowAtLeast(
      'outsource',
      'two processes, times as fast as one, everything counted (at least)',
      1_000_000,
      one.all / two.all,
      '×',
      1.7,
    ),
    million('the same by processor time of the busier', one.cpuSeconds / two.cpuSeconds, '×'),
    million('one process, everything counted', one.all, 's'),
    million('two processes, everything counted', two.all, 's'),
  ];
}

async function encrypt(
  layout: Layout,
  checks: Checks,
  keys: TableKeys,
  rows: readonly PatientRow[],
): Promise<Map<string, Uint8Array[]>> {
  const signer = generateSigningKey(insecureTestRng('signer'));
  const table = new Uint8Array(32);
  const stored = new Map<string, Uint8Array[]>(ids(layout).map((id) => [id, []]));
  const encryptor = await SlotCipher.open(keys);
  for (let chunk = 0; chunk * layout.rowsOfChunk < rows.length; chunk++) {
    const first = chunk * layout.rowsOfChunk;
    const slots = encodeChunk(layout, checks, chunk, rows.slice(first, first + layout.rowsOfChunk), first);
    for (const [column, { id }] of layout.columns.entries()) {
      const upload = signRecord(encryptor.encrypt(slots[column]!), { table, column, chunk }, signer);
      stored.get(id)!.push(upload.slice(-recordBytes));
    }
  }
  encryptor.close();
  return stored;
}

async function evaluate(circuit: Circuit, keys: TableKeys, stored: Map<string, Uint8Array[]>, chunks: number) {
  const evaluator = await CircuitEvaluator.open(circuit, keys.evaluation);
  const start = performance.now();
  for (let chunk = 0; chunk < chunks; chunk++) {
    await evaluator.add((id) => {
      const records = stored.get(id)!;
      return readRecord(records[chunk % records.length]!);
    });
  }
  const results = evaluator.finish();
  return { results, seconds: (performance.now() - start) / 1000 };
}

function generated(count: number): PatientRow[] {
  const bytes = insecureTestRng('patients')(count * 8);
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  return Array.from({ length: count }, (_, i) => {
    const draw = (at: number, below: number): number => view.getUint16(8 * i + 2 * at, true) % below;
    return [18 + draw(0, 72), draw(1, 2) === 0 ? 'f' : 'm', draw(2, 5) < 2 ? 'true' : null, draw(3, 5001)];
  });
}
