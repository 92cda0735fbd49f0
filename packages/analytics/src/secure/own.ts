import { fault, sha256, utf8 } from '@symbolon/crypto';
import { quoteName } from '@symbolon/sql';
import { type BoundNode, joinedOn, localSql } from '../sql/index.ts';
import type { Rows } from './columns.ts';
import { rangeOf } from './nodes.ts';
import { encodeRules, type OwnRule, type RuleMeans, ruleLocals, withLocals } from './own-rules.ts';

/** A local node's value: whole numbers and places as bigint. */
export type Scalar = bigint | boolean | string | null;

/** What an owner computes of its own table, row by row. It never leaves the owner as it is. */
export interface OwnTable {
  readonly patients: readonly string[];
  /** Of its join, canonical; null where a column of it is NULL: such a row joins nothing. Without joins by columns all are null. */
  readonly keys: readonly (string | null)[];
  /** By node, each value within its node's type. */
  readonly locals: ReadonlyMap<number, readonly Scalar[]>;
  /** Where the linkage is known to both sides: with the rows of each party of the hub, the bin of each row; undefined for a row that is linked with none. */
  readonly bins?: Readonly<Record<string, readonly (number | undefined)[]>>;
  /** For each join by a match rule, by the alias of its spoke. */
  readonly matched?: ReadonlyMap<string, OwnRule>;
}

/** What an owner asks its own database, for `readOwn`. Columns that are to be normalised are so in it. @param relation its rows of the table, as SQL names them */
export function ownSql(rows: Rows, alias: string, relation: string): string {
  const rules = ruleLocals(rows, alias);
  const columns = [patientOf(rows, alias), ...keyColumns(rows, alias)].map(
    (column) => `CAST(${quoteName(alias)}.${quoteName(column)} AS VARCHAR)`,
  );
  const locals = ownNodes(rows, alias).map(([, node]) => localSql(node));
  const selected = [...columns, ...locals, ...rules.map(({ name }) => name)].join(', ');
  return `SELECT ${selected} FROM ${withLocals(relation, rules)} AS ${quoteName(alias)}`;
}

/**
 * Reads what `ownSql` gave, and checks each value against its node. Runs at: the owner.
 *
 * @param means for joins by match rules, whose expressions it encodes
 * @throws SymbolonError `data-out-of-range` naming row and column, never the value
 */
export function readOwn(
  rows: Rows,
  alias: string,
  result: readonly (readonly unknown[])[],
  means?: RuleMeans,
): OwnTable {
  const count = keyColumns(rows, alias).length;
  const { name } = rows.tables.find((table) => table.alias === alias)!;
  const locals = ownNodes(rows, alias).map(([at, node], i) => {
    const column = result.map((row, number) => scalarOf(node, row[1 + count + i], { table: name, row: number + 1 }));
    return [at, column] as const;
  });
  const keys = result.map((row) => {
    const parts = row.slice(1, 1 + count);
    return count === 0 || parts.includes(null) ? null : JSON.stringify(parts);
  });
  const matched = encodeRules(rows, alias, result, 1 + count + locals.length, means);
  const own = { patients: result.map((row) => String(row[0])), keys, locals: new Map(locals) };
  return matched.size === 0 ? own : { ...own, matched };
}

/** 32 bytes by which rows of two tables meet. One short hash: there is one for every row. */
export function keyDigest(key: string): Uint8Array {
  return sha256(utf8(`symbolon study key ${key}`));
}

function patientOf({ tables }: Rows, alias: string): string {
  return tables.find((table) => table.alias === alias)!.patient;
}

/** The columns of the join, in one order at all parties: by the hub's names. */
function keyColumns({ tables, joins }: Rows, alias: string): string[] {
  const isHub = alias === tables[0]!.alias;
  const join = joins.find((each) => each.kind === 'keys' && (isHub || each.spoke === alias));
  return (join === undefined ? [] : [...joinedOn(join)])
    .sort(([x], [y]) => (x < y ? -1 : 1))
    .map(([hub, spoke]) => (isHub ? hub : spoke));
}

function ownNodes({ nodes }: Rows, alias: string): (readonly [at: number, node: BoundNode])[] {
  return nodes.flatMap((node, at) => (node.op === 'local' && node.table === alias ? [[at, node] as const] : []));
}

function scalarOf(node: BoundNode, value: unknown, { table, row }: { table: string; row: number }): Scalar {
  const outside = (what: string): Error =>
    fault('data-out-of-range', `row ${row} of ${table}: ${node.sql} ${what}`, { culprit: table });
  if (value === null || value === undefined) {
    if (!node.nullable) throw outside('is missing, and the agreement requires it');
    return null;
  }
  const { type } = node;
  if (type.kind === 'boolean' || type.kind === 'text') return value as boolean | string;
  const [lo, hi] = rangeOf(type);
  const number = BigInt(value as bigint | number | string);
  if (number < lo || number > hi) throw outside('is outside the range that the agreement gives it');
  return number;
}
