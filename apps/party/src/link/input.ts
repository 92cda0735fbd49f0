import { type Table as AgreedTable, type Agreement, type LinkAgreement, requireLink } from '@symbolon/agreement';
import { fault, type Rng, randomOrder } from '@symbolon/crypto';
import type { Kernels } from '@symbolon/kernels';
import {
  type CompiledRule,
  compileRule,
  encodeKeys,
  encodePairs,
  encodeParts,
  keyEquality,
  type LinkRules,
  type LocalTable,
  type NumberedKeys,
  normalise,
  type PsiKeys,
} from '@symbolon/linkage';
import { type DuckDb, openDuckDb } from '@symbolon/service';
import { type BlockingKey, compileKeys, keysOf, localTables } from '../agreements/blocking.ts';
import type { LeftOut } from '../data/left-out.ts';
import { loadTable, requireUnique } from '../data/load.ts';
import { type DataSource, place } from '../data/source.ts';
import type { Table, TableColumn, Value } from '../data/table.ts';
import { codePoints, formatDays, formatDecimal } from '../data/values.ts';
import type { DatasetInfo } from '../datasets/datasets.ts';
import { agreedColumns } from '../datasets/describe.ts';
import type { Screen } from '../subjects/screen.ts';
import { permuteRows } from './permutation.ts';

/** One side's records, ready to be encoded. Prints as a count: it holds records. */
export interface LinkInput {
  readonly rules: LinkRules;
  /** What all pairs are held against: the rule, and with blocking one key at least. */
  readonly whole: CompiledRule;
  readonly rule: CompiledRule;
  readonly rows: number;
  /** The rule's local expressions, row by row of the source; for the clear run too. */
  readonly locals: LocalTable;
  /** The value of the key column as text, row by row. */
  key(row: number): string | null;
  /** Which record of the source a row is, from 0: others may have been left out. */
  record(row: number): number;
  /** Records of the source that take no part. */
  readonly leftOut: number;
  /** Lets go of what is not needed once the records are encoded: all but the keys. */
  release(): void;
  /** The records as a run takes them; `order[i]` is the source's row of number i. */
  inOrder(order: Uint32Array): Records;
  toString(): string;
}

/** One side's records in the secret order of one run, as a program takes them. */
export interface Records {
  /** Of a comparison of all pairs by the whole rule, as `encodePairs` gives them. */
  vectors(leaf: number, kernels: Kernels): Uint8Array[];
  /** Of an intersection by key. */
  keys(): NumberedKeys;
  /** Of a run by blocking, in the order of the source: the keys, and the parts of the rule's leaves. */
  blocks(kernels: Kernels): { readonly keys: PsiKeys[]; readonly columns: Uint8Array[] };
}

/** One side's records in the secret order of one run. */
export interface RunTable {
  readonly input: LinkInput;
  /** The own source row of each number. */
  readonly order: Uint32Array;
  readonly records: Records;
  /** Of the data set as it was read, where studies may join by the pairs; `fingerprint`. */
  readonly data?: string;
  /** Who takes no part, as it was when the table was read. */
  readonly screen: Screen;
}

/** Numbers the rows by a fresh secret permutation: for one run, never for two. */
export function numberRows(input: LinkInput, rng: Rng): Omit<RunTable, 'screen'> {
  const order = randomOrder(input.rows, rng);
  return { input, order, records: input.inOrder(order) };
}

/** The match rule of an agreement, compiled. Opens a DuckDB for the parser unless it is given one. */
export async function compileAgreement(agreement: Agreement, parser?: DuckDb): Promise<CompiledRule> {
  return (await compileRules(requireLink(agreement), parser)).rule;
}

/** Everything that an agreement compares, compiled: the rule, the blocking keys, and what both come to for all pairs. */
export interface AgreedRules extends LinkRules {
  readonly keys: readonly BlockingKey[];
  readonly whole: CompiledRule;
}

/** Opens a DuckDB for the parser unless it is given one. */
export async function compileRules(agreement: LinkAgreement, parser?: DuckDb): Promise<AgreedRules> {
  const { tables, link } = agreement;
  const columns = { a: tables.a.columns, b: tables.b.columns };
  const duck = parser ?? (await openDuckDb({ threads: 1 }));
  try {
    const rule = await compileRule(link.rule, columns, duck);
    if (link.blocking === undefined) {
      if (!countsKeys(agreement, rule)) return { rule, whole: rule, keys: [] };
      const keys = [{ sql: link.rule, rule }];
      return { rule, whole: rule, keys, blocking: { keys: 1, cap: 1, candidates: rule } };
    }
    const { keys: conditions, cap } = link.blocking;
    const keys = await compileKeys(conditions, columns, duck);
    const whole = await compileRule(`(${link.rule}\n) AND (${conditions.map(inBrackets).join(' OR ')})`, columns, duck);
    return { rule, whole, keys, blocking: { keys: keys.length, cap, candidates: whole } };
  } finally {
    if (parser === undefined) duck.close();
  }
}

/**
 * Whether a link counts the keys that both tables have: one-to-one by one equality, of which only the number is revealed. An intersection by
 * key would tell more; with the rule as the blocking key, and one row of each key on a side, nothing of all pairs is missed.
 */
function countsKeys({ link }: LinkAgreement, rule: CompiledRule): boolean {
  return link.reveal === 'count' && link.cardinality === 'one-to-one' && keyEquality(rule) !== undefined;
}

// A line feed ends a comment.
function inBrackets(condition: string): string {
  return `(${condition}\n)`;
}

/**
 * Loads one side's table as the agreement wants it: agreed columns, values held against their types, keys unique, texts that the rule
 * compares normalised; then computes the rule's local expressions in a DuckDB that can reach nothing. Runs at: the owner. Nothing leaves.
 */
export async function loadInput(params: {
  agreement: Agreement;
  side: 'a' | 'b';
  source: DataSource;
  found: Pick<DatasetInfo, 'columns'>;
  /** Records that take no part. */
  leftOut?: LeftOut | undefined;
  memory?: string;
  seconds?: number;
}): Promise<LinkInput> {
  const { side, source, found, leftOut } = params;
  const agreement = requireLink(params.agreement);
  const agreed = agreement.tables[side];
  const { memory, seconds } = params;
  const duck = await openDuckDb({
    threads: 1,
    ...(memory === undefined ? {} : { memory }),
    ...(seconds === undefined ? {} : { seconds }),
  });
  try {
    const { rule, whole, keys: blockingKeys, ...rest } = await compileRules(agreement, duck);
    const compiled = [rule, whole, ...blockingKeys.map((key) => key.rule)];
    const used = new Set(compiled.flatMap(({ locals }) => locals[side].flatMap(({ columns }) => columns)));
    const columns = agreedColumns(agreed, found);
    for (const [name, column] of Object.entries(columns)) {
      // A text that nothing compares cannot break a rule; a number or date can.
      column.unread = column.type === 'text' && !used.has(name) && name !== agreed.key;
    }
    const raw = await loadTable(source, columns, { maxRows: agreed.maxRows }, leftOut);
    if (agreed.key !== undefined) requireUnique(raw, agreed.key);
    const keys = agreed.key === undefined ? undefined : keyTexts(raw, agreed.key);
    const table = normaliseTable(raw.only(used), agreed);
    const tables = (await localTables(table, side, compiled, duck)) as [LocalTable, LocalTable, ...LocalTable[]];
    const { rows } = table;
    const [locals] = tables;
    const places = raw.only(new Set());
    const equality = keyEquality(rule);
    const compared = equality === undefined ? undefined : encodeKeys(rule, equality, side, locals);
    return {
      rules: { rule, ...rest },
      whole,
      rule,
      rows,
      locals,
      key: (row) => keys?.[row] ?? null,
      record: (row) => places.record(row),
      leftOut: places.leftOut,
      release: () => {
        for (const { columns } of tables) (columns as unknown[]).length = 0;
      },
      inOrder: (order) => ({
        vectors: (leaf, kernels) =>
          encodePairs(whole, leaf, side, tables[1], kernels).map((rows) => permuteRows(rows, order)),
        keys: () => ({ ...compared!, order: order.slice() }),
        blocks: (kernels) => ({
          keys: blockingKeys.map((key, i) => keysOf(key, side, tables[2 + i]!)),
          columns: rule.leaves.flatMap((_, leaf) => encodeParts(rule, leaf, side, locals, kernels)),
        }),
      }),
      toString: () => `[input of ${rows} rows]`,
    };
  } finally {
    duck.close();
  }
}

/** Normalises the texts of a table that has some of the agreed columns; one of which nothing is left is no value. Throws `data-out-of-range` for one that is too long. */
export function normaliseTable(table: Table, agreed: AgreedTable): Table {
  let result = table;
  for (const [name, column] of Object.entries(agreed.columns)) {
    if (column.type !== 'text' || !table.columns.has(name)) continue;
    const values = table.column(name).map((value, row): Value => {
      if (typeof value !== 'string') return value;
      const text = normaliseText(column, value);
      if (text === null || text.length <= column.maxLength || codePoints(text) <= column.maxLength) return text;
      const where = `${table.label}, ${place(table.unit, table.line(row), name)}`;
      throw fault(
        'data-out-of-range',
        `${where}: the value has, normalised, more than the agreed ${column.maxLength} characters`,
        { culprit: where },
      );
    });
    result = result.with(name, { type: 'text', scale: 0, values });
  }
  return result;
}

/** A text as it is compared, or null where nothing is left of it. */
export function normaliseText(
  { normalise: steps }: { normalise: Parameters<typeof normalise>[0] },
  text: string,
): string | null {
  const result = normalise(steps, text);
  return result === '' ? null : result;
}

function keyTexts(table: Table, name: string): (string | null)[] {
  const { type, scale, values }: TableColumn = table.columns.get(name)!;
  return values.map((value) => {
    if (value === null) return null;
    if (typeof value === 'bigint') return type === 'date' ? formatDays(value) : formatDecimal(value, scale);
    return String(value);
  });
}
