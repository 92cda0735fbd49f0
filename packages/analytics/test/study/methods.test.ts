import { canonicalBytes, hex, parseCanonical } from '@symbolon/crypto';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import {
  type BoundMethod,
  bindMethod,
  complete,
  finishMethod,
  largestRelativeDifference,
  type MethodResult,
  methodHash,
  runMethodClear,
  runStudyClear,
  type Schema,
} from '../../src/index.ts';
import { randomData } from '../sql/data.ts';
import { type Data, MemoryDuck } from '../sql/duckdb.ts';
import { evaluate } from '../sql/evaluate.ts';
import { wide } from '../sql/studies.ts';
import { methodOf } from './method.ts';

const timeout = process.env.SLOW ? 3_600_000 : 300_000;
const numRuns = process.env.SLOW ? 200 : 6;
const joined = 'FROM visits v JOIN insured i USING (pid)';

let duck: MemoryDuck;
beforeAll(async () => {
  duck = await MemoryDuck.open();
});

const studies: [title: string, sql: string, parameters: Record<string, unknown>][] = [
  ['describe', `SELECT v.cost, v.minutes * i.level AS load ${joined}`, {}],
  ['describe', 'SELECT v.cost, v.minutes FROM visits v WHERE v.urgent', { quantiles: [0.25, 0.5] }],
  ['describe', 'SELECT v.cost, v.kind AS by FROM visits v', { level: 0.9 }],
  ['histogram', 'SELECT v.minutes AS value FROM visits v', { width: 30 }],
  [
    'histogram',
    `SELECT v.cost - i.paid AS value, i.region AS by ${joined}`,
    { edges: [-5000, '-1000.25', 0, 2500.5, 5000] },
  ],
  ['crosstab', `SELECT i.region AS a, v.urgent = i.app AS b ${joined}`, {}],
  ['crosstab', `SELECT v.kind AS a, i.region AS b, i.sex AS by ${joined}`, {}],
  ['risk', `SELECT v.urgent AS exposed, i.app AS outcome ${joined}`, {}],
  ['risk', 'SELECT v.urgent AS exposed, v.minutes > 100 AS outcome, v.kind AS by FROM visits v', {}],
  ['t-test', `SELECT v.cost AS value, i.app AS grp ${joined}`, {}],
  ['t-test', 'SELECT v.cost AS value, v.kind AS grp FROM visits v', { variances: 'pooled' }],
  ['t-test', `SELECT v.cost AS value, i.region AS grp, v.urgent AS by ${joined}`, { groups: ['west', 'abroad'] }],
  ['t-test', `SELECT v.cost AS value, i.level AS grp ${joined}`, { groups: [3, '-1'].map(String) }],
  ['correlation', `SELECT v.cost AS x, i.paid AS y ${joined}`, {}],
  ['correlation', 'SELECT v.minutes AS x, v.cost AS y, v.urgent AS by FROM visits v', {}],
  ['before-after', `SELECT v.cost AS before, i.paid AS after ${joined}`, {}],
  [
    'difference-in-differences',
    `SELECT v.cost AS value, v.seen >= '2021-01-01' AS after, i.app AS treated ${joined}`,
    {},
  ],
  ['difference-in-differences', `SELECT v.minutes AS before, v.cost AS after, i.app AS treated ${joined}`, {}],
  ['linear-regression', `SELECT i.paid AS y, v.cost, v.minutes ${joined}`, {}],
  ['linear-regression', `SELECT v.cost AS y, i.paid, i.app, i.region, v.kind ${joined}`, {}],
  [
    'linear-regression',
    "SELECT v.cost AS y, CASE WHEN v.urgent THEN 'a' WHEN v.minutes > 99 THEN 'A' ELSE 'b' END AS c, v.kind FROM visits v",
    {},
  ],
  [
    'linear-regression',
    'SELECT CAST(v.urgent AS INTEGER) AS y, v.cost, 3 + CAST(v.minutes > 50 AS INTEGER) AS two FROM visits v',
    {},
  ],
  ['linear-regression', `SELECT v.cost AS y, i.paid, i.app, v.urgent AS by ${joined}`, {}],
];

describe.each(studies)('%s: %s %o', (name, sql, parameters) => {
  const rows = name === 'linear-regression' || sql.includes(' AS by ') ? 300 : 80;
  const schemaOf = (minPatients: number): Schema => ({
    ...wide,
    minPatients,
    allowEmptyParty: true,
    tables: Object.fromEntries(Object.entries(wide.tables).map(([table, of]) => [table, { ...of, maxRows: rows }])),
  });

  test(
    'from released numbers as from rows',
    async () => {
      let compared = 0;
      const property = fc.asyncProperty(fc.nat(1_000_000), fc.constantFrom(1, 1, 2, 4), async (seed, k) => {
        const schema = schemaOf(k);
        const bound = await bindMethod({ sql, method: methodOf(name, parameters) }, schema, duck);
        expect(parseCanonical(canonicalBytes(bound))).toEqual(bound);
        expect(hex(methodHash(await bindMethod(bound, schema, duck)))).toBe(hex(methodHash(bound)));
        const tables = await duck.load(schema, randomData(schema, seed, rows));
        const { study } = bound.work as { kind: 'study' } & BoundMethod['work'];
        const plain = await runMethodClear(bound, tables, duck);
        const clear = finishMethod(bound, await runStudyClear(study, tables, duck));
        // The bound tree, recombined from what each owner computes alone.
        const recombined = finishMethod(bound, { cells: complete(study, await evaluate(study, tables, duck)) });
        for (const result of [clear, recombined]) {
          expect(largestRelativeDifference(result, plain), JSON.stringify([result, plain])).toBeLessThan(1e-7);
          expect(names(result)).toEqual(names(plain));
        }
        expect(recombined.notes).toEqual(clear.notes);
        if (!clear.notes.some(({ code }) => code === 'suppressed')) {
          compared++;
          expect(codes(clear)).toEqual(codes(plain));
        }
      });
      await fc.assert(property, {
        numRuns,
        examples: [
          [1, 1],
          [58_760, 1],
        ],
      });
      expect(compared).toBeGreaterThan(0);
    },
    timeout,
  );
});

const names = ({ method, estimates }: MethodResult) => [method, ...estimates.map(({ name }) => name)];
const codes = ({ notes }: MethodResult) => notes.map(({ code }) => code);

describe('what is withheld is null, with a note', () => {
  const visit = (pid: number, kind: string, cost: string | null, urgent: boolean | null = null) => ({
    pid: `p${pid}`,
    kind,
    cost,
    urgent,
    minutes: String(10 * (pid % 4)),
    seen: pid % 2 === 0 ? '2020-06-01' : '2021-06-01',
  });
  const schema: Schema = { ...wide, minPatients: 3, allowEmptyParty: true };
  const result = async (name: string, sql: string, visits: ReturnType<typeof visit>[], parameters = {}) => {
    const data: Data = { visits: { north: visits, south: [] }, insured: { insurer: [] }, census: { office: [] } };
    const tables = await duck.load(schema, data);
    const bound = await bindMethod({ sql, method: methodOf(name, parameters) }, schema, duck);
    const { study } = bound.work as { kind: 'study' } & BoundMethod['work'];
    const finished = finishMethod(bound, await runStudyClear(study, tables, duck));
    const cells = complete(study, await evaluate(study, tables, duck));
    expect(finishMethod(bound, { cells })).toEqual(finished);
    return {
      ...finished,
      values: Object.fromEntries(finished.estimates.map((each) => [each.name, each.value])),
      cells,
    };
  };
  const note = (...of: string[]) =>
    `suppressed, as fewer than 3 patients, of all parties or of one, stand behind it: ${of.join(', ')}`;

  test('t-test: a group of two', async () => {
    const visits = [1, 2, 3]
      .map((pid) => visit(pid, 'family', String(pid)))
      .concat([4, 5, 5].map((pid) => visit(pid, 'specialist', '7')));
    const { values, tests, notes, n } = await result('t-test', 'SELECT cost AS value, kind AS grp FROM visits', visits);
    expect(values).toEqual({ 'family − specialist': null, family: 2, specialist: null });
    expect([n, tests, notes.map(({ text }) => text)]).toEqual([3, [], [note('specialist')]]);
  });

  test('risk: one small cell', async () => {
    const cell = (from: number, urgent: boolean, minutes: string, many: number) =>
      Array.from({ length: many }, (_, i) => ({ ...visit(from + i, 'family', '1', urgent), minutes }));
    const visits = [
      ...cell(0, true, '10', 5),
      ...cell(10, true, '0', 4),
      ...cell(20, false, '10', 2),
      ...cell(30, false, '0', 6),
    ];
    const sql = 'SELECT urgent AS exposed, minutes > 5 AS outcome FROM visits';
    const { values, tests, notes } = await result('risk', sql, visits);
    expect(values).toEqual({ 'odds ratio': null, 'risk ratio': null, 'risk difference': null });
    expect([tests, notes.map(({ text }) => text)]).toEqual([[], [note('unexposed cases')]]);
  });

  test('crosstab and histogram: a small cell is left out of every share', async () => {
    const visits = [1, 2, 3, 4]
      .map((pid) => visit(pid, 'family', '10', true))
      .concat([visit(5, 'family', '99', false)]);
    const table = await result('crosstab', 'SELECT kind AS a, urgent AS b FROM visits', visits);
    expect(table.values).toEqual({ 'family: true': 1 });
    expect(table.notes.map(({ code }) => code)).toEqual(['suppressed']);
    const bars = await result('histogram', 'SELECT cost AS value FROM visits', visits, { edges: [0, 50, 100] });
    expect(bars.values).toEqual({ '0 to 50': 1 });
  });

  test('linear regression: a level of two patients, and nothing opens', async () => {
    const visits = [1, 2, 3, 4, 5, 6].map((pid) =>
      visit(pid, pid < 5 ? 'family' : 'specialist', String(pid * pid), pid % 3 === 0),
    );
    const { values, notes, cells } = await result(
      'linear-regression',
      'SELECT cost AS y, minutes, kind FROM visits',
      visits,
    );
    expect(values).toEqual({ '(intercept)': null, minutes: null, 'kind: specialist': null });
    expect(notes.map(({ text }) => text)).toEqual([note('the smallest group by kind')]);
    expect(cells[0]!.suppressed.every(Boolean)).toBe(true);
    expect(cells[0]!.values.every((value) => value === null)).toBe(true);
  });

  test('linear regression: levels that are large, but not together', async () => {
    const visits = [1, 2, 3, 4, 5, 6, 7, 8].map((pid) =>
      visit(pid, pid < 5 ? 'family' : 'specialist', String(pid * pid), pid % 4 === 0),
    );
    const { notes } = await result('linear-regression', 'SELECT cost AS y, urgent, kind FROM visits', visits);
    expect(notes.map(({ text }) => text)).toEqual([note('the smallest group by two of urgent, kind')]);
  });

  test('describe: an item that too few have; a quantile with too few on one side', async () => {
    const visits = [1, 2, 3, 4, 5].map((pid) => visit(pid, 'family', pid < 3 ? String(pid) : null));
    const { values, notes } = await result('describe', 'SELECT cost, minutes FROM visits', visits, {
      quantiles: [0.1, 0.5],
    });
    expect(values).toMatchObject({
      'cost: mean': null,
      'cost: median': null,
      'minutes: mean': 14,
      'minutes: quantile 0.1': null,
      'minutes: median': 10,
    });
    expect(notes.map(({ text }) => text)).toEqual([
      note('cost', 'quantile 0.1 of cost', 'median of cost'),
      note('quantile 0.1 of minutes'),
    ]);
  });

  test('difference in differences: one sample', async () => {
    const visits = [1, 2, 3, 4, 5, 6, 7, 8].map((pid) => visit(pid, 'family', String(pid * pid), pid < 6));
    const sql = "SELECT cost AS value, seen >= '2021-01-01' AS after, urgent AS treated FROM visits";
    const { values, notes } = await result('difference-in-differences', sql, visits);
    expect(values).toMatchObject({
      'difference in differences': null,
      'treated, after': 35 / 3,
      'control, before': null,
    });
    expect(notes.map(({ text }) => text)).toEqual([note('treated, before', 'control, before', 'control, after')]);
  });
});
