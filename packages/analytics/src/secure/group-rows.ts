import { keyRows, type PlanBuilder, type SortKey, type Wire } from '@symbolon/engine';
import type { BoundStudy, Opened } from '../sql/index.ts';
import { columnOf, maskedColumn } from './cells.ts';
import { codeShape } from './codes.ts';
import { paddedBins } from './declare.ts';
import { concatenated } from './hot.ts';
import type { RowLanes } from './lanes.ts';
import { type Interval, rangeOf } from './nodes.ts';

/** A key of rows that are grouped by sorting. All is 0 where there is no row. */
export interface GroupKey {
  /** Its code, a word a row. */
  readonly code: Wire;
  readonly sort: SortKey;
  /** Words of its text. */
  readonly texts: readonly Wire[];
}

/** Rows whose keys are not known before: of the joined tables, or groups that each party made of its own. All is 0 where there is no row. */
export interface GroupRows {
  readonly rows: number;
  readonly keys: readonly GroupKey[];
  /** For each number of the study, words of 64 bits. */
  readonly numbers: readonly Wire[];
  /** For each support, words of 32 bits: a group may show where their sum is `least` or more; it is 0 where nobody stands behind it. */
  readonly tests: readonly Wire[];
  readonly least: bigint;
}

/** Names of the groups that a party gives. */
export const groupName = {
  code: (party: number, key: number): string => `group code/${party}/${key}`,
  bits: (party: number, key: number): string => `group bits/${party}/${key}`,
  text: (party: number, key: number, place: number): string => `group text/${party}/${key}/${place}`,
  number: (party: number, opened: number): string => `group number/${party}/${opened}`,
  test: (party: number, support: number): string => `group test/${party}/${support}`,
};

/** Lanes of a party that has at most so many rows. */
export const groupLanes = paddedBins;

/** Declares the groups that the parties of the hub made of their own rows, of so many rows each. */
export function declareGroups(builder: PlanBuilder, bound: BoundStudy, sizes: readonly number[]): () => GroupRows {
  const parties = sizes.map((rows, party) => ({ party, size: groupLanes(rows) }));
  const keys = bound.keys.map(({ node }, key) => {
    const { width, row, texts, most } = codeShape(bound.nodes[node]!);
    const range = most === undefined ? {} : { range: [0n, most] as const };
    const words = (name: (party: number) => string, ring: 32 | 64, shape: object = {}): Wire[] =>
      parties.map(({ party, size }) => builder.input(name(party), party, { ring, size, ...shape }));
    return {
      width,
      code: words((party) => groupName.code(party, key), width < 32 ? 32 : 64, range),
      bits: parties.map(({ party, size }) => builder.inputBits(groupName.bits(party, key), party, row * size)),
      texts: Array.from({ length: texts }, (_, place) => words((party) => groupName.text(party, key, place), 64)),
    };
  });
  const numbers = bound.opened.map((number, i) =>
    parties.map(({ party, size }) => {
      const shape = { ring: 64, size, range: sumRange(number, bound) } as const;
      return builder.input(groupName.number(party, i), party, shape);
    }),
  );
  const tests = bound.supports.map((_, i) =>
    parties.map(({ party, size }) => {
      const shape = { ring: 32, size, range: [tooFew(bound), 1n] } as const;
      return builder.input(groupName.test(party, i), party, shape);
    }),
  );
  const all = (wires: readonly Wire[]): Wire => concatenated(builder, wires);
  return () => ({
    rows: parties.reduce((sum, { size }) => sum + size, 0),
    keys: keys.map(({ width, code, bits, texts }) => ({
      code: all(code),
      sort: { wire: all(bits), width },
      texts: texts.map(all),
    })),
    numbers: numbers.map(all),
    tests: tests.map(all),
    least: bound.release.allowEmptyParty ? 1n : BigInt(parties.length),
  });
}

/** What a party gives to the test of a group: 1 where k of its patients stand behind it, 0 where none, else more than all others can make up for. */
export function groupTest(bound: BoundStudy, patients: number): bigint {
  if (patients >= bound.release.minPatients) return 1n;
  return patients === 0 ? 0n : tooFew(bound);
}

function tooFew({ tables }: Pick<BoundStudy, 'tables'>): bigint {
  return -BigInt(tables[0]!.parties.length);
}

/** Of the sums of tests over any rows. */
export function testRange(bound: BoundStudy, rows: number): Interval {
  return [tooFew(bound) * BigInt(rows), BigInt(rows)];
}

/** Of the number's sum over any rows. */
export function sumRange(number: Opened, { tables }: BoundStudy): Interval {
  if (number.kind === 'sum') return number.range.map(BigInt) as [bigint, bigint];
  const { maxRows, parties } = tables[0]!;
  return [0n, BigInt(maxRows) * BigInt(parties.length)];
}

/** The joined rows of one party of the hub. A group's test counts its distinct patients. */
export function joinedGroups(lanes: RowLanes, bound: BoundStudy): GroupRows {
  const { builder } = lanes;
  const keys = bound.keys.map(({ node }) => keyOf(lanes, node));
  const supports = bound.supports.map((support) => lanes.support(support));
  const equal = equalSlots(lanes, keys);
  const patients = supports.map((support) => firstOfPatient(lanes, support, equal));
  const numbers = bound.opened.map((number) =>
    number.kind === 'patients'
      ? builder.toRing(patients[number.support]!, 64)
      : maskedColumn(lanes, columnOf(number, lanes)!, supports[number.support]!),
  );
  return {
    rows: lanes.lanes,
    keys,
    numbers,
    tests: bound.supports.map(({ less }, i) => {
      const first = builder.toRing(patients[i]!, 32);
      return less === undefined ? first : builder.subtract(first, builder.toRing(patients[less]!, 32));
    }),
    least: BigInt(bound.release.minPatients),
  };
}

/** A key of the lanes, 0 where a lane does not count. */
function keyOf(lanes: RowLanes, at: number): GroupKey {
  const { builder, rows, weight } = lanes;
  const node = rows.nodes[at]!;
  const { width, row, texts } = codeShape(node);
  const masked = (wire: Wire): Wire => builder.bitDot([weight], [wire]);
  const isLocal = node.op === 'local';
  const code = narrow(
    builder,
    masked(isLocal ? lanes.column({ node: at, form: 'code', place: 0 }) : codeOf(lanes, at)),
    width,
  );
  const words = Array.from({ length: texts }, (_, place) => masked(lanes.column({ node: at, form: 'text', place })));
  if (isLocal && node.table === rows.tables[0]!.alias) {
    const given = lanes.column({ node: at, form: 'bits', place: 0 });
    const sort = { wire: builder.and(given, builder.repeat(weight, row)), width };
    return { code, sort, texts: words };
  }
  const places = Array.from({ length: width }, (_, bit) => bit);
  return { code, sort: keyRows(builder, code, places), texts: words };
}

/** Half the bytes, where a code is short. */
export function narrow(builder: PlanBuilder, code: Wire, width: number): Wire {
  return width < 32 ? builder.narrow(code, 32) : code;
}

/** The code of a value of several tables. */
function codeOf(lanes: RowLanes, at: number): Wire {
  const { builder } = lanes;
  const lane = lanes.nodes.at(at);
  const none = lanes.bit(lane.none);
  if (lane.kind === 'truth') {
    const terms = [
      [1n, lanes.bit(lane.truth)],
      [2n, none],
    ] as const;
    return builder.weigh(terms, 1n, 64);
  }
  const { type, nullable } = lanes.rows.nodes[at]!;
  const [lo, hi] = rangeOf(type);
  const code = builder.linear([[1n, lanes.word(lane.value)]], 1n - lo, [1n, hi - lo + 1n]);
  if (!nullable) return code;
  const rest = builder.bitDot([none], [builder.linear([[-1n, code]], hi - lo + 2n)]);
  const terms = [
    [1n, code],
    [1n, rest],
  ] as const;
  return builder.linear(terms, 0n, [1n, hi - lo + 2n]);
}

type Equal = ReadonlyMap<string, Wire>;

/** For any two slots of a bin, whether their keys are equal. */
function equalSlots({ builder, logic, slots, bins }: RowLanes, keys: readonly GroupKey[]): Equal {
  const part = (wire: Wire, slot: number): Wire => builder.slice(wire, slot * bins, bins);
  const equal = new Map<string, Wire>();
  for (let slot = 1; slot < slots; slot++)
    for (let before = 0; before < slot; before++) {
      const each = keys.map(({ code }) => builder.isZero(builder.subtract(part(code, slot), part(code, before))));
      equal.set(`${slot} ${before}`, logic.and(...each) as Wire);
    }
  return equal;
}

/** Where a lane is the first of its patient's in its group that the support holds. */
function firstOfPatient({ builder, logic, slots, bins }: RowLanes, support: Wire, equal: Equal): Wire {
  if (slots === 1) return support;
  const own = Array.from({ length: slots }, (_, slot) => builder.slice(support, slot * bins, bins));
  const firsts = own.map((held, slot) => {
    const again = own.slice(0, slot).map((before, i) => logic.and(before, equal.get(`${slot} ${i}`)!));
    return logic.and(held, logic.not(logic.or(...again))) as Wire;
  });
  return concatenated(builder, firsts);
}
