import { beforeAll, expect, test } from 'vitest';
import { bindMethod, explainMethod, linesOf } from '../../src/index.ts';
import { MemoryDuck } from '../sql/duckdb.ts';
import { schema } from '../sql/schema.ts';
import { methodOf } from './method.ts';

let duck: MemoryDuck;
beforeAll(async () => {
  duck = await MemoryDuck.open();
});

const words = async (name: string, sql: string, parameters = {}) =>
  linesOf(explainMethod(await bindMethod({ sql, method: methodOf(name, parameters) }, schema, duck))).join('\n');

test('a method that is reduced to aggregates', async () => {
  const sql = 'SELECT v.cost AS value, i.app AS grp FROM visits v JOIN insured i USING (pid)';
  expect(await words('t-test', sql)).toMatchInlineSnapshot(`
    "Study:
      SELECT v.cost AS value, i.app AS grp FROM visits v JOIN insured i USING (pid)
    Method: t-test (level 0.95, variances welch), of rows with
      value: v.cost
      grp: i.app
    Rows: visits of north, south, at most 50000 at each.
    Joined, inside the secure computation, with insured of insurer where v.pid = i.pid. Nobody learns which rows join.
    Before it runs, all parties learn the number of rows of each table, and of the different keys of the join in it.
    Computed by north, south from visits alone, for every row:
      v.cost, from -50.00 to 5000.00
    Computed by insurer from insured alone, for every row:
      (NOT (i.app IS NULL))
      i.app
    A row counts where (NOT (i.app IS NULL)); nobody learns which rows do.
    Opened, for each of 3 cells, whether anyone is in it or not, by i.app:
      the number of rows, where v.cost is not NULL
      the sum of v.cost, where v.cost is not NULL
      the sum of (v.cost - 2475.00), where v.cost is not NULL
      the sum of (v.cost - 2475.00) · (v.cost - 2475.00), where v.cost is not NULL
    Each only where at least 3 patients, and of each of north, south, stand behind it; a quantile, on either side of it. Else it is marked as suppressed.
    A variance shows the mean as well.
    Computed from what opened: the difference of two means with interval and test, both means."
  `);
});

test('a regression opens all or nothing', async () => {
  const text = await words('linear-regression', 'SELECT minutes AS y, kind, urgent FROM visits');
  expect(text).toMatch(/marked as suppressed, and so is all else of its cell\.$/m);
  expect(text).toMatch(/the number of rows, where \(\(visits\.kind = 'family'\) AND visits\.urgent\)$/m);
});

test('survival', async () => {
  const sql = 'SELECT minutes AS time, urgent AS event, kind AS grp FROM visits';
  expect(await words('survival', sql, { at: [30, 60] })).toMatchInlineSnapshot(`
    "Study:
      SELECT minutes AS time, urgent AS event, kind AS grp FROM visits
    Method: Kaplan–Meier, log-rank (level 0.95, at [30, 60], scale log), of rows with
      time: visits.minutes
      event: visits.urgent
      grp: visits.kind
    Rows: visits of north, south, at most 50000 at each.
    A patient of several of them is counted at each: not de-duplicated.
    Before it runs, all parties learn the number of rows of each table, and of the patients whose rows they are.
    Computed by north, south from visits alone, for every row:
      ((NOT (visits.minutes IS NULL)) AND (NOT (visits.urgent IS NULL)))
      visits.minutes, from -10 to 240
      visits.urgent
      visits.kind, one of 2 texts
      (visits.kind = 'family')
      (visits.kind = 'specialist')
    A row counts where ((NOT (visits.minutes IS NULL)) AND (NOT (visits.urgent IS NULL))); nobody learns which rows do.
    Opened, for each of family, specialist:
      how many patients there are, and how many had the event
      at 30, 60: how many had the event until then, how many are observed longer, survival and its error
      the median and the ends of its interval
      expected events of each group, and their covariance, for the log-rank test
    A number opens only where at least 3 patients, and of each of north, south, stand behind it and behind each step up to it; the test, where every group is shown.
    The times of single patients do not open.
    Computed from what opened: curves with bands, medians with intervals, the log-rank test."
  `);
});

test('logistic regression', async () => {
  const sql = 'SELECT i.app AS y, i.paid, i.sex FROM visits v JOIN insured i USING (pid)';
  expect(await words('logistic-regression', sql)).toMatchInlineSnapshot(`
    "Study:
      SELECT i.app AS y, i.paid, i.sex FROM visits v JOIN insured i USING (pid)
    Method: logistic regression (level 0.95, iterations 8), of rows with
      y: i.app
      paid: i.paid
      sex: i.sex
    Rows: visits of north, south, at most 50000 at each.
    Joined, inside the secure computation, with insured of insurer where v.pid = i.pid. Nobody learns which rows join.
    Before it runs, all parties learn the number of rows of each table, and of the different keys of the join in it.
    Computed by insurer from insured alone, for every row:
      ((NOT (i.app IS NULL)) AND (NOT (i.paid IS NULL)) AND (NOT (i.sex IS NULL)))
      i.app
      i.paid, from 0.00 to 9999.99
      i.sex, one of 2 texts
      (i.sex = 'm')
      (NOT i.app)
      (i.sex = 'f')
      ((NOT i.app) AND (i.sex = 'f'))
      ((NOT i.app) AND (i.sex = 'm'))
      (i.app AND (i.sex = 'f'))
      (i.app AND (i.sex = 'm'))
    A row counts where ((NOT (i.app IS NULL)) AND (NOT (i.paid IS NULL)) AND (NOT (i.sex IS NULL))); nobody learns which rows do.
    Opened, for all rows together:
      the number of rows, and of those whose y is TRUE
      of (intercept), paid, sex: m: coefficients, information and score at the last step; its likelihood
    All of it, or nothing where fewer than 3 patients, and of each of north, south, stand behind one of 9 sets: all rows, each value of y and of each indicator, each two of these.
    What the iterations pass through does not open.
    Computed from what opened: coefficients and odds ratios with errors and tests."
  `);
});
