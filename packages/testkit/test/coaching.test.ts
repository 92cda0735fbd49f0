import {
  coMoments,
  type Interval,
  logisticRegression,
  logisticSummary,
  panelDifferenceInDifferences,
  withIntercept,
} from '@symbolon/analytics';
import { describe, expect, test } from 'vitest';
import { type Coached, coachedPatients, coachingTables, coachingTruth } from '../src/index.ts';

const { specialist, family, flare, trend, uptake, course } = coachingTruth;
const many = process.env.SLOW === '1' ? 2000 : 200;

/** Whether a nominal 95 per cent interval covers: in `cohorts` of independent patients, within 3.5 standard deviations of 95 per cent. */
function expectCoverage(covers: readonly boolean[]): void {
  const share = covers.filter(Boolean).length / covers.length;
  const spread = Math.sqrt((0.95 * 0.05) / covers.length);
  expect(share).toBeGreaterThan(0.95 - 3.5 * spread);
  expect(share).toBeLessThanOrEqual(Math.min(1, 0.95 + 3.5 * spread));
}

const holds = (interval: Interval | null, truth: number): boolean =>
  interval !== null && interval.low! <= truth && truth <= interval.high!;

const cohorts = Array.from({ length: many }, (_, seed) => [...coachedPatients({ patients: 1200, seed })]);

function panel(patients: readonly Coached[], visits: 'family' | 'specialist') {
  const of = (app: boolean) => {
    const own = patients.filter((patient) => patient.app === app).map((patient) => patient[visits]);
    return coMoments(
      own.map(([before]) => before),
      own.map(([, after]) => after),
    );
  };
  return panelDifferenceInDifferences({ treated: of(true), control: of(false) });
}

describe('the effects put into the data are found again, and intervals cover them', () => {
  test.each(['adequate', 'limited'] as const)('specialist visits, literacy %s', (literacy) => {
    const covers = cohorts.map((patients) => {
      const own = patients.filter((patient) => patient.literacy === literacy);
      return holds(panel(own, 'specialist').estimates[0]!.interval, specialist[literacy]);
    });
    expectCoverage(covers);
  });

  test('visits to the family physician', () => {
    expectCoverage(cohorts.map((patients) => holds(panel(patients, 'family').estimates[0]!.interval, family)));
  });

  test('the change without the app', () => {
    const covers = cohorts.map((patients) =>
      holds(panel(patients, 'specialist').estimates.find(({ name }) => name.includes('control'))!.interval, trend),
    );
    expectCoverage(covers);
  });

  test('flares: the same with the app, given severity; not so without it', () => {
    const fits = cohorts.map((patients) => {
      const own = patients.filter(({ followed }) => followed);
      const cases = own.map((patient) => Number(patient.flare));
      const app = own.map((patient) => Number(patient.app));
      const severity = own.map((patient) => patient.severity - 5);
      return fit({ app, severity }, cases);
    });
    expectCoverage(fits.map((estimates) => holds(estimates.get('app')!, flare.app)));
    expectCoverage(fits.map((estimates) => holds(estimates.get('severity')!, flare.severity)));
    const all = cohorts.flat().filter(({ followed }) => followed);
    const crude = fit(
      { app: all.map((one) => Number(one.app)) },
      all.map((one) => Number(one.flare)),
    );
    expect(crude.get('app')!.high).toBeLessThan(0);
  });

  test('uptake depends on age, severity, literacy and education', () => {
    const fits = cohorts.map((patients) =>
      fit(
        {
          age: patients.map(({ age }) => age - 50),
          severity: patients.map(({ severity }) => severity - 5),
          limited: patients.map(({ literacy }) => Number(literacy === 'limited')),
          high: patients.map(({ education }) => Number(education === 'high')),
        },
        patients.map(({ app }) => Number(app)),
      ),
    );
    for (const name of ['age', 'severity', 'limited', 'high'] as const) {
      expectCoverage(fits.map((estimates) => holds(estimates.get(name)!, uptake[name])));
    }
  });
});

test('who took a course uses the app more often', () => {
  const fits = cohorts.map((patients) =>
    fit(
      { course: patients.map((patient) => Number(patient.course)) },
      patients.map(({ app }) => Number(app)),
    ),
  );
  expectCoverage(fits.map((estimates) => holds(estimates.get('course')!, course.app)));
});

function fit(columns: Record<string, number[]>, cases: readonly number[]): Map<string, Interval | null> {
  const { estimates } = logisticRegression(logisticSummary(withIntercept(columns), cases));
  return new Map(estimates.map(({ name, interval }) => [name, interval]));
}

describe('the tables', () => {
  const tables = coachingTables({ patients: 500, seed: 'tables' });
  const byNumber = tables.filter(({ name }) => name !== 'library');
  const ids = (party: string): Set<unknown> =>
    new Set(byNumber.find((each) => each.party === party)!.rows.map(({ id }) => id));

  test('a seed decides them', () => {
    expect(coachingTables({ patients: 500, seed: 'tables' })).toEqual(tables);
    expect(coachingTables({ patients: 500, seed: 'other' })).not.toEqual(tables);
  });

  test('one row a patient; nobody knows all, and all but the hospital know others', () => {
    const hospital = ids('hospital');
    for (const { party, rows } of byNumber) {
      expect(ids(party).size).toBe(rows.length);
      const shared = [...ids(party)].filter((id) => hospital.has(id)).length;
      if (party === 'hospital') expect(rows).toHaveLength(500);
      else {
        expect(shared).toBeLessThan(500);
        expect(shared).toBeGreaterThan(390);
        expect(rows.length).toBeGreaterThan(shared);
      }
    }
  });

  test('the library knows more than half of them, some not as the hospital does', () => {
    const [patients, library] = ['patients', 'library'].map((name) => tables.find((one) => one.name === name)!.rows);
    expect(Object.keys(library![0]!)).toEqual(['member', 'name', 'born', 'postcode', 'course']);
    const texts = ({ name, born, postcode }: Readonly<Record<string, unknown>>): string =>
      JSON.stringify([name, born, postcode]);
    const same = patients!.filter((row) => library!.some((member) => texts(member) === texts(row))).length;
    expect(same).toBeGreaterThan(160);
    expect(same).toBeLessThan(260);
    expect(library!.length).toBeGreaterThan(350);
  });
});
