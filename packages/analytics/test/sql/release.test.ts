import { SymbolonError } from '@symbolon/crypto';
import { beforeAll, expect, test } from 'vitest';
import {
  bindStudy,
  type Cell,
  type ClearTables,
  complete,
  explainStudy,
  linesOf,
  runStudyClear,
  type Schema,
  type StudyResult,
} from '../../src/index.ts';
import { MemoryDuck, type Row } from './duckdb.ts';
import { evaluate } from './evaluate.ts';
import { schema } from './schema.ts';

let duck: MemoryDuck;
beforeAll(async () => {
  duck = await MemoryDuck.open();
});

const visit = (pid: string, kind: string, cost: string | null, minutes: string | null = '10'): Row => ({
  pid,
  kind,
  cost,
  minutes,
  seen: '2020-01-01',
  urgent: null,
  note: 'x',
  ward: null,
  secret: null,
});
const person = (pid: string, region: string | null): Row => ({ pid, region, app: true });

const north = [
  ...['n1', 'n2', 'n3', 'n4'].map((pid, i) => visit(pid, 'family', `${i}.50`, String(i))),
  ...['n1', 'n1', 'n1', 'n1'].map((pid) => visit(pid, 'specialist', '100.00')),
  visit('n2', 'specialist', null),
];
const south = ['s1', 's2', 's3'].map((pid, i) => visit(pid, 'family', i === 0 ? null : '-2.25', String(-i)));
const insured = ['n1', 'n2', 'n3', 'n4', 's1', 's2', 's3', 'stranger'].map((pid) =>
  person(pid, pid === 'n4' ? null : 'west'),
);

async function run(sql: string, of: Schema = schema, people = insured): Promise<StudyResult & { tables: ClearTables }> {
  const tables = await duck.load(of, {
    visits: { north, south },
    insured: { insurer: people },
    census: { office: [] },
  });
  const bound = await bindStudy(sql, of, duck);
  const result = await runStudyClear(bound, tables, duck);
  // The bound tree withholds the same.
  const own = await evaluate(bound, tables, duck);
  const withheld = ({ keys, suppressed }: Cell) => ({ keys, suppressed });
  expect(new Set(complete(bound, own).map(withheld))).toEqual(new Set(result.cells.map(withheld)));
  return { ...result, tables };
}

test('a cell needs k different patients of every party; rows of one patient are one', async () => {
  const { columns, rows, cells, totals } = await run(
    "SELECT kind, COUNT(*) AS n, SUM(cost) FILTER (WHERE note = 'nobody') FROM visits GROUP BY kind ORDER BY kind",
  );
  expect(columns).toEqual(['kind', 'n', 'sum']);
  // Nobody of south saw a specialist.
  expect(rows).toEqual([
    ['family', '7', null],
    ['specialist', null, null],
  ]);
  expect(cells.map(({ suppressed }) => suppressed)).toEqual([
    [false, true],
    [true, true],
  ]);
  expect(totals).toEqual(['7', null]);
  // Of south, one patient alone has no cost.
  expect((await run('SELECT COUNT(*), COUNT(minutes), SUM(cost) FROM visits')).rows).toEqual([[null, null, null]]);
});

test('a party may have nobody, where the agreement says so', async () => {
  const of: Schema = { ...schema, minPatients: 2, allowEmptyParty: true };
  const { rows, totals } = await run('SELECT kind, COUNT(*) FROM visits GROUP BY kind', of);
  expect(rows).toEqual([
    ['family', '7'],
    ['specialist', '5'],
  ]);
  expect(totals).toEqual(['12']);
  // Two patients of north saw a specialist, but one alone has costs there.
  expect((await run('SELECT kind, SUM(cost) FROM visits GROUP BY kind', of)).rows).toEqual([
    ['family', '3.50'],
    ['specialist', null],
  ]);
  expect((await run('SELECT kind, COUNT(*) FROM visits GROUP BY kind', { ...schema, minPatients: 2 })).rows[1]).toEqual(
    ['specialist', null],
  );
});

test('all cells of known keys are there, whether anyone is in them or not; NULL is one', async () => {
  const { rows } = await run(
    'SELECT region, COUNT(DISTINCT v.pid) FROM visits v JOIN insured i USING (pid) GROUP BY region',
  );
  expect(rows).toEqual([
    ['east', null],
    ['west', '6'],
    ['abroad', null],
    [null, null],
  ]);
});

test('groups of unknown values show where enough are in them, and not at all otherwise', async () => {
  const { rows } = await run('SELECT ward, COUNT(*) FROM visits GROUP BY ward');
  expect(rows).toEqual([[null, '12']]);
  expect((await run("SELECT ward, COUNT(*) FROM visits WHERE kind = 'specialist' GROUP BY ward")).rows).toEqual([]);
});

test('no rows at all: one cell, suppressed', async () => {
  const { rows, cells } = await run("SELECT COUNT(*), SUM(cost) FROM visits WHERE note = 'nobody'");
  expect(rows).toEqual([[null, null]]);
  expect(cells[0]!.suppressed).toEqual([true, true]);
});

test('a quantile needs k patients on either side of it', async () => {
  const of: Schema = { ...schema, minPatients: 2 };
  expect(
    (await run("SELECT median(minutes), quantile_cont(minutes, 0.9) FROM visits WHERE kind = 'family'", of)).rows,
  ).toEqual([[null, null]]);
  const one: Schema = { ...schema, minPatients: 1 };
  expect(
    (await run("SELECT median(minutes) FROM visits WHERE kind = 'family' AND minutes BETWEEN -1 AND 1", one)).rows,
  ).toEqual([['0']]);
});

test('HAVING, ORDER BY, LIMIT and quotients are made of what was released', async () => {
  const of: Schema = { ...schema, minPatients: 1, allowEmptyParty: true };
  const sql = 'SELECT kind, SUM(cost) / COUNT(*) AS mean, round(avg(minutes), 1) FROM visits GROUP BY kind';
  expect((await run(`${sql} ORDER BY 2 DESC`, of)).rows).toEqual([
    ['specialist', '80', '10'],
    ['family', '0.5', '0.4'],
  ]);
  expect((await run(`${sql} HAVING count(*) > 5`, of)).rows.length).toBe(1);
  expect((await run(`${sql} ORDER BY mean LIMIT 1 OFFSET 1`, of)).rows[0]![0]).toBe('specialist');
});

test('a CAST that fails on a row is NULL there', async () => {
  const of: Schema = { ...schema, minPatients: 1 };
  expect(
    (await run('SELECT COUNT(*), COUNT(CAST(note AS INTEGER)) FROM visits WHERE CAST(note AS DATE) IS NULL', of)).rows,
  ).toEqual([['12', null]]);
});

test('a spoke with two rows of one key is refused', async () => {
  const twice = [...insured, person('n1', 'east')];
  const error: unknown = await run('SELECT COUNT(*) FROM visits JOIN insured USING (pid)', schema, twice).catch(
    (refused: unknown) => refused,
  );
  expect(error).toBeInstanceOf(SymbolonError);
  expect(error).toMatchObject({ code: 'data-duplicate-id', culprit: 'insured' });
});

test('explain says what is local, what is secure, what opens', async () => {
  const sql = `SELECT i.region, AVG(v.cost), COUNT(*) FROM insured AS i JOIN visits AS v ON v.pid = i.pid
    WHERE v.kind = 'family' AND v.minutes > 5 AND v.seen >= i.joined GROUP BY i.region HAVING COUNT(*) > 10`;
  expect(linesOf(explainStudy(await bindStudy(sql, schema, duck))).slice(2)).toEqual([
    'Rows: visits of north, south, at most 50000 at each.',
    'Joined, inside the secure computation, with insured of insurer where v.pid = i.pid. Nobody learns which rows join.',
    'Before it runs, all parties learn the number of rows of each table, and of the different keys of the join in it.',
    'Computed by north, south from visits alone, for every row:',
    '  v.seen',
    "  ((v.kind = 'family') AND (v.minutes > 5))",
    '  v.cost, from -50.00 to 5000.00',
    'Computed by insurer from insured alone, for every row:',
    '  i.joined',
    '  i.region, one of 3 texts',
    'Computed inside, from values of several tables; never opened:',
    '  (v.seen - i.joined), from -730 to 944',
    '  (v.seen < i.joined)',
    '  (v.seen >= i.joined)',
    "A row counts where ((v.kind = 'family') AND (v.minutes > 5)) and (v.seen >= i.joined); nobody learns which rows do.",
    'Opened, for each of 4 cells, whether anyone is in it or not, by i.region:',
    '  the number of rows, where v.cost is not NULL',
    '  the sum of v.cost, where v.cost is not NULL',
    '  the number of rows',
    'Each only where at least 3 patients, and of each of north, south, stand behind it; a quantile, on either side of it. Else it is marked as suppressed.',
    'Two numbers of different rows tell of the rows that one has and the other has not: both are suppressed where there are such rows, and fewer than 3 patients, and of each of north, south, stand behind them.',
    'So a few missing values can suppress a whole cell: to leave such rows out of all numbers, write WHERE v.cost IS NOT NULL.',
    'A variance shows the mean as well.',
    'Shown: region, avg, count, computed from what opened.',
    'HAVING is applied to what has opened, and hides nothing from those who receive it.',
  ]);
});

test('what a column is used for is read off the bound tree', async () => {
  const sql = `SELECT CASE WHEN minutes > 60 THEN 'long' ELSE kind END AS g, AVG(cost) FILTER (WHERE note = 'x'), CORR(minutes, paid)
    FROM visits JOIN insured USING (pid) WHERE app GROUP BY g`;
  const { uses } = await bindStudy(sql, schema, duck);
  expect(uses.map(({ table, column, use, clause }) => `${table}.${column} ${use} ${clause}`)).toEqual([
    'visits.pid join JOIN',
    'insured.pid join JOIN',
    'insured.app filter WHERE',
    'visits.minutes filter GROUP BY',
    'visits.kind filter GROUP BY',
    'visits.kind group GROUP BY',
    'visits.note filter FILTER',
    'visits.cost aggregate AVG',
    'visits.minutes filter CORR',
    'insured.paid filter CORR',
  ]);
});
