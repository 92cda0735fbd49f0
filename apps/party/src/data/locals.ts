import {
  BIGINT,
  BOOLEAN,
  DATE,
  DECIMAL,
  DuckDBDateValue,
  DuckDBDecimalValue,
  type DuckDBType,
  type DuckDBValue,
  INTEGER,
  VARCHAR,
} from '@duckdb/node-api';
import { SymbolonError } from '@symbolon/crypto';
import type { DuckDb } from '@symbolon/service';
import type { ColumnType } from './source.ts';
import type { Table, TableColumn, Value } from './table.ts';

/** A SQL expression over the columns of one table, to be evaluated where the table is. */
export interface LocalExpression {
  name: string;
  sql: string;
}

const order = '"symbolon row"';
let tables = 0;

/**
 * Evaluates expressions for every row of an (already normalised) table, in DuckDB, locked down first. An expression must
 * give text, a boolean, a date, a whole number or a DECIMAL.
 *
 * Throws `rule-syntax`, `rule-unknown-column`, `rule-unsupported` with the expression's name, and `data-out-of-range` where it
 * fails on a record (the message does not say which value).
 *
 * @param alias what the expressions call the table: `a` or `b`
 */
export async function evaluateLocals(
  table: Table,
  expressions: readonly LocalExpression[],
  duck: DuckDb,
  alias = 'a',
): Promise<Map<string, TableColumn>> {
  const result = new Map<string, TableColumn>();
  const computed: LocalExpression[] = [];
  for (const expression of expressions) {
    const column = plainColumn(table, expression.sql, alias);
    if (column === undefined) computed.push(expression);
    else result.set(expression.name, column);
  }
  if (computed.length === 0) return result;
  await duck.lockDown();
  for (const expression of computed) await checkSyntax(expression, duck);
  const stored = `symbolon table ${++tables}`;
  try {
    await storeTable(table, stored, duck);
    for (const { name, sql } of computed) {
      result.set(
        name,
        await evaluate(
          name,
          `SELECT (${sql}\n) FROM ${quoted(stored)} AS ${quoted(alias)} ORDER BY ${order}`,
          table.rows,
          duck,
        ),
      );
    }
  } finally {
    await duck.query(`DROP TABLE IF EXISTS ${quoted(stored)}`);
  }
  return result;
}

/** The column that an expression is, where it is no more: DuckDB would give it back as it went in. */
function plainColumn(table: Table, sql: string, alias: string): TableColumn | undefined {
  const name = /^([a-z_][a-z0-9_]*)\.([a-z_][a-z0-9_]*)$/.exec(sql);
  return name?.[1] === alias ? table.columns.get(name[2]!) : undefined;
}

/** One expression, and nothing after it: no second statement, no FROM of its own. */
async function checkSyntax({ name, sql }: LocalExpression, duck: DuckDb): Promise<void> {
  const tree = (await duck.serialize(`SELECT (${sql}\n)`)) as {
    error: boolean;
    error_message?: string;
    statements?: { node: { select_list?: unknown[]; from_table?: { type?: string }; modifiers?: unknown[] } }[];
  };
  if (tree.error) {
    throw new SymbolonError('rule-syntax', `expression '${name}': ${tree.error_message}`, { culprit: name });
  }
  const node = tree.statements![0]!.node;
  const single =
    tree.statements!.length === 1 &&
    node.select_list?.length === 1 &&
    node.from_table?.type === 'EMPTY' &&
    !node.modifiers?.length;
  if (!single)
    throw new SymbolonError('rule-syntax', `expression '${name}' is not one SQL expression`, { culprit: name });
}

/** Puts a table into DuckDB under this bare name, its rows numbered in the column "symbolon row". */
export async function storeTable(table: Table, name: string, duck: DuckDb): Promise<void> {
  const columns = [...table.columns];
  const types: DuckDBType[] = [...columns.map(([, column]) => duckType(column)), INTEGER];
  const definitions = columns.map(([column], i) => `${quoted(column)} ${types[i]}`);
  await duck.query(`CREATE TABLE ${quoted(name)} (${[...definitions, `${order} INTEGER`].join(', ')})`);
  const values = columns.map(([, column]) => duckValues(column));
  await duck.append(name, types, [...values, Array.from({ length: table.rows }, (_, row) => row)]);
}

function duckType({ type, scale }: { type: ColumnType; scale: number }): DuckDBType {
  return { text: VARCHAR, number: scale === 0 ? BIGINT : DECIMAL(18, scale), date: DATE, boolean: BOOLEAN }[type];
}

function duckValues({ type, scale, values }: TableColumn): readonly DuckDBValue[] {
  if (type === 'number' && scale > 0)
    return values.map((value) => (value === null ? null : new DuckDBDecimalValue(value as bigint, 18, scale)));
  if (type === 'date') return values.map((value) => (value === null ? null : new DuckDBDateValue(Number(value))));
  return values;
}

async function evaluate(name: string, sql: string, rows: number, duck: DuckDb): Promise<TableColumn> {
  const result = await duck.columns(sql).catch((cause: unknown) => {
    throw translated(name, cause);
  });
  const type = String(result.types[0]);
  const kind = resultType(type);
  if (kind === undefined) {
    throw new SymbolonError('rule-unsupported', `expression '${name}' gives ${type}, which is not exact`, {
      culprit: name,
      hint: 'Cast it to VARCHAR, BOOLEAN, DATE, BIGINT or DECIMAL(18, s).',
    });
  }
  if (result.rows !== rows) {
    throw new SymbolonError('rule-unsupported', `expression '${name}' does not give one value for each row`, {
      culprit: name,
    });
  }
  const scale = Number(/^DECIMAL\(\d+,(\d+)\)$/.exec(type)?.[1] ?? 0);
  return { type: kind, scale, values: result.values[0]!.map(fromDuck) };
}

function resultType(type: string): ColumnType | undefined {
  if (/^(U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?|UINTEGER|DECIMAL\(.*\))$/.test(type)) return 'number';
  return ({ VARCHAR: 'text', BOOLEAN: 'boolean', DATE: 'date' } as const)[type];
}

function fromDuck(value: DuckDBValue): Value {
  if (value instanceof DuckDBDecimalValue) return value.value;
  if (value instanceof DuckDBDateValue) return BigInt(value.days);
  return typeof value === 'number' ? BigInt(value) : (value as Value);
}

/** Messages of DuckDB's binder speak of names; those of its execution may quote a record and are dropped. */
function translated(name: string, cause: unknown): SymbolonError {
  const [kind = '', ...rest] = String((cause as Error).message)
    .split('\n', 1)[0]!
    .split(': ');
  if (/^(Binder|Catalog) Error/.test(kind)) {
    const message = rest.join(': ');
    const unknown = /column|table/i.test(message) && /not found|does not have/i.test(message);
    return new SymbolonError(unknown ? 'rule-unknown-column' : 'rule-unsupported', `expression '${name}': ${message}`, {
      culprit: name,
    });
  }
  if (/^INTERRUPT Error/.test(kind)) {
    return new SymbolonError('rule-unsupported', `expression '${name}' takes too long on this table`, {
      culprit: name,
    });
  }
  return new SymbolonError('data-out-of-range', `expression '${name}' fails on a record (${kind})`, {
    culprit: name,
    hint: 'Use TRY_CAST where a value may not convert.',
  });
}

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
