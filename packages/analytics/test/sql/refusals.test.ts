import { SymbolonError } from '@symbolon/crypto';
import { beforeAll, expect, test } from 'vitest';
import { bindStudy, type Schema } from '../../src/index.ts';
import { MemoryDuck } from './duckdb.ts';
import { schema } from './schema.ts';

let duck: MemoryDuck;
beforeAll(async () => {
  duck = await MemoryDuck.open();
});

async function refusal(sql: string, of: Schema = schema): Promise<SymbolonError> {
  const error: unknown = await bindStudy(sql, of, duck).then(
    () => new Error(`not refused: ${sql}`),
    (refused: unknown) => refused,
  );
  if (!(error instanceof SymbolonError)) throw error;
  return error;
}

const joined = 'FROM visits v JOIN insured i USING (pid)';

const refused: [sql: string, code: string, says: RegExp][] = [
  // Syntax
  ['', 'study-(syntax|unsupported)', /./],
  ['SELEC count(*) FROM visits', 'study-syntax', /not valid SQL.*at: SELEC count/],
  ['SELECT count(* FROM visits', 'study-syntax', /not valid SQL/],
  ["SELECT count(*) FROM visits WHERE note = 'x", 'study-syntax', /unterminated/],
  ['SELECT count(*) FROM visits\0', 'study-syntax', /character/],
  ['DROP TABLE visits', 'study-syntax', /Only SELECT/],
  ['SELECT count(*) FROM visits; SELECT count(*) FROM visits', 'study-unsupported', /one SELECT/],
  [
    `SELECT count(*) FROM visits WHERE ${'minutes > 1 AND '.repeat(2000)} TRUE`,
    'study-unsupported',
    /16384 characters/,
  ],
  // Names
  ['SELECT count(*) FROM visit', 'study-unknown-column', /unknown table 'visit'; did you mean visits\?/],
  ['SELECT count(*) FROM zzzzzzzzz', 'study-unknown-column', /known are visits, insured, census/],
  ["SELECT count(*) FROM 'file.csv'", 'study-unknown-column', /unknown table 'file.csv'/],
  [
    'SELECT sum(csot) FROM visits',
    'study-unknown-column',
    /unknown column 'csot'; did you mean visits\.cost\? \(at: csot/,
  ],
  ['SELECT sum(qqqqqqqq) FROM visits', 'study-unknown-column', /known are visits\.pid, visits\.kind(?!.*secret)/],
  ['SELECT sum(w.cost) FROM visits v', 'study-unknown-column', /no table 'w' in FROM; did you mean v\?/],
  [`SELECT count(*) ${joined} WHERE v.region = 'east'`, 'study-unknown-column', /unknown column 'v\.region'/],
  [
    'SELECT count(*) FROM visits v JOIN insured i ON v.pid = i.pid WHERE pid IS NULL',
    'study-unknown-column',
    /write v\.pid or i\.pid/,
  ],
  ['SELECT sum(main.visits.cost) FROM visits', 'study-unsupported', /too many parts/],
  ['SELECT suum(cost) FROM visits', 'study-unsupported', /did you mean sum\?/],
  ['SELECT sum(abss(minutes)) FROM visits', 'study-unsupported', /did you mean abs\?/],
  ['SELECT cuont(*) FROM visits', 'study-unsupported', /did you mean count\?/],
  // FROM
  ['SELECT count(*)', 'study-unsupported', /FROM with a table of the agreement/],
  ['SELECT count(*) FROM (SELECT * FROM visits)', 'study-unsupported', /subquery cannot stand in FROM/],
  ["SELECT count(*) FROM read_csv('/etc/passwd')", 'study-unsupported', /table function cannot stand in FROM/],
  ['WITH q AS (SELECT 1) SELECT count(*) FROM visits', 'study-unsupported', /WITH.*write its tables in FROM/],
  ['SELECT count(*) FROM main.visits', 'study-unsupported', /name alone/],
  ['SELECT count(*) FROM visits USING SAMPLE 10%', 'study-unsupported', /SAMPLE/],
  ['SELECT count(*) FROM visits a JOIN visits b USING (pid)', 'study-unsupported', /stands twice in FROM/],
  ['SELECT count(*) FROM visits v, insured i', 'study-unsupported', /cross join.*write JOIN … USING/],
  ['SELECT count(*) FROM visits NATURAL JOIN insured', 'study-unsupported', /natural join/],
  [
    'SELECT count(*) FROM visits LEFT JOIN insured USING (pid)',
    'study-unsupported',
    /left join is not supported: .* rows that all tables hold/,
  ],
  [
    'SELECT count(*) FROM visits v JOIN insured i ON v.pid = i.pid AND v.minutes > 3',
    'study-unsupported',
    /other conditions in WHERE \(at: v\.minutes > 3/,
  ],
  [
    'SELECT count(*) FROM visits v JOIN insured i ON v.note = i.pid',
    'study-policy',
    /as the agreement says: write visits v JOIN insured i ON v\.pid = i\.pid/,
  ],
  ['SELECT count(*) FROM insured i JOIN census c ON i.pid = c.person', 'study-policy', /no join of insured, census/],
  [
    'SELECT count(*) FROM visits v JOIN insured i ON v.pid = i.pid AND v.note = i.region',
    'study-policy',
    /as the agreement says/,
  ],
  [
    'SELECT count(*) FROM visits JOIN insured USING (region)',
    'study-unknown-column',
    /both sides need a column 'region'/,
  ],
  // Clauses
  ['SELECT count(*) FROM visits UNION SELECT 1', 'study-unsupported', /each SELECT as a study of its own/],
  ['SELECT DISTINCT count(*) FROM visits', 'study-unsupported', /DISTINCT.*write GROUP BY/],
  ['SELECT kind, count(*) FROM visits GROUP BY ALL', 'study-unsupported', /name the expressions/],
  [
    'SELECT kind, count(*) FROM visits GROUP BY ROLLUP (kind, urgent)',
    'study-unsupported',
    /totals are sums of the cells/,
  ],
  ['SELECT count(*) FROM visits QUALIFY 1 = 1', 'study-unsupported', /write HAVING/],
  ['SELECT count(*) FROM visits LIMIT 10%', 'study-unsupported', /LIMIT with a whole number/],
  ['SELECT count(*) FROM visits LIMIT 1 + 1', 'study-unsupported', /LIMIT takes a whole number/],
  ['SELECT kind, count(*) FROM visits GROUP BY 3', 'study-unsupported', /places in it from 1 to 2/],
  ['SELECT kind FROM visits GROUP BY kind', 'study-unsupported', /never rows; write COUNT/],
  ['SELECT 1 FROM visits', 'study-unsupported', /never rows/],
  ['SELECT * FROM visits', 'study-unsupported', /\* would show rows/],
  [
    'SELECT minutes, count(*) FROM visits GROUP BY kind',
    'study-unsupported',
    /visits\.minutes stands outside GROUP BY and aggregates/,
  ],
  [
    'SELECT count(*) FROM visits WHERE sum(minutes) > 3',
    'study-unsupported',
    /sum\(\) stands inside another aggregate, or in WHERE/,
  ],
  ['SELECT sum(count(*)) FROM visits', 'study-unsupported', /inside another aggregate/],
  ['SELECT sum(minutes) OVER () FROM visits', 'study-unsupported', /OVER.*with GROUP BY/],
  [
    'SELECT count(*) FROM visits WHERE pid IN (SELECT pid FROM insured)',
    'study-unsupported',
    /subquery.*join its table/,
  ],
  ['SELECT count(*) FROM visits WHERE minutes = $1', 'study-unsupported', /parameter/],
  [
    'SELECT count(*) FROM visits WHERE minutes',
    'study-unsupported',
    /condition is needed here, and this is a number; write a comparison/,
  ],
  // Aggregates
  [
    'SELECT max(minutes) FROM visits',
    'study-unsupported',
    /max\(\): .*write quantile_cont\(x, 0\.95\) \(at: max\(minutes/,
  ],
  ['SELECT min(minutes) FROM visits', 'study-unsupported', /belongs to one patient/],
  ['SELECT list(minutes) FROM visits', 'study-unsupported', /shows records/],
  [
    'SELECT count(DISTINCT kind) FROM visits',
    'study-unsupported',
    /counts patients; write COUNT\(DISTINCT visits\.pid\)/,
  ],
  [`SELECT count(DISTINCT i.pid) ${joined}`, 'study-unsupported', /write COUNT\(DISTINCT v\.pid\)/],
  [
    'SELECT sum(DISTINCT minutes) FROM visits',
    'study-unsupported',
    /DISTINCT stands in COUNT\(DISTINCT patient\) only/,
  ],
  ['SELECT sum(urgent) FROM visits', 'study-unsupported', /this is a boolean; write COUNT\(\*\) FILTER/],
  ['SELECT avg(seen) FROM visits', 'study-unsupported', /this is a date; write a number, such as date_diff/],
  ['SELECT quantile_cont(minutes, 1.5) FROM visits', 'study-unsupported', /between 0 and 1: quantile_cont\(x, 0\.25\)/],
  ['SELECT quantile_cont(minutes) FROM visits', 'study-unsupported', /between 0 and 1/],
  ['SELECT corr(minutes) FROM visits', 'study-unsupported', /two arguments/],
  ['SELECT sum(minutes ORDER BY minutes) FROM visits', 'study-unsupported', /ORDER BY cannot stand in an aggregate/],
  // Expressions
  [
    'SELECT sum(minutes / 2) FROM visits',
    'study-unsupported',
    /\/ cannot stand in a study; write \/\/ for whole numbers, or divide aggregates/,
  ],
  ['SELECT count(*) FROM visits WHERE random() < 0.5', 'study-unsupported', /random\(\).*the same on the same data/],
  ["SELECT count(*) FROM visits WHERE getenv('HOME') = note", 'study-unsupported', /getenv\(\) cannot stand/],
  ['SELECT count(*) FROM visits WHERE evil.lower(note) = note', 'study-unsupported', /schema/],
  [
    "SELECT count(*) FROM visits WHERE seen > DATE '2020-01-01' + INTERVAL 3 MONTH",
    'study-unsupported',
    /trunc|date_diff\('month', from, to\)|DOUBLE/,
  ],
  ["SELECT count(*) FROM visits WHERE seen > '2020-02-31'", 'study-unsupported', /'2020-02-31' is no date/],
  ["SELECT count(*) FROM visits WHERE minutes = 'x'", 'study-unsupported', /mixes number and text; write a CAST/],
  [
    'SELECT sum(minutes + urgent) FROM visits',
    'study-unsupported',
    /number is needed here, and this is a boolean; write a CAST/,
  ],
  ['SELECT sum(minutes // 0) FROM visits', 'study-unsupported', /positive whole constant/],
  ['SELECT count(*) FROM visits WHERE minutes::DOUBLE > 3', 'study-unsupported', /cast to DOUBLE here; casts are to/],
  ["SELECT count(*) FROM visits WHERE note LIKE '%a%b%c'", 'study-unsupported', /at most two %/],
  ['SELECT count(*) FROM visits WHERE [minutes] = [3]', 'study-unsupported', /list_value\(\)/],
  // Several tables
  [
    `SELECT count(*) ${joined} WHERE v.note = i.region`,
    'study-unsupported',
    /without agreed values cannot leave its table/,
  ],
  [`SELECT count(*) ${joined} WHERE v.kind < i.region`, 'study-unsupported', /by = or <> only/],
  [
    `SELECT count(*) ${joined} WHERE greatest(v.minutes, i.level) > 3`,
    'study-unsupported',
    /columns of several tables stand here.*at: greatest/,
  ],
  [`SELECT sum(abs(v.minutes - i.level)) ${joined}`, 'study-unsupported', /several tables/],
  [`SELECT sum((v.minutes - i.level) // 2) ${joined}`, 'study-unsupported', /several tables/],
  // Policies
  [
    'SELECT sum(secret) FROM visits',
    'study-policy',
    /^visits\.secret stands in SUM, and its policy is 'hidden': it cannot be used/,
  ],
  ['SELECT count(*) FROM visits WHERE secret = 1', 'study-policy', /WHERE.*'hidden'/],
  [
    'SELECT count(*) FROM visits WHERE cost > 3',
    'study-policy',
    /visits\.cost stands in WHERE, and its policy is 'aggregate': .*bare argument of SUM, AVG/,
  ],
  ['SELECT sum(cost + 1) FROM visits', 'study-policy', /visits\.cost stands in SUM, and its policy is 'aggregate'/],
  ['SELECT sum(CASE WHEN cost > 100 THEN 1 ELSE 0 END) FROM visits', 'study-policy', /'aggregate'/],
  ['SELECT count(cost) FROM visits', 'study-policy', /COUNT.*'aggregate'/],
  ['SELECT median(cost) FROM visits', 'study-policy', /QUANTILE.*'aggregate'/],
  ['SELECT corr(cost, minutes) FROM visits', 'study-policy', /CORR.*'aggregate'/],
  ['SELECT count(*) FILTER (WHERE cost > 3) FROM visits', 'study-policy', /FILTER.*'aggregate'/],
  ['SELECT count(*) FROM visits GROUP BY cost', 'study-policy', /GROUP BY.*'aggregate'/],
  [
    'SELECT count(*) FROM visits GROUP BY minutes',
    'study-policy',
    /visits\.minutes stands in GROUP BY, and its policy is 'filter'/,
  ],
  ['SELECT count(*) FROM visits GROUP BY minutes // 60', 'study-policy', /'filter'/],
  [`SELECT count(*) ${joined} GROUP BY v.minutes + i.level`, 'study-policy', /'filter'/],
  [
    "SELECT count(*) FROM visits WHERE pid = 'p1'",
    'study-policy',
    /visits\.pid stands in WHERE, and its policy is 'join'/,
  ],
  ['SELECT pid, count(*) FROM visits GROUP BY pid', 'study-policy', /GROUP BY.*'join'/],
  // Ranges and sizes
  ['SELECT var_samp(income) FROM census', 'plan-range', /var_samp: over 200000 rows this can leave 64 bits; narrow/],
  ['SELECT sum(income * income * 2) FROM census', 'plan-range', /more than 18 digits.*at: income \* income \* 2/],
  [
    'SELECT sum(minutes * minutes * minutes * minutes * minutes * minutes * minutes * minutes) FROM visits',
    'plan-range',
    /18 digits/,
  ],
  ['SELECT count(*) FROM visits WHERE seen + 3000000 > seen', 'plan-range', /years 1 to 9999/],
  ['SELECT sum(minutes * 0.0000001 * 0.0000001) FROM visits', 'plan-range', /12 digits behind the point/],
  [
    'SELECT count(*) FROM visits GROUP BY seen, seen + 1',
    'study-unsupported',
    /makes 535824 cells, and 65536 are the most/,
  ],
];

test.each(refused)('%s', async (sql, code, says) => {
  const error = await refusal(sql);
  expect(error.code).toMatch(new RegExp(`^${code}$`));
  expect(error.message).toMatch(says);
  const quoted = / \(at: (.*)\)$/.exec(error.message)?.[1];
  if (quoted !== undefined) expect(sql.slice(error.place).replace(/\s+/g, ' ').slice(0, 60)).toBe(quoted);
});

const [visits, insured] = [schema.tables.visits!, schema.tables.insured!];
const contradictions: [says: RegExp, schema: Schema][] = [
  [
    /patient column 'id' is not among/,
    { ...schema, tables: { ...schema.tables, visits: { ...visits, patient: 'id' } } },
  ],
  [
    /insured\.sex: the patient column is required/,
    { ...schema, tables: { ...schema.tables, insured: { ...insured, patient: 'sex' } } },
  ],
  [/parties are one or more/, { ...schema, tables: { ...schema.tables, visits: { ...visits, parties: ['x', 'x'] } } }],
  [/minPatients/, { ...schema, minPatients: 0 }],
  [/there is no insured\.id/, { ...schema, joins: [{ hub: 'visits', spoke: 'insured', on: [['pid', 'id']] }] }],
  [/visits\.secret is hidden/, { ...schema, joins: [{ hub: 'visits', spoke: 'insured', on: [['secret', 'level']] }] }],
  ...(
    [
      [/min first/, { type: 'date', min: '2020-01-02', max: '2020-01-01', policy: 'group' }],
      [/at most 2 digits/, { type: 'number', min: '0.001', max: '1', scale: 2, policy: 'group' }],
      [/min is at most max/, { type: 'number', min: '3', max: '1', policy: 'group' }],
      [/18 digits/, { type: 'number', min: '0', max: '999999999999999999', scale: 2, policy: 'group' }],
      [/each once/, { type: 'text', values: ['a', 'a'], policy: 'group' }],
    ] as const
  ).map(([says, x]): [RegExp, Schema] => [
    says,
    { ...schema, tables: { ...schema.tables, visits: { ...visits, columns: { ...visits.columns, x } } } },
  ]),
];

test.each(contradictions)('a schema that contradicts itself: %s', async (says, of) => {
  const error = await refusal('SELECT count(*) FROM visits', of);
  expect(error.code).toBe('agreement-invalid');
  expect(error.message).toMatch(says);
});

const nested = (inner: string, depth: number, around: (inner: string) => string): string =>
  Array.from({ length: depth }).reduce<string>((sql) => around(sql), inner);

test.each([
  ['IS TRUE', nested('v.urgent = i.app', 100, (x) => `(${x}) IS NOT TRUE`)],
  ['=', nested('v.urgent = i.app', 100, (x) => `((${x}) = i.app)`)],
  ['CASE', nested('v.urgent', 100, (x) => `CASE WHEN i.app THEN ${x} ELSE NOT i.app END`)],
  ['BETWEEN', nested('v.urgent', 100, (x) => `(CAST(${x} AS INTEGER) BETWEEN i.level AND 1)`)],
  ['IN', nested('v.urgent', 100, (x) => `((${x}) IN (i.app, TRUE))`)],
  ['NOT', nested('i.app', 500, (x) => `NOT ${x}`)],
])('%s inside itself takes no time to bind or refuse', async (_, condition) => {
  const start = performance.now();
  const outcome = await bindStudy(
    `SELECT CASE WHEN ${condition} THEN 1 ELSE 2 END AS g, count(*) ${joined} WHERE ${condition} GROUP BY g`,
    schema,
    duck,
  ).then(
    ({ nodes }) => nodes.length,
    (error: unknown) => (error instanceof SymbolonError ? 0 : Number.NaN),
  );
  expect(outcome).toBeLessThan(4096);
  // What grows exponentially takes ages.
  expect(performance.now() - start).toBeLessThan(60_000);
});
