import type { Pairs } from '@symbolon/linkage';

/** A pair that belongs together, as one side knows it. */
export interface Match {
  /** The own record: its number in the source, from 0, and the value of the key column. */
  readonly row: number;
  readonly key: string | null;
  /** The numbers that both sides know this pair by: the own record's and the peer's under fresh secret permutations. */
  readonly ownNumber: number;
  readonly peerRow: number;
}

/** A pair as it is kept: of one whose own record was erased, nothing is known but that it was there. */
export interface KeptPair {
  readonly row: number | null;
  readonly key: string | null;
  readonly ownNumber: number;
  readonly peerRow: number;
}

/** Some matches by columns, as the database keeps them: own row, row of a, row of b, own key. */
interface Page {
  readonly row: readonly (number | null)[];
  readonly a: readonly number[];
  readonly b: readonly number[];
  readonly key: readonly (string | null)[];
}

const pageMatches = 4096;

/**
 * The matches of a run in the order of the own rows, as pages of JSON: each side knows its own records, and the peer's only by the
 * numbers of this run.
 *
 * @param index this side's place
 * @param order the own source row of each number
 * @param key of a row of the own table
 * @param record number of such a row in the source, where some were left out
 */
export function* matchPages(
  pairs: Pairs,
  index: 0 | 1,
  order: Uint32Array,
  key: (row: number) => string | null,
  record: (row: number) => number = (row) => row,
): Generator<string> {
  const own = index === 0 ? pairs.a : pairs.b;
  const places = byRow(own, order);
  for (let at = 0; at < places.length; at += pageMatches) {
    const some = places.subarray(at, at + pageMatches);
    const page = { row: [] as number[], a: [] as number[], b: [] as number[], key: [] as (string | null)[] };
    for (const place of some) {
      const row = order[own[place]!]!;
      page.row.push(record(row));
      page.a.push(pairs.a[place]!);
      page.b.push(pairs.b[place]!);
      page.key.push(key(row));
    }
    yield JSON.stringify(page satisfies Page);
  }
}

/** The matches of a page whose own records were not erased. @param table of this party */
export function* readPage(text: string, table: 'a' | 'b'): Generator<Match> {
  for (const pair of readPairs(text, table)) if (pair.row !== null) yield { ...pair, row: pair.row };
}

/** All pairs of a page. @param table of this party */
export function* readPairs(text: string, table: 'a' | 'b'): Generator<KeptPair> {
  const { row: rows, a, b, key } = JSON.parse(text) as Page;
  const [own, peer] = table === 'a' ? [a, b] : [b, a];
  for (const [i, row] of rows.entries()) yield { row, key: key[i]!, ownNumber: own[i]!, peerRow: peer[i]! };
}

/** The own side of one pair of a page; undefined behind the last. @param place of it, from 0 */
export function readOwn(text: string, place: number): Pick<KeptPair, 'row' | 'key'> | undefined {
  const row = elementOf(text, 'row', place);
  if (row === undefined) return undefined;
  return { row: row as number | null, key: elementOf(text, 'key', place) as string | null };
}

/** An element of one of the lists of a page. Before the first key there are only numbers, so the name of a list stands there once. */
function elementOf(text: string, list: 'row' | 'key', place: number): unknown {
  let at = text.indexOf(`"${list}":[`) + list.length + 4;
  for (let left = place; ; left--) {
    const end = elementEnd(text, at);
    if (end === at) return undefined;
    if (left === 0) return JSON.parse(text.slice(at, end));
    if (text[end] !== ',') return undefined;
    at = end + 1;
  }
}

const [quote, backslash, comma, bracket] = [0x22, 0x5c, 0x2c, 0x5d];

/** Where an element of a JSON list ends that is a number, null or a string; the end of the text, where it does not end. */
function elementEnd(text: string, start: number): number {
  let at = start;
  if (text.charCodeAt(at) !== quote) {
    while (at < text.length && text.charCodeAt(at) !== comma && text.charCodeAt(at) !== bracket) at++;
    return at;
  }
  for (at++; at < text.length && text.charCodeAt(at) !== quote; at++) if (text.charCodeAt(at) === backslash) at++;
  return at + 1;
}

/**
 * Erases the own side of some pairs of a page. The pair's numbers stay: they mean nothing without it, and studies count the pairs of a link at both
 * parties.
 * @returns the page, and how many were erased; undefined if none was
 */
export function erasePairs(
  text: string,
  isErased: (row: number, key: string | null) => boolean,
): { readonly text: string; readonly erased: number } | undefined {
  const page = JSON.parse(text) as Page;
  const gone = page.row.map((row, i) => row !== null && isErased(row, page.key[i]!));
  const erased = gone.filter(Boolean).length;
  if (erased === 0) return undefined;
  const without = <Value>(values: readonly Value[]) => values.map((value, i) => (gone[i] ? null : value));
  return { text: JSON.stringify({ ...page, row: without(page.row), key: without(page.key) } satisfies Page), erased };
}

/** The places of pairs by their own source row; those of one row stay in their order (Knuth, TAOCP 3, 5.2 D, distribution counting). */
function byRow(own: Uint32Array, order: Uint32Array): Uint32Array {
  const ends = new Uint32Array(order.length + 1);
  const rows = new Uint32Array(own.length);
  for (let place = 0; place < own.length; place++) {
    const row = order[own[place]!]!;
    rows[place] = row;
    ends[row + 1]!++;
  }
  for (let row = 0; row < order.length; row++) ends[row + 1]! += ends[row]!;
  const places = new Uint32Array(own.length);
  for (let place = 0; place < own.length; place++) places[ends[rows[place]!]!++] = place;
  return places;
}
