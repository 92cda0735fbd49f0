import type { StudyAgreement } from '@symbolon/agreement';
import { type DuckDb, openDuckDb } from '@symbolon/service';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Plan, refusedPlan } from '../src/authorize/plan.ts';
import { bindListed } from '../src/study/question.ts';
import { studiesOf } from './study-network.ts';

/*
 * Attempts to learn what the agreement does not give, and the rule that stops each: `person` only joins, `cost` is only added up, `age` may
 * stand in conditions, `region` may be shown, `name` is hidden. Whoever asks, the owner's own server binds the text and decides by what it comes to.
 */

const number = { type: 'number', min: '0', max: '1000', required: true } as const;
const table = {
  holders: [{ party: 'hospital', dataset: 'people' }],
  maxRows: 1000,
  patient: 'person',
  onePerPatient: true,
  columns: {
    person: { type: 'text', policy: 'join', required: true },
    name: { type: 'text', policy: 'hidden' },
    cost: { ...number, policy: 'aggregate' },
    age: { ...number, policy: 'filter', towards: ['hospital', 'office'] },
    region: { type: 'text', policy: 'group', values: ['north', 'south'], required: true },
  },
} as const;
const agreement = { studies: studiesOf({ tables: { p: table }, joins: [] }) } as unknown as StudyAgreement;

let duck: DuckDb;
beforeAll(async () => {
  duck = await openDuckDb({ threads: 1 });
});
afterAll(() => duck.close());

const bind = async (sql: string, to: readonly string[] = ['office']) =>
  bindListed(agreement, { name: 'attempt', text: sql, to, maxRuns: 1 }, duck);

test('the honest question binds (or all of this would prove nothing)', async () => {
  const sql = 'SELECT region, COUNT(*), SUM(cost) FROM p WHERE age > 40 GROUP BY region';
  expect((await bind(sql)).parties).toEqual(['hospital', 'office']);
});

const onlyAddedUp = "its policy is 'aggregate'";
const onlyJoins = "its policy is 'join'";
const onlyFilters = "its policy is 'filter'";

describe('refused', () => {
  test.each([
    ['another name for a column', 'SELECT x.cost AS region, COUNT(*) FROM p x GROUP BY x.cost', onlyAddedUp],
    ['the name of a permitted one', 'SELECT cost AS region, COUNT(*) FROM p GROUP BY 1', onlyAddedUp],
    [
      'a CASE around it',
      "SELECT CASE WHEN cost > 500 THEN 'dear' ELSE 'cheap' END, COUNT(*) FROM p GROUP BY 1",
      onlyAddedUp,
    ],
    ['a CASE that hands it on', 'SELECT CASE WHEN TRUE THEN age ELSE 0 END, COUNT(*) FROM p GROUP BY 1', onlyFilters],
    ['arithmetic', 'SELECT cost + 0, COUNT(*) FROM p GROUP BY 1', onlyAddedUp],
    ['arithmetic in a sum', 'SELECT SUM(cost * cost * cost) FROM p', onlyAddedUp],
    ['a sum of one person', "SELECT SUM(CASE WHEN person = 'A' THEN cost ELSE 0 END) FROM p", onlyJoins],
    ['digits of a value in a sum', 'SELECT SUM(cost % 2) FROM p', onlyAddedUp],
    ['a cast', 'SELECT CAST(cost AS VARCHAR), COUNT(*) FROM p GROUP BY 1', onlyAddedUp],
    ['a column of a cast in WHERE', "SELECT COUNT(*) FROM p WHERE CAST(cost AS VARCHAR) LIKE '9%'", ''],
    ['WHERE', 'SELECT COUNT(*) FROM p WHERE cost > 999', onlyAddedUp],
    ['WHERE on one person', "SELECT SUM(cost) FROM p WHERE person = 'A'", onlyJoins],
    ['WHERE with IS NULL', 'SELECT COUNT(*) FROM p WHERE name IS NULL', 'cannot be used'],
    ['FILTER', 'SELECT COUNT(*) FILTER (WHERE cost > 999) FROM p', onlyAddedUp],
    ['HAVING on a column', 'SELECT region, COUNT(*) FROM p GROUP BY region HAVING MAX(cost) > 999', ''],
    [
      'HAVING on a sum of another',
      'SELECT region, COUNT(*) FROM p GROUP BY region HAVING SUM(cost % 7) > 3',
      onlyAddedUp,
    ],
    ['ORDER BY a column', 'SELECT region, COUNT(*) FROM p GROUP BY region ORDER BY cost LIMIT 1', ''],
    ['ORDER BY a smallest value', 'SELECT region FROM p GROUP BY region ORDER BY MIN(cost) LIMIT 1', ''],
    ['groups of one', 'SELECT person, COUNT(*) FROM p GROUP BY person', onlyJoins],
    ['groups of one that are not shown', 'SELECT SUM(cost) FROM p GROUP BY person', onlyJoins],
    ['a median', 'SELECT MEDIAN(cost) FROM p', onlyAddedUp],
    ['the highest as a quantile', 'SELECT QUANTILE_CONT(age, 1.0) FROM p', ''],
    ['the highest', 'SELECT MAX(age) FROM p', ''],
    ['all values in a list', 'SELECT LIST(cost) FROM p', ''],
    ['all values in a text', "SELECT STRING_AGG(name, ',') FROM p", ''],
    ['how many different values', 'SELECT COUNT(DISTINCT cost) FROM p', ''],
    ['whether there is a value', 'SELECT COUNT(name) FROM p', 'cannot be used'],
    ['a correlation', 'SELECT CORR(cost, age) FROM p', onlyAddedUp],
    ['a row itself', 'SELECT * FROM p', ''],
    ['a window', 'SELECT region, SUM(cost) OVER (ORDER BY age) FROM p', ''],
    ['a sample', 'SELECT SUM(cost) FROM p USING SAMPLE 1 ROWS', ''],
    ['a subquery', 'SELECT COUNT(*) FROM (SELECT * FROM p WHERE cost > 999)', ''],
    ['a subquery in WHERE', 'SELECT COUNT(*) FROM p WHERE cost = (SELECT MAX(cost) FROM p)', ''],
    ['a WITH', 'WITH q AS (SELECT * FROM p) SELECT COUNT(*) FROM q', ''],
    ['a UNION', 'SELECT COUNT(*) FROM p UNION SELECT SUM(cost) FROM p', ''],
    ['a join with itself', 'SELECT COUNT(*) FROM p JOIN p q USING (person)', ''],
    ['another statement behind it', 'SELECT COUNT(*) FROM p; SELECT SUM(cost) FROM p', ''],
    ['a file', "SELECT COUNT(*) FROM read_csv('/etc/passwd')", ''],
    ['a table of the system', 'SELECT COUNT(*) FROM duckdb_settings()', ''],
    ['a function that reads', "SELECT COUNT(*) FROM p WHERE region = getenv('HOME')", ''],
  ])('%s: %s', async (_, sql, words) => {
    const refused = await bind(sql).then(
      () => undefined,
      (error: { code: string; message: string }) => error,
    );
    expect(refused?.code, sql).toMatch(/^study-(policy|unsupported|unknown-column|invalid|syntax|type)$/);
    expect(refused!.message).toContain(words);
  });

  test('a receiver to whom the owner of a column does not give results', async () => {
    const sql = 'SELECT region, COUNT(*) FROM p WHERE age > 40 GROUP BY region';
    await expect(bind(sql, ['office', 'insurer'])).rejects.toMatchObject({
      code: 'study-policy',
      message: expect.stringContaining('for hospital, office, not for insurer'),
    });
  });
});

describe('a plan that binds at who asks, and not here, is refused by the policies on plans as well', () => {
  const plan = (use: string, column = 'cost'): Plan => ({
    what: "the study 'attempt'",
    parties: ['hospital', 'office'],
    receivers: ['office'],
    uses: [{ table: 'p', column, use, clause: 'GROUP BY' }],
  });
  const asking = {
    ...{ by: 'office', self: 'hospital', purpose: undefined, same: true },
    approvals: { given: 1, needed: 1 },
  };
  const decide = (changed: object = {}, of = plan('aggregate'), under: StudyAgreement = agreement) =>
    refusedPlan(of, under, { ...asking, ...changed });

  test('permitted as it is (or the rest would prove nothing)', () => expect(decide()).toBe(undefined));

  test.each([
    ['a use beyond the policy of its column', {}, plan('group'), 'study-policy', 'p.cost group'],
    ['a column that is hidden', {}, plan('join', 'name'), 'study-policy', 'p.name join'],
    ['a column that is not agreed', {}, plan('join', 'ssn'), 'study-policy', 'p.ssn join'],
    [
      'a receiver too many',
      {},
      { ...plan('filter', 'age'), receivers: ['office', 'insurer'] },
      'study-policy',
      'p.age insurer',
    ],
    ['asked by a third', { by: 'insurer' }, plan('aggregate'), 'agreement-party', 'asked by insurer'],
    ['another plan under the same name', { same: false }, plan('aggregate'), 'peer-disagrees', 'versions'],
    [
      'too few approvals',
      { approvals: { given: 1, needed: 2 } },
      plan('aggregate'),
      'unapproved',
      'in just this form (1 of 2',
    ],
  ] as const)('%s', (_, changed, of, code, words) => {
    const refused = decide(changed, of);
    expect(refused).toMatchObject({ grant: false, code });
    expect(refused!.reason).toContain(words);
    expect(refused!.reason).toMatch(/^hospital refuses the study 'attempt': /);
  });

  test('another purpose than was agreed; none where none was', () => {
    const research = { ...agreement, purpose: { uses: ['HRESCH'] } } as unknown as StudyAgreement;
    expect(decide({ purpose: 'HRESCH' }, plan('aggregate'), research)).toBe(undefined);
    expect(decide({ purpose: 'HMARKT' }, plan('aggregate'), research)).toMatchObject({
      code: 'agreement-limit',
      reason: expect.stringContaining('another purpose than the agreement was signed for (HMARKT)'),
    });
    expect(decide({ purpose: 'HRESCH' })).toMatchObject({ code: 'agreement-limit' });
  });
});
