import { fault } from '@symbolon/crypto';
import { printDecimal, quoteName, quoteText } from '@symbolon/sql';
import {
  type BoundAggregate,
  type BoundJoin,
  type BoundStudy,
  type BoundTable,
  joinedOn,
  localSql,
  type Opened,
  type Support,
} from './bound.ts';
import { type ClearSide, type Duck, storeMatched } from './clear-rules.ts';
import { keySqlType } from './keys.ts';
import { afterSql, aggregateSqlType, type Cell, complete, type StudyResult, totals, withheld } from './release.ts';

/** For each table of the study and each party that holds rows of it, the relation that has them, as SQL names it. */
export type ClearTables = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** For joins by a linkage that both sides know, by the alias of the spoke: a condition in SQL over the tables by their aliases. */
export type ClearJoins = Readonly<Record<string, string>>;

const party = 'symbolon_party';

/**
 * The oracle: what the study must give, computed by DuckDB over the tables in the clear, its own aggregates and join, then the release
 * rules. For rehearsals and tests: whoever runs it sees all records.
 *
 * Throws `data-duplicate-id` where two rows of a spoke have the same key.
 *
 * @param known the joins by a known linkage
 */
export async function runStudyClear(
  bound: BoundStudy,
  tables: ClearTables,
  duck: Duck,
  known: ClearJoins = {},
): Promise<StudyResult> {
  await requireSpokes(bound, tables, duck);
  const joins = await joinedBy(bound, tables, duck, known);
  const keys = bound.keys.map(({ node }) => bound.nodes[node]!);
  const keySql = keys.map((node) => `CAST(${node.sql} AS ${keySqlType(node)})`);
  const values = bound.aggregates.map((aggregate) => valueSql(aggregate));
  const counted = bound.supports.flatMap((support) => patientsOf(bound, supportSql(bound, support)));
  const group = keySql.length === 0 ? '' : ` GROUP BY ${keySql.join(', ')}`;
  const shown = [...keySql, ...values].map((sql) => `CAST(${sql} AS VARCHAR)`);
  const rows = await duck.rows(
    `${sources(bound, tables)} SELECT ${[...shown, ...counted].join(', ')} ${from(bound, joins)}${group}`,
  );
  const sides = await quantileSides(bound, { tables, joins }, keySql, duck);
  const parties = bound.tables[0]!.parties.length;
  const cells = rows.map((row): Cell => {
    const own = row.slice(0, keys.length) as (string | null)[];
    const patients = row.slice(keys.length + values.length).map(Number);
    const behind = (support: number): number[] => {
      const { less } = bound.supports[support]!;
      const own = patients.slice(support * parties, (support + 1) * parties);
      return less === undefined ? own : own.map((count, i) => count - behind(less)[i]!);
    };
    const suppressed = withheld(
      bound,
      behind,
      bound.aggregates.map((_, i) => sides[i]?.get(JSON.stringify(own)) ?? []),
    );
    const read = (value: unknown): string | null =>
      typeof value !== 'string' || value === 'nan' || value === 'NaN' ? null : value;
    return { keys: own, suppressed, values: values.map((_, i) => (suppressed[i] ? null : read(row[keys.length + i]))) };
  });
  const all = complete(bound, cells);
  const result = await duck.rows(afterSql(bound, all));
  const texts = result.map((row) => row.map((value) => (value === null ? null : String(value))));
  return { columns: bound.columns, rows: texts, cells: all, totals: totals(bound, all) };
}

/** Of every row that counts, the values of these nodes as DuckDB prints them. Whoever runs it sees all records. */
export async function rowsClear(
  bound: Population,
  nodes: readonly number[],
  tables: ClearTables,
  duck: Duck,
  known: ClearJoins = {},
): Promise<readonly (readonly (string | null)[])[]> {
  await requireSpokes(bound, tables, duck);
  const joins = await joinedBy(bound, tables, duck, known);
  const values = nodes
    .map((at) => bound.nodes[at]!)
    .map((node) => `CAST(CAST(${node.sql} AS ${keySqlType(node)}) AS VARCHAR)`);
  const rows = await duck.rows(`${sources(bound, tables)} SELECT ${values.join(', ')} ${from(bound, joins)}`);
  return rows as readonly (readonly (string | null)[])[];
}

type Population = Pick<BoundStudy, 'tables' | 'joins' | 'nodes' | 'where'>;

/** The study's text as it was written, over the tables in the clear, without release rules. */
export function writtenSql(bound: BoundStudy, tables: ClearTables): string {
  return `${sources(bound, tables)} ${bound.sql}`;
}

function sources({ tables: used }: Population, tables: ClearTables): string {
  const each = used.map(({ name, parties }) => {
    const parts = parties.map((id) => `SELECT *, ${quoteText(id)} AS ${party} FROM ${relationOf(tables, name, id)}`);
    return `${quoteName(name)} AS (${parts.join(' UNION ALL ')})`;
  });
  return `WITH ${each.join(', ')}`;
}

/** How the spokes join: by their aliases, a condition, or the relation of the pairs. */
interface Joins {
  readonly known: ClearJoins;
  readonly matched: ReadonlyMap<string, string>;
}

async function joinedBy(bound: Population, tables: ClearTables, duck: Duck, known: ClearJoins): Promise<Joins> {
  const [hub] = bound.tables;
  const side = (table: BoundTable): ClearSide => ({
    table,
    relation: relationOf(tables, table.name, table.parties[0]!),
  });
  const matched = new Map<string, string>();
  for (const join of bound.joins) {
    if (join.kind !== 'rule') continue;
    const spoke = bound.tables.find(({ alias }) => alias === join.spoke)!;
    matched.set(join.spoke, await storeMatched(join, { a: side(hub!), b: side(spoke) }, duck));
  }
  return { known, matched };
}

function from({ tables: [hub, ...spokes], joins, where, nodes }: Population, { known, matched }: Joins): string {
  const joined = spokes.map((spoke) => {
    const { name, alias } = spoke;
    const join = joins.find((each) => each.spoke === alias)!;
    const pairs = matched.get(alias);
    const table = `${quoteName(name)} AS ${quoteName(alias)}`;
    if (pairs === undefined) return ` JOIN ${table} ON ${joinSql(hub!.alias, join, known)}`;
    const [h, s] = [hub!, spoke].map((side) => `CAST(${columnOf(side.alias, side.patient)} AS VARCHAR)`);
    return ` JOIN ${pairs} ON ${pairs}.hub = ${h} JOIN ${table} ON ${pairs}.spoke = ${s}`;
  });
  const conditions = where.map((node) => nodes[node]!.sql);
  return `FROM ${quoteName(hub!.name)} AS ${quoteName(hub!.alias)}${joined.join('')}${conditions.length === 0 ? '' : ` WHERE ${conditions.join(' AND ')}`}`;
}

function relationOf(tables: ClearTables, name: string, id: string): string {
  const relation = tables[name]?.[id];
  if (relation === undefined)
    throw fault('data-malformed', `the rows of ${name} at ${id} are missing`, { culprit: name });
  return relation;
}

function joinSql(hub: string, join: BoundJoin, clear: ClearJoins): string {
  if (join.kind === 'keys')
    return join.on.map(([left, right]) => `${columnOf(hub, left)} = ${columnOf(join.spoke, right)}`).join(' AND ');
  const condition = clear[join.spoke];
  if (condition === undefined)
    throw fault('data-malformed', `the linkage of ${hub} with ${join.spoke} is missing`, { culprit: join.spoke });
  return condition;
}

function columnOf(table: string, column: string): string {
  return `${quoteName(table)}.${quoteName(column)}`;
}

function supportSql({ nodes }: BoundStudy, { filters, present }: Support): string {
  const parts = [...filters.map((at) => nodes[at]!.sql), ...present.map((at) => `${nodes[at]!.sql} IS NOT NULL`)];
  return parts.length === 0 ? 'TRUE' : parts.map((part) => `(${part})`).join(' AND ');
}

/** For each party of the hub, how many of its patients stand behind rows where the condition is TRUE. */
function patientsOf({ tables: [hub] }: BoundStudy, condition: string): string[] {
  const { alias, patient, parties } = hub!;
  return parties.map(
    (id) =>
      `count(DISTINCT CASE WHEN ${condition} AND ${columnOf(alias, party)} = ${quoteText(id)} THEN ${columnOf(alias, patient)} END)`,
  );
}

function valueSql(aggregate: BoundAggregate): string {
  const { kind, sql, scale } = aggregate;
  const type = aggregateSqlType(aggregate);
  if (kind !== 'quantile') return `CAST(${sql} AS ${type})`;
  return `CAST(CAST(round(${sql}) AS DECIMAL(18,0)) * ${printDecimal({ value: 1n, scale })} AS ${type})`;
}

/** For each quantile, by the keys of a cell: patients with no higher, and with no lower value, of each party. */
async function quantileSides(
  bound: BoundStudy,
  records: Records,
  keySql: readonly string[],
  duck: Duck,
): Promise<(Map<string, [number[], number[]]> | undefined)[]> {
  const parties = bound.tables[0]!.parties.length;
  return Promise.all(
    bound.aggregates.map(async (aggregate) => {
      const number = bound.opened[aggregate.opened[0]!]!;
      if (number.kind !== 'quantile') return undefined;
      const rows = await duck.rows(sidesSql(bound, records, keySql, number));
      return new Map(
        rows.map((row) => {
          const counts = row.slice(keySql.length).map(Number);
          return [
            JSON.stringify(row.slice(0, keySql.length)),
            [counts.slice(0, parties), counts.slice(parties)],
          ] as const;
        }),
      );
    }),
  );
}

interface Records {
  readonly tables: ClearTables;
  readonly joins: Joins;
}

function sidesSql(
  bound: BoundStudy,
  { tables, joins }: Records,
  keySql: readonly string[],
  number: Opened & { kind: 'quantile' },
): string {
  const [hub] = bound.tables;
  const names = keySql.map((_, i) => `k${i}`);
  const keys = keySql.map((sql, i) => `${sql} AS k${i}`);
  const x = `CASE WHEN ${supportSql(bound, bound.supports[number.support]!)} THEN CAST(${localSql(bound.nodes[number.of]!)} AS DOUBLE) END`;
  const group = names.length === 0 ? '' : ` GROUP BY ${names.join(', ')}`;
  const side = (op: string): string[] =>
    hub!.parties.map((id) => `count(DISTINCT CASE WHEN x ${op} q AND v.party = ${quoteText(id)} THEN v.patient END)`);
  const match =
    names.length === 0 ? 'TRUE' : names.map((name) => `v.${name} IS NOT DISTINCT FROM cells.${name}`).join(' AND ');
  const own = names.map((name) => `CAST(v.${name} AS VARCHAR)`);
  const row = [
    ...keys,
    `${columnOf(hub!.alias, party)} AS party`,
    `${columnOf(hub!.alias, hub!.patient)} AS patient`,
    `${x} AS x`,
  ];
  return [
    `${sources(bound, tables)}, v AS (SELECT ${row.join(', ')} ${from(bound, joins)})`,
    `, cells AS (SELECT ${[...names, `quantile_cont(x, ${number.fraction}) AS q`].join(', ')} FROM v${group})`,
    ` SELECT ${[...own, ...side('<='), ...side('>=')].join(', ')} FROM v JOIN cells ON ${match}`,
    names.length === 0 ? '' : ` GROUP BY ${names.map((name) => `v.${name}`).join(', ')}`,
  ].join('');
}

async function requireSpokes(bound: Population, tables: ClearTables, duck: Duck): Promise<void> {
  for (const join of bound.joins) {
    const { spoke } = join;
    const on = joinedOn(join);
    if (on.length === 0) continue;
    const { name, alias } = bound.tables.find((table) => table.alias === spoke)!;
    const columns = on.map(([, column]) => quoteName(column));
    const known = columns.map((column) => `${column} IS NOT NULL`).join(' AND ');
    const [row] = await duck.rows(
      `${sources(bound, tables)} SELECT 1 FROM ${quoteName(name)} WHERE ${known} GROUP BY ${columns.join(', ')} HAVING count(*) > 1 LIMIT 1`,
    );
    if (row !== undefined)
      throw fault(
        'data-duplicate-id',
        `${name} has two rows with the same ${on.map(([, column]) => column).join(', ')}; it joins as '${alias}', by one row a key`,
        {
          culprit: name,
        },
      );
  }
}
