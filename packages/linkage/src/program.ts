import { canonicalBytes, hashLabelled, SymbolonError } from '@symbolon/crypto';
import { parseAllPairs } from './all-pairs/parse.ts';
import { type AllPairsProgram, allPairsProgram } from './all-pairs/program.ts';
import { keyEquality } from './encode/keys.ts';
import type { CompiledRule } from './rule/compile.ts';

/** A rule that is one equality: an intersection by key. */
export interface KeysProgram {
  readonly protocol: 'link-keys/1';
  readonly rows: readonly [a: number, b: number];
}

/**
 * What two parties and the key service agree to compute: numbers and shapes only, no text of the rule, nothing derived from records
 * but the table sizes.
 */
export type LinkProgram = AllPairsProgram | KeysProgram;

const mostKeys = 2 ** 22;

/** The program of a rule for tables of these sizes; `plan-invalid` where they are empty or too large. */
export function linkProgram(rule: CompiledRule, rowsA: number, rowsB: number): LinkProgram {
  return keyEquality(rule) === undefined
    ? allPairsProgram(rule, rowsA, rowsB)
    : parseLinkProgram({ protocol: 'link-keys/1', rows: [rowsA, rowsB] });
}

/**
 * Reads a program that came from elsewhere. Strict: exactly the fields of its protocol, canonical numbers, bounded work. Anything else
 * throws `plan-invalid`, naming the field.
 */
export function parseLinkProgram(value: unknown): LinkProgram {
  return isKeys(value) ? parseKeys(value) : parseAllPairs(value);
}

function isKeys(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && (value as { protocol?: unknown }).protocol === 'link-keys/1';
}

function parseKeys(value: Record<string, unknown>): KeysProgram {
  const { rows } = value;
  const valid =
    Object.keys(value).sort().join() === 'protocol,rows' &&
    Array.isArray(rows) &&
    rows.length === 2 &&
    rows.every((n) => Number.isInteger(n) && n >= 1 && n <= mostKeys);
  if (!valid)
    throw new SymbolonError(
      'plan-invalid',
      `link program: rows are two numbers of 1 to ${mostKeys}, and nothing else stands there`,
    );
  return { protocol: 'link-keys/1', rows: rows as [number, number] };
}

/** 32 bytes that stand for the program in sessions, statements and logs. */
export function programHash(program: LinkProgram): Uint8Array {
  return hashLabelled('symbolon/link/program/1', canonicalBytes(program));
}
