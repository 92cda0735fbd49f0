import { generatePeople, type PersonRow } from '../../testkit/src/people/generate.ts';
import { type Columns, normalise, normaliseSteps } from '../src/index.ts';
import type { Row } from './duckdb.ts';

/** Records of generated people, with who they truly are. */
export interface Families {
  readonly a: readonly Row[];
  readonly b: readonly Row[];
  /** Of each row of a, of b. */
  readonly person: readonly [a: readonly number[], b: readonly number[]];
  readonly household: readonly [a: readonly number[], b: readonly number[]];
  /** People who have a twin. */
  readonly twins: ReadonlySet<number>;
}

export const columns: Columns = {
  medicaid: { type: 'text', maxLength: 16 },
  name: { type: 'text', maxLength: 40 },
  dob: { type: 'date', min: '1900-01-01', max: '2026-12-31' },
  address: { type: 'text', maxLength: 90 },
};

/** Two registers of so many generated people, two thirds of them in both, with errors as they happen. */
export function generatedFamilies(size: number): Families {
  const people = generatePeople({ seed: 'families', left: size, right: size, overlap: Math.round((2 * size) / 3) });
  const text = (value: string | null): string | null =>
    value === null ? null : normalise(normaliseSteps, value) || null;
  const row = ({ medicaid, name, dob, address }: PersonRow): Row => ({
    ...{ medicaid: text(medicaid), name: text(name), dob, address: text(address) },
  });
  const sides = [people.left, people.right] as const;
  const of = <T>(value: (row: PersonRow) => T): [T[], T[]] => [sides[0].map(value), sides[1].map(value)];
  const [a, b] = of(row);
  return {
    a: a!,
    b: b!,
    person: of(({ person }) => person),
    household: of(({ person }) => people.people[person]!.household),
    twins: new Set(people.people.filter(({ twin }) => twin !== undefined).map(({ person }) => person)),
  };
}

/** Those of households with twins, and some of others with several people: tables in which nearly everybody is like somebody else. */
export function crowded({ person, household, twins, ...all }: Families, rows: number): Families {
  const hasTwins = new Set([0, 1].flatMap((side) => household[side]!.filter((_, i) => twins.has(person[side]![i]!))));
  const count = new Map<number, number>();
  for (const one of household.flat()) count.set(one, (count.get(one) ?? 0) + 1);
  const rank = (of: number): number => (hasTwins.has(of) ? 0 : count.get(of)! > 3 ? 1 : 2);
  const kept = household.map((of) =>
    [...of.keys()].sort((x, y) => rank(of[x]!) - rank(of[y]!) || of[x]! - of[y]!).slice(0, rows),
  ) as [number[], number[]];
  const take = <T>(values: readonly T[], side: 0 | 1): T[] => kept[side].map((i) => values[i]!);
  return {
    a: take(all.a, 0),
    b: take(all.b, 1),
    person: [take(person[0], 0), take(person[1], 1)],
    household: [take(household[0], 0), take(household[1], 1)],
    twins,
  };
}

/** Everybody of a household matches everybody of it. */
export const household = 'a.address = b.address';
/** So do twins. */
export const birthday = 'a.dob = b.dob AND a.address = b.address';
/** The same person scores highest, a twin next, then who lives there too. */
export const score = [
  'CASE WHEN a.medicaid = b.medicaid THEN 6 ELSE 0 END',
  'CASE WHEN a.dob = b.dob THEN 4 ELSE -2 END',
  'CASE WHEN agree(a.name, b.name) >= 0.8 THEN 4 ELSE -2 END',
  'CASE WHEN a.address = b.address THEN 3 ELSE 0 END',
].join(' + ');
export const weighed = `${score} >= 5`;
