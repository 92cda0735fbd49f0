import { drawDay, drawFamily, drawGiven } from '../people/population.ts';
import { Random } from '../people/random.ts';

/**
 * A person with an inflammatory bowel disease, and what happened to them in the year before and the year after an e-coaching app was offered.
 * Nobody in the world has such a row: each organisation has its own columns of it (`tables.ts`).
 */
export interface Coached {
  /** Ten digits, the same at all who know people by it. */
  readonly id: string;
  /** Given name and surname. */
  readonly name: string;
  /** YYYY-MM-DD */
  readonly born: string;
  readonly postcode: string;
  readonly age: number;
  readonly sex: 'f' | 'm';
  readonly disease: 'colitis' | 'crohn';
  /** 0 to 10. Who is very ill takes up the app less often, and goes to the specialist more often. */
  readonly severity: number;
  readonly education: 'high' | 'low' | 'middle';
  readonly literacy: 'adequate' | 'limited';
  readonly region: 'east' | 'north' | 'south' | 'west';
  /** Gets help with travel from the municipality. */
  readonly support: boolean;
  readonly app: boolean;
  /** Took a course in digital skills at the library, before the app was offered. */
  readonly course: boolean;
  readonly specialist: readonly [before: number, after: number];
  readonly family: readonly [before: number, after: number];
  /** Stayed with the hospital for the whole year. */
  readonly followed: boolean;
  readonly flare: boolean;
  /** Days from the offer to the flare, or to the end of what is known: 1 to 365. */
  readonly day: number;
}

/**
 * What was put into the data: the numbers that the studies must find again. Visits are counts with a mean; a person's mean before is 4 + 0.6 · severity at the
 * specialist, 3 + 0.02 · (age − 50) at the family physician.
 */
export const coachingTruth = {
  /** Change of the mean of specialist visits, for all: care was moving anyway. */
  trend: -0.5,
  /** What the app adds to it; nothing for people of limited literacy. */
  specialist: { adequate: -2, limited: 0 },
  /** What the app adds to visits to the family physician: some care is moved, not saved. */
  family: 0.4,
  /** Log odds of a flare within a year: quality of care is the same with the app. */
  flare: { intercept: -1.2, severity: 0.25, app: 0 },
  /** Log odds of using the app: uptake is confounded with who is well. */
  uptake: { intercept: 1, age: -0.03, severity: -0.15, limited: -1, high: 0.5 },
  /** Log odds of a course in digital skills: who took one uses the app more. */
  course: { intercept: -2, app: 1.1 },
} as const;

const thisYear = 2025;

export interface CohortOptions {
  readonly patients: number;
  /** Decides everything. */
  readonly seed: number | string;
}

/** Patients of the hospital, one by one. */
export function* coachedPatients({ patients, seed }: CohortOptions): Generator<Coached> {
  const random = new Random(`coaching ${seed}`);
  const known = new Random(`coaching names ${seed}`);
  const ids = new Set<string>();
  const { trend, specialist, family, flare, uptake, course } = coachingTruth;
  for (let i = 0; i < patients; i++) {
    const id = freshId(random, ids);
    const age = 18 + random.below(36) + random.below(36);
    const severity = Math.round((10 * (unit(random) + unit(random) + unit(random))) / 3);
    const education = weighted(random, { low: 0.3, middle: 0.4, high: 0.3 });
    const literacy = random.chance({ low: 0.5, middle: 0.2, high: 0.08 }[education]) ? 'limited' : 'adequate';
    const using =
      uptake.intercept +
      uptake.age * (age - 50) +
      uptake.severity * (severity - 5) +
      (literacy === 'limited' ? uptake.limited : 0) +
      (education === 'high' ? uptake.high : 0);
    const app = random.chance(logistic(using));
    const ill = random.chance(logistic(flare.intercept + flare.severity * (severity - 5) + (app ? flare.app : 0)));
    const moved = random.chance(0.08);
    const [seen, happened] = [moved ? 1 + random.below(364) : 365, 1 + random.below(365)];
    const before = 4 + 0.6 * severity;
    const home = 3 + 0.02 * (age - 50);
    const sex = random.chance(0.53) ? 'f' : 'm';
    yield {
      id,
      name: `${drawGiven(sex === 'f' ? 'F' : 'M', known)} ${drawFamily(known)}`,
      born: drawDay(thisYear - age, known),
      postcode: drawPostcode(known),
      age,
      sex,
      disease: random.chance(0.45) ? 'crohn' : 'colitis',
      severity,
      education,
      literacy,
      region: weighted(random, { north: 0.2, east: 0.25, south: 0.3, west: 0.25 }),
      support: random.chance(age > 65 ? 0.35 : 0.08),
      app,
      course: known.chance(logistic(course.intercept + (app ? course.app : 0))),
      specialist: [poisson(random, before), poisson(random, before + trend + (app ? specialist[literacy] : 0))],
      family: [poisson(random, home), poisson(random, home + (app ? family : 0))],
      followed: !moved,
      flare: ill && happened <= seen,
      day: ill ? Math.min(seen, happened) : seen,
    };
  }
}

/** As in the Netherlands, of a region: 1234 AB. */
export function drawPostcode(random: Random): string {
  const letters = 'ABCDEGHJKLMNPRSTVWXZ';
  const letter = (): string => letters[random.below(letters.length)]!;
  return `${3000 + random.below(400)} ${letter()}${letter()}`;
}

function freshId(random: Random, taken: Set<string>): string {
  for (;;) {
    const id = String(1_000_000_000 + random.below(1_000_000_000));
    if (taken.has(id)) continue;
    taken.add(id);
    return id;
  }
}

/** 0 ≤ x < 1 */
function unit(random: Random): number {
  return random.word() / 0x1_0000_0000;
}

function logistic(x: number): number {
  return 1 / (1 + Math.exp(-x));
}

/** By inversion, for means of a few dozen at most. */
function poisson(random: Random, mean: number): number {
  let [count, term] = [0, Math.exp(-mean)];
  let left = unit(random) - term;
  while (left >= 0 && count < 1000) {
    count++;
    term *= mean / count;
    left -= term;
  }
  return count;
}

function weighted<Key extends string>(random: Random, shares: Readonly<Record<Key, number>>): Key {
  let left = unit(random);
  const keys = Object.keys(shares) as Key[];
  for (const key of keys) {
    left -= shares[key];
    if (left < 0) return key;
  }
  return keys.at(-1)!;
}
