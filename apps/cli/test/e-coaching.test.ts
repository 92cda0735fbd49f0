import type { Report } from '@symbolon/report';
import { type Coached, coachedPatients, coachingTables } from '@symbolon/testkit';
import { expect, test } from 'vitest';
import { Expected } from '../src/e-coaching/expected.ts';
import { covers, questions } from '../src/e-coaching/findings.ts';

const many = process.env.SLOW === '1' ? 400 : 60;

type Row = Readonly<Record<string, boolean | number | string>>;

/** A patient of the hospital with what the insurer, the statistics office and the municipality have of them. */
function joined(seed: number): Row[] {
  const [patients, ...others] = coachingTables({ patients: 1500, seed }).filter(
    ({ name }) => !['practice', 'library'].includes(name),
  );
  const maps = others.map(({ rows }) => new Map(rows.map((row) => [row.id, row as Row])));
  return patients!.rows.flatMap((row) => {
    const found = maps.map((map) => map.get(row.id));
    return found.every((one) => one !== undefined) ? [Object.assign({}, row, ...found) as Row] : [];
  });
}

/** What the SELECT of a study gives: groups of rows, with count, and mean and standard deviation of each value. */
function grouped(
  rows: readonly Row[],
  keys: Readonly<Record<string, (row: Row) => string>>,
  values: Readonly<Record<string, (row: Row) => number>>,
): Report['result'] {
  const groups = Map.groupBy(rows, (row) => JSON.stringify(Object.values(keys).map((key) => key(row))));
  const lines = [...groups].map(([key, own]) => [
    ...(JSON.parse(key) as string[]),
    String(own.length),
    ...Object.values(values).flatMap((value) => {
      const all = own.map(value);
      const mean = all.reduce((sum, x) => sum + x, 0) / all.length;
      const variance = all.reduce((sum, x) => sum + (x - mean) ** 2, 0) / (all.length - 1);
      return [String(mean), String(Math.sqrt(variance))];
    }),
  ]);
  const spread = (name: string): string => (name === 'change' ? 'spread' : `${name}_spread`);
  const columns = [...Object.keys(keys), 'patients', ...Object.keys(values).flatMap((name) => [name, spread(name)])];
  return { kind: 'study', result: { columns, rows: lines } } as unknown as Report['result'];
}

const change =
  (what: string) =>
  (row: Row): number =>
    Number(row[`${what}_after`]) - Number(row[`${what}_before`]);
const app = (row: Row): string => String(row.app);
const age = (row: Row): string =>
  Number(row.age) < 40 ? 'under 40' : Number(row.age) < 65 ? '40 to 64' : '65 and over';

const selects: Readonly<Record<string, (rows: readonly Row[]) => Report['result']>> = {
  'by-age': (rows) => grouped(rows, { age, app }, { change: change('specialist') }),
  'by-education-and-region': (rows) =>
    grouped(
      rows.filter((row) => row.app),
      { education: (row) => String(row.education), region: (row) => String(row.region) },
      { change: change('specialist') },
    ),
  cost: (rows) => grouped(rows, { app }, { insurer: change('paid'), municipality: change('transport') }),
};

const cohorts = Array.from({ length: many }, (_, seed) => ({
  rows: joined(seed),
  expected: new Expected([...coachedPatients({ patients: 1500, seed })] as Coached[]),
}));

test.each(Object.keys(selects))('%s: 95%% intervals hold what was put into the data, as often as they say', (name) => {
  const held = cohorts.map(({ rows, expected }) =>
    questions[name]!.findings(selects[name]!(rows), expected).map((finding) => covers(finding)),
  );
  for (const [i] of held[0]!.entries()) {
    const share = held.filter((one) => one[i] === true).length / many;
    expect(share, `finding ${i}`).toBeGreaterThan(0.95 - 3.5 * Math.sqrt((0.95 * 0.05) / many));
  }
});

test('every study of the example has a question', () => {
  expect(Object.keys(questions).toSorted()).toEqual([
    'by-age',
    'by-education-and-region',
    'by-literacy',
    'cost',
    'digital-skills',
    'family',
    'flares',
    'quality',
    'specialist',
    'uptake',
  ]);
});

test('what is suppressed is not made of what is shown', () => {
  const { rows, expected } = cohorts[0]!;
  const whole = selects['by-age']!(rows) as Report['result'] & { kind: 'study' };
  const cut = whole.result.rows.map((row) =>
    row[0] === 'under 40' && row[1] === 'true' ? [...row.slice(0, 2), null, null, null] : row,
  );
  const result = { ...whole, result: { ...whole.result, rows: cut } };
  const [young, middle] = questions['by-age']!.findings(result, expected);
  expect(young).toMatchObject({ found: { value: null, interval: null } });
  expect(covers(young!)).toBeNull();
  expect(middle!.found.value).toEqual(expect.any(Number));
});
