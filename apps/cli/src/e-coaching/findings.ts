import type { Estimate } from '@symbolon/analytics';
import type { Report } from '@symbolon/report';
import { coachingTruth } from '@symbolon/testkit';
import { difference, estimate, lastSurvival, type Mean, means, nothing, oddsRatio, pooled } from './estimates.ts';
import type { Expected, Who } from './expected.ts';

/** A number that a study found, beside the one that was put into the data. */
export interface Finding {
  readonly what: string;
  readonly put: number;
  readonly found: Estimate;
}

/** What a study of the example is about, and what it should find. */
interface Question {
  /** What was found, in a sentence. @param found value and interval of each finding, printed */
  readonly says: (...found: string[]) => string;
  /** What was put into the data, in a sentence. */
  readonly put: string;
  readonly findings: (result: Report['result'], expected: Expected) => Finding[];
}

/** Whether the interval holds what was put in; null where there is none. */
export function covers({ put, found: { interval } }: Finding): boolean | null {
  if (interval === null) return null;
  return (interval.low ?? Number.NEGATIVE_INFINITY) <= put && put <= (interval.high ?? Number.POSITIVE_INFINITY);
}

const { specialist, family, flare, uptake, course } = coachingTruth;

/** By the name of the study. */
export const questions: Readonly<Record<string, Question>> = {
  specialist: {
    says: (all) => `The app changes visits to the specialist by ${all} a year`,
    put:
      'Put into the data: the app saves two visits a year for people who read well, none for people who read with difficulty. ' +
      'Who uses it is less ill and goes less often anyway; changes are compared, so that does not matter.',
    findings: (result, expected) => [
      {
        what: 'visits that the app adds',
        put: expected.effect(),
        found: estimate(result, 'difference in differences'),
      },
    ],
  },
  family: {
    says: (all) => `The app changes visits to the family physician by ${all} a year`,
    put: 'Put into the data: some care moves. With the app there are 0.4 more visits a year to the family physician.',
    findings: (result) => [
      { what: 'visits that the app adds', put: family, found: estimate(result, 'difference in differences') },
    ],
  },
  'by-literacy': {
    says: (adequate, limited) =>
      `Visits to the specialist that the app adds: ${adequate} a year for people who read well, ${limited} for people who read with difficulty`,
    put: 'Put into the data: two visits fewer for people who read well, no change for the others: their interval must hold 0.',
    findings: (result) =>
      (['adequate', 'limited'] as const).map((literacy) => ({
        what: `visits added, literacy ${literacy}`,
        put: specialist[literacy],
        found: estimate(result, `${literacy}: difference in differences`),
      })),
  },
  'by-age': {
    says: (young, middle, old) =>
      `Visits to the specialist that the app adds: ${young} a year under 40, ${middle} from 40 to 64, ${old} from 65 on`,
    put: 'Put into the data: age does not matter to what the app does.',
    findings: (result, expected) => {
      const ages: [string, Who][] = [
        ['under 40', ({ age }) => age < 40],
        ['40 to 64', ({ age }) => age >= 40 && age < 65],
        ['65 and over', ({ age }) => age >= 65],
      ];
      return ages.map(([name, who]) => {
        const [on, off] = ['true', 'false'].map((app) => means(result, { age: name, app }, 'change', 'spread')) as [
          Mean[],
          Mean[],
        ];
        return { what: `visits added, ${name}`, put: expected.effect(who), found: difference(on, off) };
      });
    },
  },
  'by-education-and-region': {
    says: (low, middle, high) =>
      `Visits to the specialist of those who use the app change by ${low} a year with low, ${middle} with middle, ${high} with high education`,
    put: 'Put into the data: region does not matter; education only because more of the highly educated read well.',
    findings: (result, expected) =>
      (['low', 'middle', 'high'] as const).map((education) => ({
        what: `change with the app, education ${education}`,
        put: expected.change((one) => one.education === education),
        found: pooled(means(result, { education }, 'change', 'spread')),
      })),
  },
  quality: {
    says: (app, severity) =>
      `The odds of a flare are ${app} times as large with the app, of people as ill; ${severity} times for each point of severity`,
    put: 'Put into the data: given how ill people are, the app changes nothing; a point of severity raises the odds of a flare by e^0.25.',
    findings: (result) => [
      { what: 'odds ratio of a flare, app', put: Math.exp(flare.app), found: oddsRatio(result, 'app') },
      {
        what: 'odds ratio of a flare, a point of severity',
        put: Math.exp(flare.severity),
        found: oddsRatio(result, 'severity'),
      },
    ],
  },
  flares: {
    says: (app, none) =>
      `The share of those without a flare at the end of what is shown is ${app} with the app, ${none} without`,
    put:
      'Put into the data: the app changes nothing. Those who use it are less ill, so somewhat more of them stay without a flare: curves alone would ' +
      'praise the app for it. The study of quality takes severity into account.',
    findings: (result, expected) =>
      [true, false].map((app) => {
        const { time, found } = lastSurvival(result, app ? 'app' : 'no app') ?? { time: 365, found: nothing('') };
        const what = `share without a flare on day ${time}, ${app ? 'app' : 'no app'}`;
        return { what, put: expected.flareless(time, app), found };
      }),
  },
  cost: {
    says: (insurer, municipality) =>
      `The app changes what the insurer pays for a patient by ${insurer} euros a year, what the municipality pays for travel by ${municipality}`,
    put: 'Put into the data: 140 euros a visit to the specialist, 32 to the family physician; the municipality pays 18 for each travel of those it helps.',
    findings: (result, expected) =>
      (
        [
          ['insurer', expected.paidByInsurer()],
          ['municipality', expected.paidByMunicipality()],
        ] as const
      ).map(([who, put]) => {
        const [on, off] = ['true', 'false'].map((app) => means(result, { app }, who, `${who}_spread`)) as [
          Mean[],
          Mean[],
        ];
        return { what: `euros a year that the app adds, ${who}`, put, found: difference(on, off) };
      }),
  },
  uptake: {
    says: (age, severity, limited, high) =>
      `The odds of using the app change by a factor of ${age} for a year of age, ${severity} for a point of severity, ${limited} for limited literacy, ${high} for high education`,
    put: 'Put into the data: the old, the very ill and those who read with difficulty use the app less, the highly educated more.',
    findings: (result) => [
      { what: 'odds ratio of use, a year of age', put: Math.exp(uptake.age), found: oddsRatio(result, 'age') },
      {
        what: 'odds ratio of use, a point of severity',
        put: Math.exp(uptake.severity),
        found: oddsRatio(result, 'severity'),
      },
      {
        what: 'odds ratio of use, limited literacy',
        put: Math.exp(uptake.limited),
        found: oddsRatio(result, 'literacy: limited'),
      },
      {
        what: 'odds ratio of use, high education',
        put: Math.exp(uptake.high),
        found: oddsRatio(result, 'education: high'),
      },
    ],
  },
  'digital-skills': {
    says: (odds) =>
      `The odds of using the app are ${odds} times as large for those who took a course in digital skills at the library`,
    put:
      'Put into the data: three times as large. No number names people at both: the library has them as they wrote their names, with mistakes. Who they are ' +
      'was decided under encryption, and nobody learnt it.',
    findings: (result) => [
      { what: 'odds ratio of use, course', put: Math.exp(course.app), found: estimate(result, 'odds ratio') },
    ],
  },
};
