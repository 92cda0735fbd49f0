import { BIGINT, BOOLEAN, INTEGER, VARCHAR } from '@duckdb/node-api';
import { fault } from '@symbolon/crypto';
import { createKernels } from '@symbolon/kernels';
import { clearSql, prepareClear } from '@symbolon/linkage';
import { agreedName, type DataSource, type DatasetInfo, type LinkInput, loadTable } from '@symbolon/party';
import { type DuckDb, openDuckDb } from '@symbolon/service';
import { PairSet } from './pairs.ts';

const types = { VARCHAR, BIGINT, BOOLEAN, INTEGER };

/** Of each row the value of a blocking key, as text; null where it has none. */
type KeyTexts = readonly (string | null)[];

/** The clear run, and what the cap of the blocking keys may cut of it. */
export interface ClearRun {
  readonly pairs: PairSet;
  /** Whether every key that brings two rows together has more rows on a side than take part, so that the pair may be lost. */
  mayBeCut(left: number, right: number): boolean;
}

/**
 * The rule over both tables in the clear, by DuckDB, and with blocking one key at least equal: what the secure run must equal, pair by
 * pair. Possible only here, where one person has both files.
 *
 * @param cap rows of a block that take part on either side
 */
export async function clearRun(a: LinkInput, b: LinkInput, cap?: number): Promise<ClearRun> {
  const duck = await openDuckDb();
  try {
    const keys = cap === undefined ? [] : [a, b].map(blockingKeys);
    for (const [i, { rule, locals, rows }] of [a, b].entries()) {
      const side = i === 0 ? 'a' : 'b';
      const columns = prepareClear(rule, side, locals);
      const names = columns.map(({ name, sqlType }) => `${name} ${sqlType}`);
      const ofKeys = keys[i] ?? [];
      const keyNames = ofKeys.map((_, key) => `${keyName(key)} VARCHAR`);
      await duck.query(`CREATE TABLE ${side} (${['"symbolon row" INTEGER', ...names, ...keyNames].join(', ')})`);
      const values = columns.map((column) => column.values as (string | number | bigint | boolean | null)[]);
      const order = Array.from({ length: rows }, (_, row) => row);
      await duck.append(
        side,
        [INTEGER, ...columns.map(({ sqlType }) => types[sqlType]), ...ofKeys.map(() => VARCHAR)],
        [order, ...values, ...ofKeys.map((texts) => [...texts])],
      );
    }
    const rule = clearSql(a.rule);
    if (cap === undefined) return { pairs: await join(duck, rule, b.rows), mayBeCut: () => false };
    const conditions = keys[0]!.map((_, key) => `a.${keyName(key)} = b.${keyName(key)}`);
    return { pairs: await joinByKeys(duck, conditions, rule, b.rows), mayBeCut: cutting(keys, cap) };
  } finally {
    duck.close();
  }
}

function keyName(key: number): string {
  return `"symbolon key ${key}"`;
}

/** The blocking keys of each row, in the order of the file. */
function blockingKeys(input: LinkInput): KeyTexts[] {
  const order = Uint32Array.from({ length: input.rows }, (_, row) => row);
  const { keys } = input.inOrder(order).blocks(createKernels());
  return keys.map(({ data, offsets, present }) =>
    Array.from(present, (is, row) =>
      is === 0 ? null : Buffer.from(data.subarray(offsets[row], offsets[row + 1])).toString('base64'),
    ),
  );
}

function cutting([a, b]: readonly KeyTexts[][], cap: number): ClearRun['mayBeCut'] {
  const sizes = [a!, b!].map((keys) => keys.map(blockSizes));
  return (left, right) =>
    a!.every((texts, key) => {
      const text = texts[left]!;
      return text === null || text !== b![key]![right] || sizes.some((of) => of[key]!.get(text)! > cap);
    });
}

function blockSizes(texts: KeyTexts): Map<string, number> {
  const sizes = new Map<string, number>();
  for (const text of texts) if (text !== null) sizes.set(text, (sizes.get(text) ?? 0) + 1);
  return sizes;
}

/** A source as it stands in its file: for `--truth`. */
export interface RawTable {
  readonly source: DataSource;
  readonly info: DatasetInfo;
}

/** The pairs for which a condition over the raw columns of a and b holds. Throws `rule-syntax` with DuckDB's words. */
export async function truePairs(condition: string, a: RawTable, b: RawTable): Promise<PairSet> {
  const duck = await openDuckDb();
  try {
    await loadRaw(duck, 'a', a);
    await loadRaw(duck, 'b', b);
    await duck.lockDown();
    return await join(duck, condition, b.info.rows);
  } catch (error) {
    const words = error instanceof Error ? /\b[A-Z]\w+ Error: [^\n]*/.exec(error.message)?.[0] : undefined;
    if (words === undefined) throw error;
    throw fault('rule-syntax', `--truth: ${words}`, {
      culprit: '--truth',
      hint: 'Write a SQL condition over a and b and the columns of the two files, such as a.id = b.id.',
    });
  } finally {
    duck.close();
  }
}

async function loadRaw(duck: DuckDb, side: 'a' | 'b', { source, info }: RawTable): Promise<void> {
  const columns = Object.fromEntries(
    info.columns.map(({ name }) => [agreedName(name), { type: 'text' as const, from: name }]),
  );
  const table = await loadTable(source, columns, { maxRows: info.rows });
  const names = Object.keys(columns);
  await duck.query(
    `CREATE TABLE ${side} ("symbolon row" INTEGER, ${names.map((name) => `"${name}" VARCHAR`).join(', ')})`,
  );
  const order = Array.from({ length: table.rows }, (_, row) => row);
  await duck.append(side, [INTEGER, ...names.map(() => VARCHAR)], [order, ...names.map((name) => table.column(name))]);
}

const selected = 'SELECT a."symbolon row", b."symbolon row" FROM a JOIN b';

function join(duck: DuckDb, condition: string, rowsB: number): Promise<PairSet> {
  return pairsOf(duck, `${selected} ON (${condition}\n) ORDER BY 1, 2`, rowsB);
}

/** Pairs of equal keys for which the rule holds: a join by each key, which DuckDB does without looking at all pairs. */
function joinByKeys(duck: DuckDb, keys: readonly string[], rule: string, rowsB: number): Promise<PairSet> {
  const joined = keys.map((key) => `${selected} ON ${key} WHERE (${rule}\n)`);
  return pairsOf(duck, `${joined.join(' UNION ')} ORDER BY 1, 2`, rowsB);
}

async function pairsOf(duck: DuckDb, sql: string, rowsB: number): Promise<PairSet> {
  const { values } = await duck.columns(sql);
  const [left, right] = values as [number[], number[]];
  return new PairSet(
    left.map((row, i): [number, number] => [row, right[i]!]),
    rowsB,
  );
}
