import { setImmediate as turn } from 'node:timers/promises';
import type { PartyContext } from '../context.ts';
import { type KeptPair, readOwn, readPairs } from '../link/matches.ts';

/** A finished link of an agreement, as this party keeps it. */
export interface FinishedLink {
  readonly id: number;
  readonly agreement: string;
  readonly table: 'a' | 'b';
}

/** The own side of a pair: `row` is null where its record was erased. */
export type OwnRecord = Pick<KeptPair, 'row' | 'key'>;

/** Places of one page, of which it has half: the place of a pair is its page × this + its place there. */
const pagePlaces = 8192;

/** The own numbers of all pairs of a link, ascending, and where each stands: 8 bytes a pair. */
interface Places {
  readonly numbers: Uint32Array;
  readonly places: Uint32Array;
}

const mostLinks = 8;

/**
 * Finds the own records of links by the numbers that both sides know them by. Which number is where is kept in memory; who it is is read when it is asked, so
 * that whoever was erased meanwhile is not found. Runs at: the receiver of alerts.
 */
export class OwnRecords {
  readonly #database: PartyContext['database'];
  readonly #links = new Map<number, Promise<Places>>();

  constructor({ database }: Pick<PartyContext, 'database'>) {
    this.#database = database;
  }

  /** The records of these numbers; undefined for a number that is in no pair. */
  async find(link: FinishedLink, numbers: readonly number[]): Promise<(OwnRecord | undefined)[]> {
    const { numbers: known, places } = await this.#places(link);
    const found: (OwnRecord | undefined)[] = [];
    for (const number of numbers) {
      const at = lowerBound(known, number);
      found.push(known[at] === number ? await this.#read(link, places[at]!) : undefined);
    }
    return found;
  }

  async #read({ id }: FinishedLink, place: number): Promise<OwnRecord | undefined> {
    const page = await this.#page(id, Math.floor(place / pagePlaces));
    return page === undefined ? undefined : readOwn(page, place % pagePlaces);
  }

  #places(link: FinishedLink): Promise<Places> {
    const known = this.#links.get(link.id);
    this.#links.delete(link.id);
    const places = known ?? this.#scan(link);
    // The one that was asked for last stands last; the first goes.
    this.#links.set(link.id, places);
    for (const [oldest] of this.#links) if (this.#links.size > mostLinks) this.#links.delete(oldest);
    places.catch(() => this.#links.delete(link.id));
    return places;
  }

  async #scan({ id, table }: FinishedLink): Promise<Places> {
    const pairs = new PairList();
    for (let page = 0; ; page++) {
      const text = await this.#page(id, page);
      if (text === undefined) return pairs.sorted();
      let place = page * pagePlaces;
      for (const { ownNumber } of readPairs(text, table)) pairs.add(ownNumber, place++);
      await turn();
    }
  }

  async #page(run: number, page: number): Promise<string | undefined> {
    const found = await this.#database
      .selectFrom('match_page')
      .select('matches')
      .where('run', '=', run)
      .where('page', '=', page)
      .executeTakeFirst();
    return found?.matches;
  }
}

/** Numbers and places, as they come. */
class PairList {
  // Number and place as one integer of 64 bits, little-endian, so that the machine sorts them.
  #words = new Uint32Array(2 * 4096);
  #count = 0;

  add(number: number, place: number): void {
    if (2 * this.#count === this.#words.length) {
      const larger = new Uint32Array(2 * this.#words.length);
      larger.set(this.#words);
      this.#words = larger;
    }
    this.#words[2 * this.#count] = place;
    this.#words[2 * this.#count + 1] = number;
    this.#count++;
  }

  sorted(): Places {
    const words = this.#words.subarray(0, 2 * this.#count);
    new BigUint64Array(words.buffer, 0, this.#count).sort();
    const half = (which: 0 | 1) => Uint32Array.from({ length: this.#count }, (_, i) => words[2 * i + which]!);
    return { numbers: half(1), places: half(0) };
  }
}

/** The first place whose number is not less; the length, if all are. */
function lowerBound(ascending: Uint32Array, number: number): number {
  let [low, high] = [0, ascending.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (ascending[middle]! < number) low = middle + 1;
    else high = middle;
  }
  return low;
}
