import { generatePeople, type PersonRow, writePeople } from '@symbolon/testkit';
import type { PairSet } from '../rehearsal/pairs.ts';
import { table } from '../ui.ts';

/** The made-up people of the demo, in two files, and who is who. */
export interface DemoPeople {
  readonly members: string;
  readonly patients: string;
  readonly left: readonly PersonRow[];
  readonly right: readonly PersonRow[];
  /** Rows that are the same person, from 0. */
  readonly pairs: readonly (readonly [left: number, right: number])[];
}

const seed = 'fred and sally';

/** 2,000 members and 2,500 patients, 1,200 people in both; the same in every run. */
export function makePeople(folder: string): DemoPeople {
  const { left, right, pairs, people } = generatePeople({ seed, left: 2000, right: 2500, overlap: 1200 });
  const paths = writePeople(folder, { left, right, pairs, people });
  return { ...paths, left, right, pairs };
}

/** A few people of both files whom the two write differently, as each writes them. */
export function examples({ left, right, pairs }: DemoPeople): { fred: string; sally: string } {
  const chosen = pairs.filter(([l, r]) => left[l]!.name !== right[r]!.name && left[l]!.address !== null).slice(0, 3);
  const head = ['medicaid', 'name', 'address'];
  const cells = ({ medicaid, name, address }: PersonRow) => [medicaid ?? '', name, address ?? ''];
  return {
    fred: table(
      head,
      chosen.map(([row]) => cells(left[row]!)),
    ),
    sally: table(
      head,
      chosen.map(([, row]) => cells(right[row]!)),
    ),
  };
}

/** Some pairs that were found and are not the same people, as both write them; undefined if there are none. */
export function mistakes({ left, right }: DemoPeople, found: PairSet, truth: PairSet): string | undefined {
  const wrong = found.pairs.filter(([l, r]) => !truth.has(l, r)).slice(0, 3);
  if (wrong.length === 0) return undefined;
  const cells = ({ medicaid, name }: PersonRow) => [medicaid ?? '(none)', name];
  const head = ["fred's medicaid", 'name', "sally's medicaid", 'name', "sally's address"];
  return table(
    head,
    wrong.map(([l, r]) => [...cells(left[l]!), ...cells(right[r]!), right[r]!.address]),
  );
}
