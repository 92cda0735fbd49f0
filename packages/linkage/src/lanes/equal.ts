import type { PlanBuilder, Wire } from '@symbolon/engine';
import { digitsOf, hashOf } from '../encode/equal.ts';
import type { LocalTable } from '../encode/table.ts';
import type { Local } from '../rule/compile.ts';
import type { Encoding } from '../rule/leaf.ts';
import type { Side } from '../rule/value.ts';
import { bitsFor } from './bits.ts';
import type { LaneWires } from './circuit.ts';
import { conjunctions, notAll } from './logic.ts';
import type { EqualLeaf } from './program.ts';

/*
 * Every value has a code; the codes 0 and 1 are a's NULL and b's. Exact values are numbered from 2; of 2^64 hashes 0 and 1 give way to
 * 2 and 3. Side a turns its bits, so that a bit of the pair is 1 where both are equal.
 */

type Equal = Encoding & { kind: 'equal' };

const reserved = 2n;
const nullCode = { a: 0n, b: 1n };

export function equalLeaf({ digits, negated }: Equal): EqualLeaf {
  const values = digits.bases.reduce((product, base) => product * BigInt(base), 1n);
  return { kind: 'equal', width: digits.of === 'hash' ? 64 : bitsFor(values + reserved), negated };
}

/** Codes, and whether each is none of NULL. */
export function encodeEqual(
  encoding: Equal,
  side: Side,
  locals: readonly Local[],
  table: LocalTable,
): { codes: Uint8Array; present: Uint8Array } {
  const bytes = Math.ceil(equalLeaf(encoding).width / 8);
  const turn = side === 'a' ? (1n << BigInt(equalLeaf(encoding).width)) - 1n : 0n;
  const codes = new Uint8Array(table.rows * bytes);
  const present = new Uint8Array(table.rows);
  const code = encoding.digits.of === 'hash' ? hashCode : digitsCode;
  for (let row = 0; row < table.rows; row++) {
    const value = code(encoding, side, locals, table, row);
    if (value !== undefined) present[row] = 1;
    let rest = (value === undefined ? nullCode[side] : value) ^ turn;
    for (let at = row * bytes; rest > 0n; at++, rest >>= 8n) codes[at] = Number(rest & 255n);
  }
  return { codes, present };
}

function hashCode(
  encoding: Equal,
  side: Side,
  locals: readonly Local[],
  table: LocalTable,
  row: number,
): bigint | undefined {
  const hash = hashOf(encoding[side], locals, table, row);
  if (hash === undefined) return undefined;
  const value = new DataView(hash.buffer, hash.byteOffset).getBigUint64(0, true);
  return value < reserved ? value + reserved : value;
}

function digitsCode(
  encoding: Equal,
  side: Side,
  locals: readonly Local[],
  table: LocalTable,
  row: number,
): bigint | undefined {
  const digits = digitsOf(encoding, side, locals, table, row);
  const { bases } = encoding.digits;
  return digits?.reduceRight((code, digit, i) => code * BigInt(bases[i]!) + BigInt(digit), 0n);
}

export function equalCircuit(builder: PlanBuilder, { negated }: EqualLeaf, [same, a, b]: LaneWires): Wire {
  const equal = conjunctions(builder, [same!])[0]!;
  return negated ? notAll(builder, [a![0]!, b![0]!], equal) : equal;
}
