import { insecureTestRng } from '@symbolon/crypto';
import {
  Checks,
  type Circuit,
  CircuitEvaluator,
  type ColumnSpec,
  encodeChunk,
  generateKeys,
  type Layout,
  layOut,
  type Part,
  proveCircuit,
  type Row,
  type Secrets,
  type SeededCiphertext,
  SlotCipher,
  type TableKeys,
} from '../src/index.ts';

/** A table with its keys at the owner, and its ciphertexts at the server. */
export interface Encrypted {
  readonly layout: Layout;
  readonly checks: Checks;
  readonly keys: TableKeys;
  /** By column, chunk after chunk. */
  readonly stored: ReadonlyMap<string, readonly SeededCiphertext[]>;
}

/** Encrypts a table, as its owner does. @param own keys, in place of fresh ones */
export async function encrypt(
  specs: readonly ColumnSpec[],
  rows: readonly Row[],
  seed: string,
  own?: TableKeys,
): Promise<Encrypted> {
  const layout = layOut(specs, rows.length);
  const checks = new Checks(layout, insecureTestRng(seed)(32));
  const keys = own ?? (await generateKeys());
  const encryptor = await SlotCipher.open(keys);
  const stored = new Map<string, SeededCiphertext[]>(layout.columns.map(({ id }) => [id, []]));
  for (let chunk = 0; chunk < layout.chunks; chunk++) {
    const first = chunk * layout.rowsOfChunk;
    const slots = encodeChunk(layout, checks, chunk, rows.slice(first, first + layout.rowsOfChunk), first);
    for (const [i, { id }] of layout.columns.entries()) stored.get(id)!.push(encryptor.encrypt(slots[i]!));
  }
  encryptor.close();
  return { layout, checks, keys, stored };
}

/** Evaluates a circuit over some chunks, as the server does. */
export async function evaluate(
  { layout, keys, stored }: Encrypted,
  circuit: Circuit,
  first = 0,
  chunks = layout.chunks,
  secrets?: Secrets,
): Promise<Part> {
  proveCircuit(circuit, new Map(layout.columns.map((column) => [column.id, column])), layout.chunks);
  const evaluator = await CircuitEvaluator.open(circuit, keys.evaluation, secrets);
  for (let chunk = first; chunk < first + chunks; chunk++) await evaluator.add((id) => stored.get(id)![chunk]!);
  return { first, chunks, results: evaluator.finish() };
}

/** What a circuit comes to over plain rows. */
export function clearTotals(
  layout: Layout,
  rows: readonly Row[],
  totals: (value: (id: string) => number) => number[],
): number[] {
  const columns = new Map(layout.columns.map((column) => [column.id, column]));
  const sums: number[] = [];
  for (const row of rows) {
    const values = totals((id) => {
      const { of, from } = columns.get(id)!;
      return of(row[from] ?? null);
    });
    for (const [i, value] of values.entries()) sums[i] = (sums[i] ?? 0) + value;
  }
  return sums;
}
