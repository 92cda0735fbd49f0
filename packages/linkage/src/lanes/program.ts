import { demand, fields, integer, interval, isWithin, list } from '../fields.ts';

/** Whose records a part is made of. */
export type From = 'a' | 'b' | 'both';

/** Bounds of a signed number, as decimals. */
export type Bounds = readonly [lo: string, hi: string];

/**
 * What the owners put into a lane. `word`: the pair's value is a's word + b's word mod 2^ring; `bits`: a's bits ⊕ b's, one bit wire each.
 * A side that the part is not from contributes nothing.
 */
export type LanePart =
  | { readonly kind: 'word'; readonly ring: 16 | 32 | 64; readonly from: From }
  | { readonly kind: 'bits'; readonly width: number; readonly from: From };

/** A condition on the record of each side; a side without one is always true. */
export interface LocalLeaf {
  readonly kind: 'local';
  readonly from: From;
}

/** Codes of `width` bits are equal; negated: they differ, and neither is NULL. */
export interface EqualLeaf {
  readonly kind: 'equal';
  readonly width: number;
  readonly negated: boolean;
}

/** 0 ≤ x ≤ `most` (null: no upper bound), for x = a's word + b's word in `range`; outside: not, and neither is NULL. */
export interface IntervalLeaf {
  readonly kind: 'interval';
  readonly ring: 16 | 32 | 64;
  readonly range: Bounds;
  readonly most: string | null;
  readonly outside: boolean;
}

/**
 * `weight` · (positions with equal characters, of `count`) reaches both sides' words, which lie in `range`; or (not `reaches`) is at most
 * one of them, and neither value is NULL.
 */
export interface PositionsLeaf {
  readonly kind: 'positions';
  readonly count: number;
  /** Bits of a character. */
  readonly planes: number;
  readonly weight: string;
  readonly ring: 16 | 32 | 64;
  readonly range: Bounds;
  readonly reaches: boolean;
}

/** `weight` · (q-grams that both sides have) + a's word + b's word, which lies in `range`, is 0 or more. */
export interface QgramsLeaf {
  readonly kind: 'qgrams';
  /** Most q-grams of a, of b. */
  readonly counts: readonly [a: number, b: number];
  /** Bits of a q-gram. */
  readonly planes: number;
  readonly weight: string;
  readonly ring: 16 | 32 | 64;
  readonly range: Bounds;
}

/** The Levenshtein distance is at most `most`; or (above) more, and neither value is NULL. */
export interface EditLeaf {
  readonly kind: 'edit';
  /** Characters of a. Of b there are `most` more: those that the band reaches. */
  readonly rows: number;
  readonly planes: number;
  readonly most: number;
  readonly above: boolean;
}

/** A comparison of one pair a lane: numbers and shapes, no text of the rule. */
export type LaneLeaf = LocalLeaf | EqualLeaf | IntervalLeaf | PositionsLeaf | QgramsLeaf | EditLeaf;

/** What the owners put into a lane for a leaf, in the order in which `encodeParts` gives it and `leafCircuit` takes it. */
export function lanePartsOf(leaf: LaneLeaf): LanePart[] {
  switch (leaf.kind) {
    case 'local':
      return leaf.from === 'both' ? [bits(1, 'a'), bits(1, 'b')] : [bits(1, leaf.from)];
    case 'equal':
      return [bits(leaf.width, 'both'), ...(leaf.negated ? presence : [])];
    case 'interval':
      return [word(leaf.ring, 'both'), ...(leaf.outside ? presence : [])];
    case 'positions': {
      const characters = bits(leaf.count * leaf.planes, 'both');
      return [characters, word(leaf.ring, 'a'), word(leaf.ring, 'b'), ...(leaf.reaches ? [] : presence)];
    }
    case 'qgrams':
      return [
        bits(leaf.counts[0] * leaf.planes, 'a'),
        bits(leaf.counts[1] * leaf.planes, 'b'),
        word(leaf.ring, 'both'),
      ];
    case 'edit': {
      const { rows, planes, most, above } = leaf;
      const ends = most === 0 ? [] : [bits(2 * most, 'b')];
      return [bits(rows * planes, 'a'), bits((rows + most) * planes, 'b'), ...ends, ...(above ? presence : [])];
    }
  }
}

/** Nodes of the leaf's circuit, about: each is a bit a lane, kept for a while and worked on. Words count as many bits. */
export function laneNodes(leaf: LaneLeaf): number {
  switch (leaf.kind) {
    case 'local':
      return 4;
    case 'equal':
      return 2 * leaf.width;
    case 'interval':
      return 4 * leaf.ring;
    case 'positions':
      return leaf.count * (2 * leaf.planes + leaf.ring) + 4 * leaf.ring;
    case 'qgrams': {
      const [a, b] = leaf.counts;
      return a * b * 2 * leaf.planes + Math.min(a, b) * leaf.ring + 2 * leaf.ring;
    }
    case 'edit': {
      const band = 2 * leaf.most + 1;
      return (leaf.rows + 1) * band * (2 * leaf.planes + 6 * (leaf.most + 1));
    }
  }
}

function bits(width: number, from: From): LanePart {
  return { kind: 'bits', width, from };
}

function word(ring: 16 | 32 | 64, from: From): LanePart {
  return { kind: 'word', ring, from };
}

/** Whether the value of a, of b is there: for a leaf that is TRUE where something does not hold, which a NULL must not make it. */
const presence = [bits(1, 'a'), bits(1, 'b')];

const limits = { width: 128, characters: 1000, grams: 256, planes: 24, edits: 8 };

/** Reads a leaf that came from elsewhere; `plan-invalid`, naming the field, for anything but exactly a `LaneLeaf` within bounds. */
export function parseLaneLeaf(value: unknown, name: string): LaneLeaf {
  demand(typeof value === 'object' && value !== null && 'kind' in value, `${name} has a kind`);
  const { kind } = value;
  demand(
    typeof kind === 'string' && Object.hasOwn(parsers, kind),
    `${name}: kind is ${Object.keys(parsers).join(', ')}`,
  );
  return parsers[kind as LaneLeaf['kind']](value, name);
}

const parsers: { readonly [Kind in LaneLeaf['kind']]: (value: unknown, name: string) => LaneLeaf } = {
  local(value, name) {
    const [, from] = fields(value, name, ['kind', 'from']);
    demand(from === 'a' || from === 'b' || from === 'both', `${name}: from is a, b or both`);
    return { kind: 'local', from };
  },
  equal(value, name) {
    const [, width, negated] = fields(value, name, ['kind', 'width', 'negated']);
    demand(isWithin(width, 1, limits.width), `${name}: width is 1 to ${limits.width}`);
    return { kind: 'equal', width, negated: flag(negated, `${name}: negated`) };
  },
  interval(value, name) {
    const [, ring, range, most, outside] = fields(value, name, ['kind', 'ring', 'range', 'most', 'outside']);
    const bits = ringOf(ring, name);
    const bounds = interval(range, bits, `${name}: range`);
    const out = flag(outside, `${name}: outside`);
    demand(most !== null || !out, `${name}: outside has a bound`);
    const bound = most === null ? undefined : integer(most, bits, `${name}: most`);
    if (bound !== undefined) fits(bits, [bound - bounds[0], bound - bounds[1]], name);
    return {
      kind: 'interval',
      ring: bits,
      range: texts(bounds),
      most: bound === undefined ? null : String(bound),
      outside: out,
    };
  },
  positions(value, name) {
    const [, count, planes, weight, ring, range, reaches] = fields(value, name, [
      'kind',
      'count',
      'planes',
      'weight',
      'ring',
      'range',
      'reaches',
    ]);
    demand(isWithin(count, 1, limits.characters), `${name}: count is 1 to ${limits.characters}`);
    demand(isWithin(planes, 1, limits.planes), `${name}: planes is 1 to ${limits.planes}`);
    const bits = ringOf(ring, name);
    const each = integer(weight, bits, `${name}: weight`);
    demand(each > 0n, `${name}: weight is above 0`);
    const bounds = interval(range, bits, `${name}: range`);
    const all = each * BigInt(count);
    fits(bits, [all, all - bounds[0], -bounds[1], bounds[0] - all], name);
    const direction = flag(reaches, `${name}: reaches`);
    return {
      kind: 'positions',
      count,
      planes,
      weight: String(each),
      ring: bits,
      range: texts(bounds),
      reaches: direction,
    };
  },
  qgrams(value, name) {
    const [, counts, planes, weight, ring, range] = fields(value, name, [
      'kind',
      'counts',
      'planes',
      'weight',
      'ring',
      'range',
    ]);
    const [a, b, ...more] = list(counts, `${name}: counts`, 2);
    demand(
      more.length === 0 && isWithin(a, 1, limits.grams) && isWithin(b, 1, limits.grams),
      `${name}: counts are two numbers of 1 to ${limits.grams}`,
    );
    demand(isWithin(planes, 1, limits.planes), `${name}: planes is 1 to ${limits.planes}`);
    const width = ringOf(ring, name);
    const each = integer(weight, width, `${name}: weight`);
    fits(width, [each * BigInt(Math.min(a, b))], name);
    return {
      kind: 'qgrams',
      counts: [a, b],
      planes,
      weight: String(each),
      ring: width,
      range: texts(interval(range, width, `${name}: range`)),
    };
  },
  edit(value, name) {
    const [, rows, planes, most, above] = fields(value, name, ['kind', 'rows', 'planes', 'most', 'above']);
    demand(isWithin(most, 0, limits.edits), `${name}: most is 0 to ${limits.edits}`);
    demand(isWithin(rows, most + 1, limits.characters), `${name}: rows is ${most + 1} to ${limits.characters}`);
    demand(isWithin(planes, 1, limits.planes), `${name}: planes is 1 to ${limits.planes}`);
    return { kind: 'edit', rows, planes, most, above: flag(above, `${name}: above`) };
  },
};

function ringOf(value: unknown, name: string): 16 | 32 | 64 {
  demand(value === 16 || value === 32 || value === 64, `${name}: ring is 16, 32 or 64`);
  return value;
}

function flag(value: unknown, name: string): boolean {
  demand(typeof value === 'boolean', `${name} is true or false`);
  return value;
}

function fits(ring: number, values: readonly bigint[], name: string): void {
  const limit = 1n << BigInt(ring - 1);
  demand(
    values.every((value) => value >= -limit && value < limit),
    `${name}: what is compared fits in ${ring} bits`,
  );
}

function texts([lo, hi]: readonly [bigint, bigint]): Bounds {
  return [String(lo), String(hi)];
}
