import { SymbolonError } from '@symbolon/crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import { bindMethod, type Schema } from '../../src/index.ts';
import { MemoryDuck } from '../sql/duckdb.ts';
import { schema } from '../sql/schema.ts';
import { methodOf } from './method.ts';

let duck: MemoryDuck;
beforeAll(async () => {
  duck = await MemoryDuck.open();
});

async function refusal(name: string, sql: string, parameters = {}, of: Schema = schema): Promise<[string, string]> {
  try {
    await bindMethod({ sql, method: methodOf(name, parameters) }, of, duck);
  } catch (error) {
    if (error instanceof SymbolonError) return [error.code, error.message];
    throw error;
  }
  throw new Error('it was not refused');
}

const joined = 'FROM visits v JOIN insured i USING (pid)';

describe('policies', () => {
  const aggregate = "and its policy is 'aggregate': it may stand only as the bare argument of SUM, AVG or a variance";
  const filter = "and its policy is 'filter': it may stand in conditions and in arguments of aggregates";
  test.each([
    [
      'correlation',
      `SELECT v.cost AS x, i.paid AS y ${joined}`,
      `visits.cost stands in x of correlation, ${aggregate}`,
    ],
    [
      'before-after',
      `SELECT v.cost AS before, i.paid AS after ${joined}`,
      `visits.cost stands in before of before-after, ${aggregate}`,
    ],
    [
      't-test',
      `SELECT v.cost * 2 AS value, i.app AS grp ${joined}`,
      `visits.cost stands in value of t-test, ${aggregate}`,
    ],
    ['histogram', 'SELECT cost AS value FROM visits', `visits.cost stands in value of histogram, ${aggregate}`],
    [
      'linear-regression',
      `SELECT i.paid AS y, v.cost ${joined}`,
      `visits.cost stands in cost of linear-regression, ${aggregate}`,
    ],
    [
      'logistic-regression',
      `SELECT i.app AS y, v.cost ${joined}`,
      `visits.cost stands in cost of logistic-regression, ${aggregate}`,
    ],
    [
      'survival',
      'SELECT cost AS time, urgent AS event FROM visits',
      `visits.cost stands in time of survival, ${aggregate}`,
    ],
    [
      'crosstab',
      'SELECT minutes % 3 AS a, urgent AS b FROM visits',
      `visits.minutes stands in a of crosstab, ${filter}`,
    ],
    [
      't-test',
      'SELECT secret AS value, urgent AS grp FROM visits',
      "visits.secret stands in value of t-test, and its policy is 'hidden': it cannot be used",
    ],
    [
      'survival',
      'SELECT minutes AS time, urgent AS event, minutes % 2 AS grp FROM visits',
      `visits.minutes stands in grp of survival, ${filter}`,
    ],
  ])('%s: %s', async (name, sql, message) => {
    const parameters = name === 'histogram' ? { width: 10 } : name === 'survival' ? { at: [30] } : {};
    expect(await refusal(name, sql, parameters)).toEqual(['study-policy', message]);
  });

  test('a column that may only be added up serves where it is only added up', async () => {
    const bind = (name: string, sql: string, parameters = {}) =>
      bindMethod({ sql, method: methodOf(name, parameters) }, schema, duck);
    for (const sql of [
      'SELECT cost AS value, urgent AS grp FROM visits',
      `SELECT v.cost AS value, i.sex AS grp ${joined}`,
    ])
      expect(await bind('t-test', sql)).toBeDefined();
    await bind('describe', 'SELECT cost FROM visits');
    await bind(
      'difference-in-differences',
      "SELECT cost AS value, urgent AS treated, seen > '2021-01-01' AS after FROM visits",
    );
    expect((await refusal('describe', 'SELECT cost FROM visits', { quantiles: [0.5] }))[0]).toBe('study-policy');
  });

  test('nor may a count of it stand alone', async () => {
    const study = bindMethod({ sql: 'SELECT cost FROM visits', method: methodOf('describe') }, schema, duck);
    const { uses } = (await study).rows;
    expect(uses).toContainEqual({ table: 'visits', column: 'cost', use: 'aggregate', clause: 'cost of describe' });
  });
});

describe('items', () => {
  test.each([
    [
      't-test',
      `SELECT v.cost AS value, i.app AS grop ${joined}`,
      't-test takes items called value, grp, and may have one called by: write v.cost AS value; yours are value, grop; did you mean grp by grop?',
    ],
    [
      't-test',
      'SELECT cost FROM visits',
      't-test takes items called value, grp, and may have one called by: write v.cost AS value; yours are cost',
    ],
    [
      'difference-in-differences',
      'SELECT cost AS value, urgent AS treated FROM visits',
      'difference-in-differences takes items called value, after, treated; or before, after, treated, and may have one called by: write v.cost AS value; yours are value, treated',
    ],
    [
      'survival',
      'SELECT minutes AS time, urgent AS event, kind AS by FROM visits',
      'survival takes items called time, event; or time, event, grp: write v.cost AS time; yours are time, event, by',
    ],
    ['linear-regression', 'SELECT minutes AS y FROM visits', 'linear-regression needs an item more, under any name'],
    [
      'risk',
      'SELECT kind AS exposed, urgent AS outcome FROM visits',
      'exposed of risk: TRUE or FALSE is needed, and this is a text; write a comparison, such as x = 1 (at: kind AS exposed, urgent AS outcome FROM visits)',
    ],
    [
      'correlation',
      'SELECT minutes AS x, kind AS y FROM visits',
      'y of correlation: a number is needed, and this is a text; write a CAST, or CASE WHEN … THEN 1 ELSE 0 END (at: kind AS y FROM visits)',
    ],
    [
      'correlation',
      'SELECT seen AS x, minutes AS y FROM visits',
      "x of correlation: a number is needed, and this is a date; write date_diff('day', from, to) (at: seen AS x, minutes AS y FROM visits)",
    ],
    [
      'linear-regression',
      'SELECT minutes AS y, ward FROM visits',
      'ward of linear-regression: its values are not known before; list the values of its column in the agreement, or write CASE WHEN … THEN … END (at: ward FROM visits)',
    ],
    [
      'crosstab',
      'SELECT kind AS a, note AS b FROM visits',
      'b of crosstab: its values are not known before; list the values of its column in the agreement, or write CASE WHEN … THEN … END (at: note AS b FROM visits)',
    ],
    [
      'linear-regression',
      'SELECT minutes AS y, seen FROM visits',
      "seen of linear-regression: a date is no covariate; write date_diff('day', from, to) (at: seen FROM visits)",
    ],
    [
      't-test',
      'SELECT AVG(cost) AS value, kind AS grp FROM visits',
      'an aggregate cannot stand beside a method, which takes rows; write the value alone (at: AVG(cost) AS value, kind AS grp FROM visits)',
    ],
    [
      'describe',
      'SELECT minutes AS "n cost", cost FROM visits',
      'an item has a name like visits_before; write … AS visits_before (at: minutes AS "n cost", cost FROM visits)',
    ],
    ['t-test', 'SELECT * FROM visits', '* would give every column; name the items of the method (at: * FROM visits)'],
    [
      't-test',
      'SELECT cost AS value, kind AS grp FROM visits GROUP BY kind',
      'GROUP BY cannot stand beside a method; a method groups its rows itself; give an item a name that it groups by',
    ],
    [
      't-test',
      'SELECT cost AS value, kind AS grp FROM visits LIMIT 5',
      'DISTINCT, ORDER BY or LIMIT cannot stand beside a method; a method takes all rows',
    ],
    [
      't-test',
      `SELECT v.cost AS value, i.region AS grp ${joined}`,
      'grp of t-test: it may have 3 values; name two: parameters: groups: [east, west]',
    ],
    [
      't-test',
      'SELECT NULL AS value, kind AS grp FROM visits',
      'value is always NULL (at: NULL AS value, kind AS grp FROM visits)',
    ],
  ])('%s: %s', async (name, sql, message) => {
    expect(await refusal(name, sql, name === 'survival' ? { at: [30] } : {})).toEqual(['study-unsupported', message]);
  });

  test('groups, times and widths that do not fit', async () => {
    const grouped = `SELECT v.cost AS value, i.region AS grp ${joined}`;
    expect(await refusal('t-test', grouped, { groups: ['west', 'north'] })).toEqual([
      'study-unsupported',
      'grp of t-test: north is none of its values, which are east, west, abroad',
    ]);
    expect(await refusal('survival', 'SELECT minutes AS time, urgent AS event FROM visits', { at: [0, 1.5] })).toEqual([
      'study-unsupported',
      'at of survival: 1.5 has more digits behind the point than time',
    ]);
    expect((await refusal('survival', 'SELECT minutes AS time, urgent AS event FROM visits', { at: [241] }))[1]).toBe(
      'at of survival: 241 is no time; they are from -10 to 240',
    );
    expect(await refusal('histogram', 'SELECT minutes AS value FROM visits', { width: 0.1 })).toEqual([
      'study-unsupported',
      'value of histogram: a width of 0.1 makes 2500 bins, and 1000 are the most',
    ]);
  });

  test('what studies refuse, methods refuse', async () => {
    expect((await refusal('t-test', 'SELECT cost AS value, kin AS grp FROM visits'))[1]).toMatch(
      /did you mean visits.kind/,
    );
    expect((await refusal('t-test', 'SELEC cost'))[0]).toBe('study-syntax');
    const wide = {
      ...schema,
      tables: { ...schema.tables, census: { ...schema.tables.census!, maxRows: 2_000_000_000 } },
    };
    const sql = 'SELECT income AS x, income * education AS y FROM census';
    expect((await refusal('correlation', sql, {}, wide))[0]).toBe('plan-range');
  });
});
