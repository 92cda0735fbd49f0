import { insecureTestRng } from '@symbolon/crypto';
import { PlanBuilder, type Ring, type Wire } from '@symbolon/engine';
import {
  binsOf,
  leastHubEntries,
  type Meet,
  type MeetColumn,
  meetInputs,
  meetParts,
  type SpokeEntries,
  type StudyInput,
  type StudyProgram,
  where,
} from '../../src/session/index.ts';

/** A digest for a key's number: 32 bytes, uniform. */
export function digest(key: number): Uint8Array {
  return insecureTestRng(`key ${key}`)(32);
}

export function keysOf(keys: readonly number[]): Uint8Array {
  return new Uint8Array(Buffer.concat(keys.map(digest)));
}

/** A spoke's table in the clear: a row of values for each key. */
export interface Table {
  readonly spoke: number;
  readonly columns: readonly MeetColumn[];
  readonly rows: ReadonlyMap<number, readonly bigint[]>;
  /** Public; as many as rows, if absent. */
  readonly entries?: number;
}

/** The hub's table: a weight a key, and how many entries are said to be there. */
export interface Hub {
  readonly rows: ReadonlyMap<number, bigint>;
  readonly entries?: number;
  /** Whether the hub adds something to what it meets. */
  readonly adds?: boolean;
}

/** What a hub that adds does to the value that an entry meets. */
function addedTo(column: MeetColumn, key: number): bigint {
  if (column.kind === 'word') return column.ring === 64 ? BigInt(1000 * key - 7) : 0n;
  return BigInt.asUintN(widthOf(column), BigInt(5 * key + 1));
}

export function widthOf(column: MeetColumn): number {
  if (column.kind === 'word') return column.ring;
  return column.kind === 'bits' ? column.width : 1;
}

/**
 * A program that adds up, over the hub's entries, weight · column where its entry met, for every column of every meet; and how many met, each with
 * each other meet. Everybody learns.
 */
export function sums(parties: number, hub: Hub, tables: readonly Table[]): StudyProgram {
  const entries = hub.entries ?? Math.max(leastHubEntries, hub.rows.size);
  const lanes = binsOf(entries);
  const meets = tables.map(
    ({ spoke, columns, rows, entries: of }): Meet => ({ spoke, entries: [entries, of ?? rows.size], columns }),
  );
  const b = new PlanBuilder(parties);
  const shares = meets.map((meet, at) => meetInputs(b, at, meet));
  const weight = b.input('weight', 0, { ring: 64, size: lanes });
  const offsets = Array.from({ length: parties }, (_, i) => b.input(`offset ${i}`, i, { ring: 64, size: 1 }));
  const all = Array.from({ length: parties }, (_, i) => i);
  const wide = (wire: Wire, ring: Ring): Wire =>
    ring === 64 ? wire : b.widen(b.linear([[1n, wire]], 0n, [0n, 2n ** BigInt(ring - 1) - 1n]));
  const found: Wire[] = [];
  for (const [at, share] of shares.entries()) {
    const parts = meetParts(b, share);
    found.push(parts.found);
    for (const [i, column] of parts.columns.entries()) {
      const of = meets[at]!.columns[i]!;
      const kept = where(b, parts.found, column);
      const word =
        of.kind === 'word'
          ? wide(kept[0]!, of.ring)
          : b.weigh(
              kept.map((bit, k) => [1n << BigInt(k), bit] as const),
              0n,
              64,
            );
      b.reveal(b.dot(weight, word), all, `sum ${at} ${i}`);
    }
  }
  for (const [i, x] of found.entries()) {
    for (const [j, y] of found.entries()) if (i <= j) b.reveal(b.sum(b.toRing(b.and(x, y), 64)), all, `met ${i} ${j}`);
  }
  b.stage();
  b.reveal(b.linear(offsets.map((wire) => [1n, wire])), all, 'offsets');
  return { protocol: 'study/1', parties, meets, plan: b.build() };
}

export function words(values: readonly bigint[], ring: Ring): Uint8Array {
  const bytes = new Uint8Array((values.length * ring) / 8);
  const view = new DataView(bytes.buffer);
  for (const [i, value] of values.entries()) {
    if (ring === 64) view.setBigUint64(8 * i, BigInt.asUintN(64, value), true);
    else if (ring === 32) view.setUint32(4 * i, Number(BigInt.asUintN(32, value)), true);
    else view.setUint16(2 * i, Number(BigInt.asUintN(16, value)), true);
  }
  return bytes;
}

export function packed(values: readonly bigint[]): Uint8Array {
  const bytes = new Uint8Array(Math.ceil(values.length / 8));
  for (const [i, value] of values.entries()) bytes[i >> 3]! |= Number(value) << (i & 7);
  return bytes;
}

function bytesOf(column: MeetColumn, values: readonly bigint[]): Uint8Array {
  if (column.kind === 'bit') return packed(values);
  if (column.kind === 'word') return words(values, column.ring);
  const bytes = Math.ceil(column.width / 8);
  return Uint8Array.from({ length: bytes * values.length }, (_, i) =>
    Number((values[Math.floor(i / bytes)]! >> BigInt(8 * (i % bytes))) & 255n),
  );
}

function entriesOf({ columns, rows }: Table): SpokeEntries {
  const values = [...rows.values()];
  const keys = keysOf([...rows.keys()]);
  return {
    keys,
    columns: columns.map((column, i) =>
      bytesOf(
        column,
        values.map((row) => row[i]!),
      ),
    ),
  };
}

/** What each party puts in: offsets are 1000 and its index. */
export function inputsOf(program: StudyProgram, hub: Hub, tables: readonly Table[]): StudyInput[] {
  const lanes = binsOf(program.meets[0]!.entries[0]);
  return Array.from({ length: program.parties }, (_, party) => ({
    ...(party === 0 && { hubKeys: keysOf([...hub.rows.keys()]) }),
    ...(party === 0 && hub.adds && { added: addedBy(hub, tables) }),
    spokes: new Map(tables.flatMap((table, at) => (table.spoke === party ? [[at, entriesOf(table)] as const] : []))),
    inputs(bins) {
      const offset = { [`offset ${party}`]: words([1000n + BigInt(party)], 64) };
      if (bins === undefined) return offset;
      const weights = Array<bigint>(lanes).fill(0n);
      for (const [i, value] of [...hub.rows.values()].entries()) weights[bins[i]!] = value;
      return { weight: words(weights, 64), ...offset };
    },
  }));
}

function addedBy(hub: Hub, tables: readonly Table[]): Map<number, Uint8Array[]> {
  const of = (column: MeetColumn): Uint8Array =>
    bytesOf(
      column,
      [...hub.rows.keys()].map((key) => addedTo(column, key)),
    );
  return new Map(tables.map(({ columns }, at) => [at, columns.map(of)]));
}

/** The same in plain arithmetic. */
export function expected(parties: number, hub: Hub, tables: readonly Table[]): Map<string, bigint> {
  const result = new Map<string, bigint>();
  const keys = [...hub.rows.keys()];
  for (const [at, table] of tables.entries()) {
    for (const [i, column] of table.columns.entries()) {
      const value = (key: number): bigint => {
        const row = table.rows.get(key);
        const added = hub.adds ? addedTo(column, key) : 0n;
        if (row === undefined) return 0n;
        return column.kind === 'word' ? row[i]! + added : row[i]! ^ added;
      };
      const sum = keys.reduce((total, key) => total + hub.rows.get(key)! * value(key), 0n);
      result.set(`sum ${at} ${i}`, BigInt.asUintN(64, sum));
    }
  }
  for (const [i, x] of tables.entries()) {
    for (const [j, y] of tables.entries()) {
      if (i > j) continue;
      const met = keys.filter((key) => x.rows.has(key) && y.rows.has(key)).length;
      result.set(`met ${i} ${j}`, BigInt(met));
    }
  }
  const offsets = Array.from({ length: parties }, (_, party) => 1000n + BigInt(party));
  result.set(
    'offsets',
    offsets.reduce((x, y) => x + y),
  );
  return result;
}

export function numbersOf(yielded: ReadonlyMap<string, Uint8Array>): Map<string, bigint> {
  return new Map([...yielded].map(([name, bytes]) => [name, new DataView(bytes.slice().buffer).getBigUint64(0, true)]));
}
