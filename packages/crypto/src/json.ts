import canonicalize from 'canonicalize';
import { equalBytes, fromUtf8, utf8 } from './bytes.ts';
import { fault } from './errors.ts';
import { isPlainCanonical } from './json-scan.ts';

/** A value that has exactly one encoding. Numbers are safe integers; decimals travel as strings. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

const maxDepth = 32;

/**
 * The one encoding of a value (RFC 8785, restricted by PROTOCOLS §8): UTF-8, keys sorted by UTF-16 code units, no white space.
 * Throws `not-canonical` for a number that is not a safe integer, −0, `undefined`, text that is not NFC, a `__proto__` key,
 * an object that is not plain, or more than 32 levels.
 */
export function canonicalBytes(value: unknown): Uint8Array {
  requireCanonical(value, '$', 0);
  return utf8(canonicalize(value)!);
}

/**
 * Reads what {@link canonicalBytes} wrote. Anything else (other key order, a repeated key, white space, trailing bytes,
 * another spelling of a number or character) throws `not-canonical`.
 */
export function parseCanonical(bytes: Uint8Array): Json {
  let value: Json;
  try {
    value = JSON.parse(fromUtf8(bytes)) as Json;
  } catch {
    throw fault('not-canonical', 'not JSON in UTF-8');
  }
  if (!isPlainCanonical(bytes, maxDepth) && !equalBytes(canonicalBytes(value), bytes))
    throw fault('not-canonical', 'JSON is not in the form of RFC 8785');
  return value;
}

/** Throws as {@link parseCanonical} does; some times faster where the bytes are plain ASCII. */
export function checkCanonical(bytes: Uint8Array): void {
  if (!isPlainCanonical(bytes, maxDepth)) parseCanonical(bytes);
}

function requireCanonical(value: unknown, path: string, depth: number): void {
  const refuse = (rule: string) => fault('not-canonical', `${path}: ${rule}`);
  if (value === null || typeof value === 'boolean') return;
  if (typeof value === 'string') {
    if (!value.isWellFormed() || value.normalize('NFC') !== value) throw refuse('text is not in Unicode NFC');
    return;
  }
  if (typeof value === 'number') {
    if (!Number.isSafeInteger(value) || Object.is(value, -0))
      throw refuse('number is not a safe integer; write decimals as text');
    return;
  }
  if (typeof value !== 'object') throw refuse(`${typeof value} has no JSON form`);
  if (depth === maxDepth) throw refuse(`more than ${maxDepth} levels`);
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i++) requireCanonical(value[i], `${path}[${i}]`, depth + 1);
    return;
  }
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) throw refuse('not a plain object');
  for (const [key, member] of Object.entries(value)) {
    if (key === '__proto__') throw refuse('key __proto__ is forbidden');
    requireCanonical(key, `${path} (a key)`, depth + 1);
    requireCanonical(member, `${path}.${key}`, depth + 1);
  }
}
