import { fault } from '@symbolon/crypto';
import type { Pairs } from '../pairs.ts';
import { NONE } from './keys.ts';
import type { PsiRows } from './shape.ts';

/** Most pairs that an intersection gives: one common placeholder, such as a date never filled in, would make rows × rows of them. */
export const mostPairs = 2 ** 23;

/** What a peer sent cannot come from any table. The message goes on from "the peer …". */
export class Contradiction extends Error {}

/**
 * Which first rows of a key met. Every number here may come from the peer: a row meets one row at most, and shares the key of an earlier
 * one at most, so that no frame makes more pairs than its tables could.
 */
export class Meetings {
  /** For each row the row of the other side that it met; the receiver's, then the sender's. */
  readonly #met: readonly [Uint32Array, Uint32Array];

  /** @param numbers the receiver's row for each of the sender's, or NONE */
  constructor([receiver]: PsiRows, numbers: Uint32Array) {
    const met = new Uint32Array(receiver).fill(NONE);
    for (let row = 0; row < numbers.length; row++) {
      const other = numbers[row]!;
      if (other === NONE) continue;
      if (other >= receiver) throw new Contradiction('named a row that there is not');
      if (met[other] !== NONE) throw new Contradiction('let two rows meet the same one');
      met[other] = row;
    }
    this.#met = [met, numbers];
  }

  /** Holds that every row of a side that met is the first with its key, as `heads` has it. */
  requireHeads(side: number, heads: Uint32Array): void {
    const met = this.#met[side]!;
    for (let row = 0; row < heads.length; row++) {
      if (met[row] !== NONE && heads[row] !== row) throw new Contradiction('met a row that has no key of its own');
    }
  }

  /** For each row of a side the first row with its key where that met, and NONE for all others. */
  sharers(side: number, heads: Uint32Array): Uint32Array {
    const met = this.#met[side]!;
    const sharers = new Uint32Array(heads.length);
    for (let row = 0; row < heads.length; row++) {
      const head = heads[row]!;
      sharers[row] = head !== NONE && head !== row && met[head] !== NONE ? head : NONE;
    }
    return sharers;
  }

  /** Holds that `sharers` of a side could be what `sharers` gives. */
  requireSharers(side: number, sharers: Uint32Array): void {
    const met = this.#met[side]!;
    for (let row = 0; row < sharers.length; row++) {
      const head = sharers[row]!;
      if (head === NONE) continue;
      if (head >= row || sharers[head] !== NONE || met[head] === NONE || met[row] !== NONE)
        throw new Contradiction('named a row as the first with a key that it cannot be');
    }
  }

  /**
   * All pairs, `a` of the receiver and `b` of the sender, in their order, by what `sharers` gave on both sides; NONE everywhere where such
   * rows are not in the result.
   *
   * @throws SymbolonError `agreement-limit` where there are more than `mostPairs`
   */
  pairs([receiver, sender]: readonly [Uint32Array, Uint32Array]): Pairs {
    const [met] = this.#met;
    // Of an earlier row with the same key, if there is one.
    const partners = new Uint32Array(receiver.length);
    for (let row = 0; row < receiver.length; row++) {
      const head = receiver[row]!;
      partners[row] = met[head === NONE ? row : head]!;
    }
    return isEmpty(sender) ? couples(partners) : coupledChains(partners, chains(sender));
  }
}

/** Whether no row shares a key: then there are no chains to follow. */
function isEmpty(sharers: Uint32Array): boolean {
  for (let row = 0; row < sharers.length; row++) if (sharers[row] !== NONE) return false;
  return true;
}

function room(count: number): Pairs {
  if (count > mostPairs) throw tooMany(count);
  return { a: new Uint32Array(count), b: new Uint32Array(count) };
}

/** Every row with its partner. */
function couples(partners: Uint32Array): Pairs {
  let count = 0;
  for (let row = 0; row < partners.length; row++) if (partners[row] !== NONE) count++;
  const { a, b } = room(count);
  for (let row = 0, at = 0; at < count; row++) {
    const partner = partners[row]!;
    if (partner === NONE) continue;
    a[at] = row;
    b[at++] = partner;
  }
  return { a, b };
}

/** Every row with its partner and all that share the partner's key. */
function coupledChains(partners: Uint32Array, { next, sizes }: ReturnType<typeof chains>): Pairs {
  let count = 0;
  for (let row = 0; row < partners.length; row++) {
    const partner = partners[row]!;
    if (partner !== NONE) count += sizes[partner]!;
  }
  const { a, b } = room(count);
  let at = 0;
  for (let row = 0; row < partners.length; row++) {
    for (let other = partners[row]!; other !== NONE; other = next[other]!) {
      a[at] = row;
      b[at++] = other;
    }
  }
  return { a, b };
}

/** The rows with the key of a first row, from that one on, in their order; and how many they are. */
function chains(sharers: Uint32Array): { next: Uint32Array; sizes: Uint32Array } {
  const next = new Uint32Array(sharers.length).fill(NONE);
  const sizes = new Uint32Array(sharers.length).fill(1);
  const last = new Uint32Array(sharers.length);
  for (let row = 0; row < sharers.length; row++) {
    const head = sharers[row]!;
    if (head === NONE) {
      last[row] = row;
      continue;
    }
    next[last[head]!] = row;
    last[head] = row;
    sizes[head]!++;
  }
  return { next, sizes };
}

function tooMany(count: number): Error {
  return fault('agreement-limit', `the tables have ${count} pairs with equal keys; at most ${mostPairs} are given`, {
    hint: 'Look for a placeholder that many records carry in the compared columns, and leave it empty (NULL).',
  });
}
