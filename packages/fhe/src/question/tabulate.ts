import { type BoundNode, type BoundStudy, type Duck, localSql } from '@symbolon/analytics';
import { quoteName } from '@symbolon/sql';
import type { Domain } from './domains.ts';
import { unfit } from './unfit.ts';

/** What a node of a bound study comes to, for every combination of classes of the columns that it reads. */
export interface Tabulated {
  /** Places among the domains. */
  readonly domains: readonly number[];
  /** By the combination's classes, joined by commas: its value as DuckDB prints it, null for NULL. */
  readonly values: ReadonlyMap<string, string | null>;
}

/** Combinations of values that are tried, at most. */
const mostTried = 2 ** 24;

/**
 * Finds out what a node says of each class by trying all values that its columns can have: so that a condition on encrypted data means what DuckDB
 * says it means, NULL and all. Reads no record. Throws `circuit` where a condition tells apart what is in one band.
 * Runs at: whoever asks, and the owner, with the same result.
 */
export async function tabulate(
  { nodes, tables }: Pick<BoundStudy, 'nodes' | 'tables'>,
  at: number,
  domains: readonly Domain[],
  duck: Duck,
): Promise<Tabulated> {
  const node = nodes[at]!;
  const places = columnsRead(nodes, at).map((name) => {
    const place = domains.findIndex((domain) => domain.name === name);
    if (place < 0) throw unfit(`${name} was not encrypted`);
    return place;
  });
  const used = places.map((place) => domains[place]!);
  const tried = used.reduce((product, { size }) => product * size, 1);
  if (tried > mostTried)
    throw unfit(
      `${node.sql} can be asked of too many combinations of values; write conditions on fewer columns at once`,
    );
  const columns = used.map(({ name }, i) => `d${i}.value AS ${quoteName(name)}, d${i}.class AS symbolon_class_${i}`);
  const classes = used.map((_, i) => `symbolon_class_${i}`);
  const all = `SELECT ${['1 AS symbolon_one', ...columns].join(', ')} FROM (SELECT 1)${used.map(({ sql }, i) => `, (${sql}) AS d${i}`).join('')}`;
  const each = `SELECT ${[...classes, `CAST(${localSql(node)} AS VARCHAR) AS v`].join(', ')} FROM (${all}) AS ${quoteName(tables[0]!.alias)}`;
  const grouped = [...classes, 'min(v)', 'max(v)', 'count(v)', 'count(*)'].join(', ');
  const rows = await duck.rows(
    `SELECT ${grouped} FROM (${each})${classes.length === 0 ? '' : ` GROUP BY ${classes.join(', ')}`}`,
  );
  const values = new Map<string, string | null>();
  for (const row of rows) {
    const key = row.slice(0, classes.length).map(Number);
    const [least, most, known, count] = row.slice(classes.length) as [string | null, string | null, bigint, bigint];
    if (least !== most || (known !== 0n && known !== count)) throw unfit(within(node, used, key));
    values.set(key.join(), least);
  }
  return { domains: places, values };
}

/** The columns of the one table that a node is made of. */
function columnsRead(nodes: readonly BoundNode[], at: number): string[] {
  const node = nodes[at]!;
  if (node.op === 'local') return [...node.columns];
  if (node.op === 'constant') return [];
  return [...new Set(node.of.flatMap((operand) => columnsRead(nodes, operand)))];
}

function within({ sql }: BoundNode, domains: readonly Domain[], key: readonly number[]): string {
  const classes = domains.map(({ classes }, i) => classes[key[i]!]);
  return `${sql} tells values apart that are encrypted as one (${classes.join(', ')}); ask along the cuts that the table was encrypted with`;
}
