import { hashLabelled } from '@symbolon/crypto';
import type { PlanBuilder, Wire } from '@symbolon/engine';
import type { Kernels } from '@symbolon/kernels';
import { digitsOf } from '../encode/equal.ts';
import { encodeKeys } from '../encode/keys.ts';
import type { LocalTable } from '../encode/table.ts';
import type { CompiledRule } from '../rule/compile.ts';
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

const reserved = 2;
const nullCode = { a: 0, b: 1 };
const hashBytes = 8;

export function equalLeaf({ digits, negated }: Equal): EqualLeaf {
  if (digits.of === 'hash') return { kind: 'equal', width: 8 * hashBytes, negated };
  const values = digits.bases.reduce((product, base) => product * BigInt(base), 1n);
  return { kind: 'equal', width: bitsFor(values + BigInt(reserved)), negated };
}

/** Codes, and whether each is none of NULL. */
export function encodeEqual(
  rule: CompiledRule,
  encoding: Equal,
  side: Side,
  table: LocalTable,
  kernels: Kernels,
): { codes: Uint8Array; present: Uint8Array } {
  const { width } = equalLeaf(encoding);
  const { codes, present } =
    encoding.digits.of === 'hash'
      ? hashCodes(rule, encoding, side, table, kernels)
      : exactCodes(rule, encoding, side, table, Math.ceil(width / 8));
  if (side === 'a') turn(codes, width);
  return { codes, present };
}

function exactCodes(rule: CompiledRule, encoding: Equal, side: Side, table: LocalTable, bytes: number) {
  const { bases } = encoding.digits;
  const codes = new Uint8Array(table.rows * bytes);
  const present = new Uint8Array(table.rows);
  for (let row = 0; row < table.rows; row++) {
    const digits = digitsOf(encoding, side, rule.locals[side], table, row);
    if (digits !== undefined) present[row] = 1;
    const number = digits?.reduceRight((code, digit, i) => code * BigInt(bases[i]!) + BigInt(digit), 0n);
    let rest = number === undefined ? BigInt(nullCode[side]) : number + BigInt(reserved);
    for (let at = row * bytes; rest > 0n; at++, rest >>= 8n) codes[at] = Number(rest & 255n);
  }
  return { codes, present };
}

const SLICE = 65_536;
const digestBytes = 16;

/** 64 bits of keyed BLAKE3, under a key that everybody knows. */
function hashCodes(rule: CompiledRule, encoding: Equal, side: Side, table: LocalTable, { abi, arena }: Kernels) {
  const { data, offsets, present } = encodeKeys(rule, encoding, side, table);
  const codes = new Uint8Array(table.rows * hashBytes);
  const key = arena.alloc(32);
  arena.bytes(key, 32).set(hashLabelled('symbolon/link/equal/2'));
  for (let from = 0; from < table.rows; from += SLICE) {
    const rows = Math.min(SLICE, table.rows - from);
    const [start, end] = [offsets[from]!, offsets[from + rows]!];
    const blocks = [arena.alloc(end - start), arena.alloc(4 * (rows + 1)), arena.alloc(digestBytes * rows)] as const;
    const [items, places, out] = blocks;
    arena.bytes(items, end - start).set(data.subarray(start, end));
    arena.u32(places, rows + 1).set(offsets.subarray(from, from + rows + 1).map((offset) => offset - start));
    abi.blake3Items(out, key, items, places, rows, digestBytes);
    const digests = arena.bytes(out, digestBytes * rows);
    for (let row = 0; row < rows; row++) {
      const digest = digests.subarray(digestBytes * row, digestBytes * row + hashBytes);
      const code = codes.subarray(hashBytes * (from + row), hashBytes * (from + row + 1));
      if (present[from + row] === 0) code[0] = nullCode[side];
      else {
        code.set(digest);
        if (code[0]! < reserved && code.every((byte, i) => i === 0 || byte === 0)) code[0]! += reserved;
      }
    }
    arena.bytes(items, end - start).fill(0);
    digests.fill(0);
    for (const block of blocks) arena.free(block);
  }
  arena.free(key);
  return { codes, present };
}

/** Turns the `width` bits of every row. */
function turn(codes: Uint8Array, width: number): void {
  const bytes = Math.ceil(width / 8);
  const last = 255 >> (8 * bytes - width);
  for (let at = 0; at < codes.length; at++) codes[at]! ^= at % bytes === bytes - 1 ? last : 255;
}

export function equalCircuit(builder: PlanBuilder, { negated }: EqualLeaf, [same, a, b]: LaneWires): Wire {
  const equal = conjunctions(builder, [same!])[0]!;
  return negated ? notAll(builder, [a![0]!, b![0]!], equal) : equal;
}
