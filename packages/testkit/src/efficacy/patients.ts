import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Random } from '../people/random.ts';

/** A patient of a hospital that tries a treatment; made up. */
export interface TreatedPatient {
  readonly pid: string;
  readonly sex: 'f' | 'm';
  readonly age: number;
  readonly treated: boolean;
  /** Not known of one in forty. */
  readonly recovered: boolean | null;
  /** Of the year, in whole euros. */
  readonly cost: number;
}

/** What was put into the data: whether the treatment helps, whom, and what it costs. */
export const efficacyTruth = {
  /** Log odds of recovery: without treatment, and what it adds for women from 40 to 64, and for all others. */
  recovery: { untreated: -0.4, chosen: 0.7, others: 0.1 },
  /** Euros a year that the treatment adds. */
  cost: 250,
} as const;

/** The group for which it works. */
export const isChosen = ({ sex, age }: Pick<TreatedPatient, 'sex' | 'age'>): boolean =>
  sex === 'f' && age >= 40 && age < 65;

/** Patients, one by one. @param seed decides everything */
export function* treatedPatients({ patients, seed }: { patients: number; seed: string }): Generator<TreatedPatient> {
  const random = new Random(`efficacy ${seed}`);
  const { untreated, chosen, others } = efficacyTruth.recovery;
  for (let i = 0; i < patients; i++) {
    const sex = random.chance(0.52) ? 'f' : 'm';
    const age = 18 + random.below(36) + random.below(37);
    const treated = random.chance(0.4);
    const odds = Math.exp(untreated + (treated ? (isChosen({ sex, age }) ? chosen : others) : 0));
    const recovered = random.chance(odds / (1 + odds));
    const cost = 300 + random.below(700) + random.below(900) + random.below(1200) + (treated ? efficacyTruth.cost : 0);
    yield { pid: `p${i + 1}`, sex, age, treated, recovered: random.chance(0.025) ? null : recovered, cost };
  }
}

/** Writes them as CSV. */
export async function writeTreatedPatients(file: string, patients: Iterable<TreatedPatient>): Promise<void> {
  const lines = [...patients].map((patient) => Object.values(patient).join(','));
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, ['pid,sex,age,treated,recovered,cost', ...lines, ''].join('\n'));
}
