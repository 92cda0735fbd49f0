import type { Table as AgreedTable, Agreement } from '@symbolon/agreement';
import { fault } from '@symbolon/crypto';
import {
  type CompiledRule,
  clearSql,
  encodeLeaf,
  evaluate,
  type LocalTable,
  type PsiKeys,
  prepareClear,
  shapeOf,
} from '@symbolon/linkage';
import { type DuckDb, openDuckDb } from '@symbolon/service';
import { convertColumn } from '../data/convert.ts';
import { Table, type TableColumn } from '../data/table.ts';
import { compileAgreement, normaliseTable } from '../link/input.ts';
import { type BlockingKey, compileBlocking, keysOf, localTables } from './blocking.ts';

/** One record, by the agreement's column names; missing columns have no value. */
export type ExampleRecord = Readonly<Record<string, string | null>>;

/** What a rule says of one example pair. */
export interface TryRow {
  readonly verdict: boolean;
  /** Every comparison of the rule, in its order: what it is, and whether it holds. In a real run nobody learns these. */
  readonly comparisons: readonly { readonly text: string; readonly holds: boolean }[];
  /** Every blocking key of the agreement, and whether the two records agree on it; none where all pairs are compared. */
  readonly blocking: readonly { readonly text: string; readonly agrees: boolean }[];
  /** The values that are compared, as each owner would compute them. */
  readonly values: {
    readonly a: Readonly<Record<string, string | null>>;
    readonly b: Readonly<Record<string, string | null>>;
  };
}

/** Pairs that can be tried at once: each stands for itself, so there is no need for many. */
const maxPairs = 1000;

/**
 * Runs a rule on example pairs, in the clear, the way a link would: normalisation, local expressions, encodings, comparisons. Holds the
 * verdicts against DuckDB's own reading of the rule.
 */
export async function tryRule(
  agreement: Agreement,
  pairs: readonly { readonly a: ExampleRecord; readonly b: ExampleRecord }[],
): Promise<TryRow[]> {
  if (pairs.length === 0) return [];
  if (pairs.length > maxPairs) throw fault('request-invalid', `at most ${maxPairs} pairs can be tried at once`);
  const duck = await openDuckDb({ threads: 1 });
  try {
    const rule = await compileAgreement(agreement, duck);
    const blocking = await compileBlocking(agreement, duck);
    const localsOf = async (side: 'a' | 'b'): Promise<[LocalTable, ...LocalTable[]]> => {
      const records = pairs.map((pair) => pair[side]);
      const table = exampleTable(side, agreement.tables[side], records);
      const all = await localTables(table, side, [rule, ...blocking.map((key) => key.rule)], duck);
      return all as [LocalTable, ...LocalTable[]];
    };
    const [[a, ...keysA], [b, ...keysB]] = [await localsOf('a'), await localsOf('b')];
    const locals = { a, b };
    const agreeing = blocking.map((key, i) => agreements(key, keysA[i]!, keysB[i]!));
    const leaves = rule.leaves.map((_, leaf) => pairwise(rule, leaf, locals));
    const clear = await clearVerdicts(rule, locals, duck);
    return pairs.map((_, i) => {
      const values = leaves.map((leaf) => leaf[i]!);
      const verdict = evaluate(rule.verdict, (leaf) => values[leaf]!);
      if (verdict !== clear[i])
        throw fault('internal', `the compiled rule and DuckDB disagree on example pair ${i + 1}`);
      return {
        verdict,
        comparisons: rule.leaves.map(({ describe }, leaf) => ({ text: describe, holds: values[leaf]! })),
        blocking: blocking.map(({ sql }, key) => ({ text: sql, agrees: agreeing[key]![i]! })),
        values: { a: shown(rule, 'a', locals.a, i), b: shown(rule, 'b', locals.b, i) },
      };
    });
  } finally {
    duck.close();
  }
}

function exampleTable(side: 'a' | 'b', agreed: AgreedTable, records: readonly ExampleRecord[]): Table {
  for (const record of records) {
    const stranger = Object.keys(record).find((name) => !Object.hasOwn(agreed.columns, name));
    if (stranger === undefined) continue;
    throw fault('data-missing-column', `the agreement has no column ${side}.${stranger}`, { culprit: stranger });
  }
  // A column that no example has is a typing error, not a column of empty values.
  const missing = Object.keys(agreed.columns).filter(
    (name) => name !== agreed.key && !records.some((record) => Object.hasOwn(record, name)),
  );
  if (missing.length > 0) {
    throw fault('data-missing-column', `no example pair has ${missing.map((name) => `${side}.${name}`).join(', ')}`, {
      culprit: missing[0]!,
      hint: 'The examples need every column of the agreement, as a.NAME and b.NAME; a value may be empty.',
    });
  }
  const columns = new Map<string, TableColumn>();
  for (const [name, column] of Object.entries(agreed.columns)) {
    const texts = records.map((record) => record[name] ?? null);
    const where = (row: number) => `example pair ${row + 1}, ${side}.${name}`;
    const type = column.type === 'text' ? { type: 'text' as const } : column;
    const scale = column.type === 'number' ? (column.scale ?? 0) : 0;
    columns.set(name, { type: column.type, scale, values: convertColumn(name, texts, type, where) });
  }
  const lines = Uint32Array.from(records, (_, i) => i + 1);
  return normaliseTable(new Table('example pairs', 'row', lines, columns), agreed);
}

/** Whether the two records of each pair agree on a key. */
function agreements(key: BlockingKey, a: LocalTable, b: LocalTable): boolean[] {
  const [x, y] = [keysOf(key, 'a', a), keysOf(key, 'b', b)];
  const bytes = ({ data, offsets }: PsiKeys, row: number) => data.subarray(offsets[row], offsets[row + 1]);
  return Array.from(
    { length: a.rows },
    (_, row) => x.present[row] === 1 && y.present[row] === 1 && Buffer.compare(bytes(x, row), bytes(y, row)) === 0,
  );
}

/** The leaf for each pair, from the very vectors that a link multiplies. */
function pairwise(rule: CompiledRule, leaf: number, locals: Record<'a' | 'b', LocalTable>): boolean[] {
  const { inner, ring, constant } = shapeOf(rule.leaves[leaf]!);
  const [a, b] = [encodeLeaf(rule, leaf, 'a', locals.a), encodeLeaf(rule, leaf, 'b', locals.b)];
  const [x, y] = [new DataView(a.buffer, a.byteOffset, a.length), new DataView(b.buffer, b.byteOffset, b.length)];
  const word = (view: DataView, at: number): bigint => {
    if (ring === 16) return BigInt(view.getInt16(2 * at, true));
    return ring === 32 ? BigInt(view.getInt32(4 * at, true)) : view.getBigInt64(8 * at, true);
  };
  return Array.from({ length: locals.a.rows }, (_, row) => {
    let sum = constant;
    for (let i = row * inner; i < (row + 1) * inner; i++) sum += word(x, i) * word(y, i);
    return sum >= 0n;
  });
}

async function clearVerdicts(
  rule: CompiledRule,
  locals: Record<'a' | 'b', LocalTable>,
  duck: DuckDb,
): Promise<boolean[]> {
  for (const side of ['a', 'b'] as const) {
    const columns = prepareClear(rule, side, locals[side]);
    const names = columns.map(({ name, sqlType }) => `"${name}" ${sqlType}`);
    await duck.query(`CREATE TABLE "clear ${side}" (${['"symbolon pair" INTEGER', ...names].join(', ')})`);
    for (let row = 0; row < locals[side].rows; row++) {
      const values = columns.map((column) => column.values[row] as never);
      const places = ['$1', ...columns.map((_, i) => `$${i + 2}`)];
      await duck.query(`INSERT INTO "clear ${side}" VALUES (${places.join(', ')})`, [row, ...values]);
    }
  }
  const rows = await duck.query(
    `SELECT coalesce(${clearSql(rule)}, FALSE) AS verdict FROM "clear a" AS a JOIN "clear b" AS b USING ("symbolon pair") ORDER BY "symbolon pair"`,
  );
  return rows.map(({ verdict }) => verdict === true);
}

function shown(
  rule: CompiledRule,
  side: 'a' | 'b',
  { columns }: LocalTable,
  row: number,
): Record<string, string | null> {
  return Object.fromEntries(
    rule.locals[side].map(({ sql }, i) => {
      const value = columns[i]![row];
      return [sql, value === null || value === undefined ? null : String(value)];
    }),
  );
}
