import { canonicalBytes, SymbolonError } from '@symbolon/crypto';
import { type Formula, formulaLimits, leavesOf, sizeOf } from '../rule/formula.ts';
import type { AllPairsProgram, ProgramLeaf } from './program.ts';
import { pairsPerTile } from './tiles.ts';

const limits = {
  bytes: 8192,
  rows: 2 ** 20,
  leaves: 32,
  inner: 2 ** 16,
  /** Pairs of a stage; the planned number may be missed by rounding only. */
  tilePairs: 2 * pairsPerTile,
  tiles: 2 ** 12,
  /** Nodes of the plan, about. */
  nodes: 2 ** 18,
  /** Multiplications in all: about a minute of one core. */
  work: 2 ** 41,
  /** Bytes of both sides' vectors in all; they stand in memory, once or twice. */
  input: 2 ** 31,
};

/**
 * Reads a program that came from elsewhere. Strict: exactly the fields of `AllPairsProgram`, canonical numbers, bounds that hold together,
 * at most 8 KiB, bounded work. Anything else throws `plan-invalid`, naming the field.
 */
export function parseAllPairs(value: unknown): AllPairsProgram {
  const [protocol, rows, leaves, verdict, tile] = fields(value, 'program', [
    'protocol',
    'rows',
    'leaves',
    'verdict',
    'tile',
  ]);
  demand(protocol === 'link-all-pairs/1', 'protocol is link-all-pairs/1');
  const [rowsA, rowsB, ...more] = list(rows, 'rows', 2);
  demand(
    more.length === 0 && isWithin(rowsA, 1, limits.rows) && isWithin(rowsB, 1, limits.rows),
    `rows are two numbers of 1 to ${limits.rows}`,
  );
  const parsed = list(leaves, 'leaves', limits.leaves).map((leaf, i) => parseLeaf(leaf, `leaf ${i}`));
  demand(parsed.length > 0, 'leaves has one at least');
  const program: AllPairsProgram = {
    protocol: 'link-all-pairs/1',
    rows: [rowsA, rowsB],
    leaves: parsed,
    verdict: parseFormula(verdict, parsed.length, 0),
    tile: parseTile(tile, rowsA, rowsB),
  };
  const size = sizeOf(program.verdict);
  demand(size <= formulaLimits.size, `verdict has at most ${formulaLimits.size} parts`);
  demand(Math.ceil(rowsA / program.tile) * (4 * parsed.length + size) <= limits.nodes, 'the plan would be too long');
  demand(leavesOf(program.verdict).length === parsed.length, 'verdict uses every leaf');
  demand(rowsA * rowsB * sum(parsed, (leaf) => leaf.inner) <= limits.work, 'the work is too much for one program');
  demand(
    (rowsA + rowsB) * sum(parsed, (leaf) => (leaf.inner * leaf.ring) / 8) <= limits.input,
    'the inputs are too large for one program',
  );
  demand(canonicalBytes(program).length <= limits.bytes, `a program has at most ${limits.bytes} bytes`);
  return program;
}

function parseTile(tile: unknown, rowsA: number, rowsB: number): number {
  demand(isWithin(tile, 1, rowsA), 'tile is 1 to the rows of a');
  demand(tile === 1 || tile * rowsB <= limits.tilePairs, 'tile has too many pairs');
  demand(Math.ceil(rowsA / tile) <= limits.tiles, 'tile is too small');
  return tile;
}

function parseLeaf(value: unknown, name: string): ProgramLeaf {
  const [inner, ring, constant, product, entries, weight] = fields(value, name, [
    'inner',
    'ring',
    'constant',
    'product',
    'entries',
    'weight',
  ]);
  demand(isWithin(inner, 1, limits.inner), `${name}: inner is 1 to ${limits.inner}`);
  demand(ring === 16 || ring === 32 || ring === 64, `${name}: ring is 16, 32 or 64`);
  demand(isWithin(weight, 1, inner), `${name}: weight is 1 to inner`);
  const shift = integer(constant, ring, `${name}: constant`);
  demand(shift < 0n, `${name}: constant is negative`);
  const [lo, hi] = interval(product, ring, `${name}: product`);
  demand(lo <= 0n && hi >= 0n, `${name}: product has bounds around 0`);
  const limit = 1n << BigInt(ring - 1);
  demand(lo + shift >= -limit && hi + shift < limit, `${name}: product and constant fit in the ring`);
  const [a, b] = fields(entries, `${name}: entries`, ['a', 'b']);
  const ranges = [a, b].map((range) => interval(range, ring, `${name}: entries`).map(String) as [string, string]);
  return {
    inner,
    ring,
    constant: String(shift),
    product: [String(lo), String(hi)],
    entries: { a: ranges[0]!, b: ranges[1]! },
    weight,
  };
}

function parseFormula(value: unknown, leaves: number, depth: number): Formula {
  demand(depth <= formulaLimits.depth, `verdict is at most ${formulaLimits.depth} levels deep`);
  if (typeof value === 'number') {
    demand(isWithin(value, 0, leaves - 1), `verdict names leaves 0 to ${leaves - 1}`);
    return value;
  }
  demand(typeof value === 'object' && value !== null, 'verdict is a number, and, or, not');
  const kind = (['and', 'or', 'not'] as const).find((name) => Object.hasOwn(value, name));
  demand(kind !== undefined, 'verdict is a number, and, or, not');
  const [inner] = fields(value, 'verdict', [kind]);
  if (kind === 'not') return { not: parseFormula(inner, leaves, depth + 1) };
  const parts = list(inner, 'verdict', 64).map((part) => parseFormula(part, leaves, depth + 1));
  demand(parts.length >= 2, `verdict: ${kind} has two parts at least`);
  return kind === 'and' ? { and: parts } : { or: parts };
}

function fields(value: unknown, name: string, names: readonly string[]): unknown[] {
  demand(typeof value === 'object' && value !== null && !Array.isArray(value), `${name} is an object`);
  const found = Object.keys(value);
  demand(
    found.length === names.length && names.every((key) => Object.hasOwn(value, key)),
    `${name} has exactly the fields ${names.join(', ')}`,
  );
  return names.map((key) => (value as Record<string, unknown>)[key]);
}

function list(value: unknown, name: string, most: number): unknown[] {
  demand(Array.isArray(value) && value.length <= most, `${name} is a list of at most ${most}`);
  return value;
}

function isWithin(value: unknown, lo: number, hi: number): value is number {
  return typeof value === 'number' && Number.isInteger(value) && !Object.is(value, -0) && value >= lo && value <= hi;
}

function integer(value: unknown, ring: number, name: string): bigint {
  demand(typeof value === 'string' && /^(0|-?[1-9]\d{0,18})$/.test(value), `${name} is a whole number as text`);
  const number = BigInt(value);
  const limit = 1n << BigInt(ring - 1);
  demand(number >= -limit && number < limit, `${name} fits in ${ring} bits`);
  return number;
}

function interval(value: unknown, ring: number, name: string): [bigint, bigint] {
  const [lo, hi] = list(value, name, 2).map((bound) => integer(bound, ring, name));
  demand(lo !== undefined && hi !== undefined && lo <= hi, `${name} are two bounds, the lower first`);
  return [lo, hi];
}

function sum<T>(values: readonly T[], of: (value: T) => number): number {
  return values.reduce((total, value) => total + of(value), 0);
}

function demand(condition: boolean, rule: string): asserts condition {
  if (!condition) throw new SymbolonError('plan-invalid', `link program: ${rule}`);
}
