import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Random } from '../people/random.ts';
import { type Coached, type CohortOptions, coachedPatients } from './cohort.ts';

type Row = Readonly<Record<string, boolean | number | string>>;

/** Who holds which columns, under which name. Nobody has all patients of another, and all but the hospital have people the hospital does not know. */
const organisations = {
  hospital: {
    table: 'patients',
    knows: 1,
    row: ({ id, sex, disease, severity, app, followed, flare, day }) => ({
      id,
      sex,
      disease,
      severity,
      app,
      followed,
      flare,
      day,
    }),
  },
  insurer: {
    table: 'claims',
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
  statistics: {
    table: 'census',
    knows: 0.98,
    row: ({ id, age, education, literacy }) => ({ id, age, education, literacy }),
  },
  physicians: {
    table: 'practice',
    knows: 0.9,
    row: ({ id, family }) => ({ id, family_before: family[0], family_after: family[1] }),
  },
  municipality: {
    table: 'residents',
    knows: 0.95,
    row: ({ id, region, support, specialist }) => ({
      id,
      region,
      support,
      transport_before: support ? 18 * specialist[0] : 0,
      transport_after: support ? 18 * specialist[1] : 0,
    }),
  },
} as const satisfies Record<string, { table: string; knows: number; row: (patient: Coached, random: Random) => Row }>;

export type CoachingParty = keyof typeof organisations;

export interface CoachingTable {
  readonly party: CoachingParty;
  readonly name: string;
  readonly rows: readonly Row[];
}

/** The five tables of the e-coaching example, each in an order of its own. */
export function coachingTables(options: CohortOptions): CoachingTable[] {
  const patients = [...coachedPatients(options)];
  const others = [...coachedPatients({ patients: Math.ceil(options.patients / 5), seed: `others ${options.seed}` })];
  return Object.entries(organisations).map(([party, { table, knows, row }]) => {
    const random = new Random(`${table} ${options.seed}`);
    const own = knows === 1 ? patients : [...patients.filter(() => random.chance(knows)), ...others];
    const rows = [...new Map(own.map((patient) => [patient.id, row(patient, random)])).values()];
    const order = Uint32Array.from(rows.keys());
    random.shuffle(order);
    return { party: party as CoachingParty, name: table, rows: [...order].map((at) => rows[at]!) };
  });
}

/** {@link coachingTables}, written. */
export function writeCoaching(folder: string, options: CohortOptions): Promise<Record<CoachingParty, string>> {
  return writeCoachingTables(folder, coachingTables(options));
}

/** Writes one CSV a table into `folder`. @returns its path by party */
export async function writeCoachingTables(
  folder: string,
  tables: readonly CoachingTable[],
): Promise<Record<CoachingParty, string>> {
  await mkdir(folder, { recursive: true });
  const written = tables.map(async ({ party, name, rows }) => {
    const path = join(folder, `${name}.csv`);
    const lines = [Object.keys(rows[0]!), ...rows.map((row) => Object.values(row))].map((row) => `${row.join(',')}\n`);
    await writeFile(path, lines.join(''));
    return [party, path] as const;
  });
  return Object.fromEntries(await Promise.all(written)) as Record<CoachingParty, string>;
}
