import { cuckooBins } from '@symbolon/crypto';
import type { Plan } from '@symbolon/engine';

/**
 * A column that a spoke stores for each of its entries: a word, as two's complement of a ring; a bit; or `width` bits, which come in
 * ⌈width/8⌉ bytes an entry, from the lowest.
 */
export type MeetColumn =
  | { readonly kind: 'word'; readonly ring: 16 | 32 | 64 }
  | { readonly kind: 'bit' }
  | { readonly kind: 'bits'; readonly width: number };

/**
 * The entries of the hub, p0, meet those of a spoke by key, and nobody learns which. All meets of a program share the hub's entries and one
 * cuckoo table of them: bin i of one is bin i of all.
 */
export interface Meet {
  /** Whose entries: a party but p0. */
  readonly spoke: number;
  /** How many, dummies included: of the hub `leastHubEntries` at least. */
  readonly entries: readonly [hub: number, spoke: number];
  /** What the spoke stores for each of its entries. */
  readonly columns: readonly MeetColumn[];
}

/** What the parties of a session and the key service agree to compute: numbers and shapes only, no name of a column, no text of a study. */
export interface StudyProgram {
  readonly protocol: 'study/1';
  /** 2 to 5. */
  readonly parties: number;
  readonly meets: readonly Meet[];
  /** With the shares of each meet (`meetInputs`) among its inputs. */
  readonly plan: Plan;
}

/** Fewer entries of a hub are padded to so many: below, cuckoo hashing fails too often (PROTOCOLS §4). */
export const leastHubEntries = 4096;

/** Bins of the cuckoo table of so many hub entries: the lanes of a meet. */
export function binsOf(entries: number): number {
  return cuckooBins(entries);
}
