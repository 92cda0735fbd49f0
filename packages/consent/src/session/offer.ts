import type { Rng } from '@symbolon/crypto';
import { type Asker, overlaps } from './asker.ts';

/** An offer is answerable for so long, across restarts; then it lapses. Milliseconds. */
export const offerLasts = 10 * 60_000;

/** What the central server knows of a pair when it chooses one. */
export interface KnownPair {
  readonly id: string;
  /** Which of the patient's cards it is of. */
  readonly slot: number;
  readonly deployer: Asker;
  /** To whom it was ever offered. */
  readonly offered: readonly Asker[];
}

/** A pair to challenge with. */
export interface Chosen<Pair extends KnownPair> {
  readonly pair: Pair;
  /**
   * Whether neither this physician, nor the institution, nor the installation deployed it or was offered it before. If not, who asks may know K
   * without the card, so an answer reopens only records that were granted before.
   */
  readonly independent: boolean;
}

/**
 * The pairs that a challenge offers, one of each card: independent ones where there are, chosen at random; else own ones. Never one that this asker
 * let lapse. (In the paper the physician who deployed a pair could answer with it alone.) Runs at: the central server.
 *
 * @param pairs that are in use @returns by slot; none for cards of which no pair is left
 */
export function choosePairs<Pair extends KnownPair>(
  pairs: readonly Pair[],
  asker: Asker,
  rng: Rng,
): Map<number, Chosen<Pair>> {
  const chosen = new Map<number, Chosen<Pair>>();
  const bySlot = Map.groupBy(pairs, ({ slot }) => slot);
  for (const [slot, some] of [...bySlot].sort(([a], [b]) => a - b)) {
    const fresh = some.filter(({ offered }) => !offered.some((other) => overlaps(other, asker)));
    const [own, others] = [true, false].map((is) => fresh.filter(({ deployer }) => overlaps(deployer, asker) === is));
    const pair = pick(others!, rng) ?? pick(own!, rng);
    if (pair !== undefined) chosen.set(slot, { pair, independent: others!.includes(pair) });
  }
  return chosen;
}

/** One of them; uniform to within 2^-32 of its chance. */
function pick<Pair>(pairs: readonly Pair[], rng: Rng): Pair | undefined {
  const [a, b, c, d, e, f] = rng(6) as unknown as number[];
  const number = ((((a! * 256 + b!) * 256 + c!) * 256 + d!) * 256 + e!) * 256 + f!;
  return pairs[number % pairs.length];
}
