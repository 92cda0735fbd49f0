import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { mistype, mistypeDob, restyle } from '../people/errors.ts';
import { Random } from '../people/random.ts';
import { type Coached, type CohortOptions, coachedPatients, drawPostcode } from './cohort.ts';

type Row = Readonly<Record<string, boolean | number | string>>;

interface Holding {
  readonly party: string;
  /** Share of the hospital's patients that are in it. */
  readonly knows: number;
  readonly row: (patient: Coached, random: Random) => Row;
}

/** Who holds which columns. Nobody has all patients of another, and all but the hospital have people the hospital does not know. */
const holdings = {
  patients: {
    party: 'hospital',
    knows: 1,
    row: ({ id, sex, disease, severity, app, followed, flare, day, name, born, postcode }) => ({
      id,
      sex,
      disease,
      severity,
      app,
      followed,
      flare,
      day,
      name,
      born,
      postcode,
    }),
  },
  claims: {
    party: 'insurer',
    knows: 0.85,
    row: ({ id, specialist, family, support }, random) => {
      const paid = (visits: number, home: number): number => 140 * visits + 32 * home + random.below(400);
      const [before, after] = [0, 1].map((year) => paid(specialist[year]!, family[year]!)) as [number, number];
      return {
        id,
        specialist_before: specialist[0],
        specialist_after: specialist[1],
        paid_before: before,
        paid_after: after,
        own_before: Math.min(385, Math.round(before * 0.4)),
        own_after: Math.min(385, Math.round(after * 0.4)),
        supplementary: support || random.chance(0.6),
      };
    },
  },
  census: {
    party: 'statistics',
    knows: 0.98,
    row: ({ id, age, education, literacy }) => ({ id, age, education, literacy }),
  },
  practice: {
    party: 'physicians',
    knows: 0.9,
    row: ({ id, family }) => ({ id, family_before: family[0], family_after: family[1] }),
  },
  residents: {
    party: 'municipality',
    knows: 0.95,
    row: ({ id, region, support, specialist }) => ({
      id,
      region,
      support,
      transport_before: support ? 18 * specialist[0] : 0,
      transport_after: support ? 18 * specialist[1] : 0,
    }),
  },
  // The library knows its members by what they wrote on a form, so neither by a number nor without mistakes.
  library: {
    party: 'municipality',
    knows: 0.6,
    row: ({ name, born, postcode, course }, random) => {
      const typed = random.chance(0.15) ? mistype(name, random) : name;
      return {
        member: `L${100_000_000 + random.below(900_000_000)}`,
        name: random.chance(0.1) ? restyle(typed, random) : typed,
        born: random.chance(0.02) ? mistypeDob(born, random) : born,
        postcode: random.chance(0.05) ? drawPostcode(random) : postcode,
        course,
      };
    },
  },
} as const satisfies Record<string, Holding>;

export type CoachingName = keyof typeof holdings;

export interface CoachingTable {
  readonly party: string;
  readonly name: CoachingName;
  readonly rows: readonly Row[];
}

/** The six tables of the e-coaching example, each in an order of its own. */
export function coachingTables(options: CohortOptions): CoachingTable[] {
  const patients = [...coachedPatients(options)];
  const others = [...coachedPatients({ patients: Math.ceil(options.patients / 5), seed: `others ${options.seed}` })];
  return Object.entries(holdings).map(([name, { party, knows, row }]) => {
    const random = new Random(`${name} ${options.seed}`);
    const own = knows === 1 ? patients : [...patients.filter(() => random.chance(knows)), ...others];
    const rows = [...new Map(own.map((patient) => [patient.id, row(patient, random)])).values()];
    const order = Uint32Array.from(rows.keys());
    random.shuffle(order);
    return { party, name: name as CoachingName, rows: [...order].map((at) => rows[at]!) };
  });
}

/** {@link coachingTables}, written. */
export function writeCoaching(folder: string, options: CohortOptions): Promise<Record<CoachingName, string>> {
  return writeCoachingTables(folder, coachingTables(options));
}

/** Writes one CSV a table into `folder`. @returns their paths by name */
export async function writeCoachingTables(
  folder: string,
  tables: readonly CoachingTable[],
): Promise<Record<CoachingName, string>> {
  await mkdir(folder, { recursive: true });
  const written = tables.map(async ({ name, rows }) => {
    const path = join(folder, `${name}.csv`);
    const lines = [Object.keys(rows[0]!), ...rows.map((row) => Object.values(row))].map((row) => `${row.join(',')}\n`);
    await writeFile(path, lines.join(''));
    return [name, path] as const;
  });
  return Object.fromEntries(await Promise.all(written)) as Record<CoachingName, string>;
}
