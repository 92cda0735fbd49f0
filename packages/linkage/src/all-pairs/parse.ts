import { canonicalBytes } from '@symbolon/crypto';
import { demand, fields, integer, interval, isWithin, list } from '../fields.ts';
import { parseLaneLeaf } from '../lanes/program.ts';
import { type Outcome, parseCardinality, parseLearners, parsePrefer, parseReveal } from '../outcome.ts';
import { type Formula, sizeOf } from '../verdict/formula.ts';
import { parseVerdict } from '../verdict/parse.ts';
import { type BilinearLeaf, isBilinear, laneWork, type ProgramLeaf, rowBytes } from './leaf.ts';
import type { AllPairsProgram } from './program.ts';
import { isWhole, laneNodesPerTile, pairsPerTile } from './tiles.ts';

const limits = {
  bytes: 8192,
  rows: 2 ** 20,
  leaves: 32,
  inner: 2 ** 16,
  /** Pairs of a stage; the planned number may be missed by rounding only. */
  tilePairs: 2 * pairsPerTile,
  tileNodes: 2 * laneNodesPerTile,
  tiles: 2 ** 12,
  /** Nodes of the plan, about. */
  nodes: 2 ** 18,
  /** Multiplications in all, about a minute of one core; a node of a lane takes the time of many. */
  work: 2 ** 41,
  nodeWork: 20,
  /** Bytes of both sides' vectors in all; they stand in memory, once or twice. */
  input: 2 ** 31,
};

/**
 * Reads a program that came from elsewhere. Strict: exactly the fields of `AllPairsProgram`, canonical numbers, bounds that hold together,
 * at most 8 KiB, bounded work. Anything else throws `plan-invalid`, naming the field.
 */
export function parseAllPairs(value: unknown): AllPairsProgram {
  const names = ['protocol', 'rows', 'leaves', 'verdict', 'cardinality', 'prefer', 'reveal', 'to', 'tile'];
  const [protocol, rows, leaves, verdict, cardinality, prefer, reveal, to, tile] = fields(value, 'program', names);
  demand(protocol === 'link-all-pairs/1', 'protocol is link-all-pairs/1');
  const [rowsA, rowsB, ...more] = list(rows, 'rows', 2);
  demand(
    more.length === 0 && isWithin(rowsA, 1, limits.rows) && isWithin(rowsB, 1, limits.rows),
    `rows are two numbers of 1 to ${limits.rows}`,
  );
  const parsed = list(leaves, 'leaves', limits.leaves).map((leaf, i) => parseLeaf(leaf, `leaf ${i}`));
  demand(parsed.length > 0, 'leaves has one at least');
  const outcome = parseOutcome(cardinality, prefer, reveal, to);
  const program: AllPairsProgram = {
    protocol: 'link-all-pairs/1',
    rows: [rowsA, rowsB],
    leaves: parsed,
    verdict: parseVerdict(verdict, parsed.length),
    ...outcome,
    tile: parseTile(tile, rowsA, rowsB, laneWork(parsed), outcome),
  };
  demand(outcome.prefer === 'first' || isGate(program.verdict), 'prefer is best for a weighted sum only');
  const size = sizeOf(program.verdict);
  const nodes = 4 * parsed.length + laneWork(parsed) + size + choiceNodes(outcome);
  demand(Math.ceil(rowsA / program.tile) * nodes <= limits.nodes, 'the plan would be too long');
  const work = sum(parsed, (leaf) => (isBilinear(leaf) ? leaf.inner : limits.nodeWork * laneWork([leaf])));
  demand(rowsA * rowsB * work <= limits.work, 'the work is too much for one program');
  demand((rowsA + rowsB) * sum(parsed, rowBytes) <= limits.input, 'the inputs are too large for one program');
  demand(canonicalBytes(program).length <= limits.bytes, `a program has at most ${limits.bytes} bytes`);
  return program;
}

function parseOutcome(...values: readonly unknown[]): Outcome {
  const outcome: Outcome = {
    cardinality: parseCardinality(values[0]),
    prefer: parsePrefer(values[1]),
    reveal: parseReveal(values[2]),
    to: parseLearners(values[3]),
  };
  const picks = outcome.cardinality === 'many-to-one' && outcome.reveal === 'pairs';
  demand(outcome.prefer === 'first' || picks, 'prefer is best for the pairs of many-to-one only');
  return outcome;
}

/** Nodes of what is chosen in a tile, about. */
function choiceNodes({ cardinality, reveal }: Outcome): number {
  return cardinality === 'many-to-many' && reveal === 'pairs' ? 0 : 512;
}

function isGate(verdict: Formula): boolean {
  return typeof verdict === 'object' && 'score' in verdict;
}

function parseTile(tile: unknown, rowsA: number, rowsB: number, nodes: number, { cardinality }: Outcome): number {
  demand(isWithin(tile, 1, rowsA), 'tile is 1 to the rows of a');
  demand(tile === 1 || tile * rowsB <= limits.tilePairs, 'tile has too many pairs');
  demand(!isWhole(cardinality, nodes) || tile === rowsA || tile % 8 === 0, 'tile is a multiple of 8');
  demand(tile * rowsB * nodes <= limits.tileNodes, 'a tile would take too much memory');
  demand(Math.ceil(rowsA / tile) <= limits.tiles, 'tile is too small');
  return tile;
}

function parseLeaf(value: unknown, name: string): ProgramLeaf {
  const isLane = typeof value === 'object' && value !== null && Object.hasOwn(value, 'kind');
  return isLane ? parseLaneLeaf(value, name) : parseBilinear(value, name);
}

function parseBilinear(value: unknown, name: string): BilinearLeaf {
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

function sum<T>(values: readonly T[], of: (value: T) => number): number {
  return values.reduce((total, value) => total + of(value), 0);
}
