import { fault, fromUtf8, SymbolonError } from '@symbolon/crypto';

/** As deep as what is signed (PROTOCOLS §8). */
const maxDepth = 32;

/**
 * Reads the JSON of a request that somebody sent. What two readers could take for two values is refused (RFC 7493, I-JSON): a key twice, a number that
 * is no longer the one that was written, half a character, a byte-order mark, a key that could change how objects behave, more than 32 levels. A key may have
 * no escapes: V8 13.6 (Node 24.21) takes the key `"\""` for `"\\"` once it has read an object with the latter. Throws `request-invalid`.
 */
export function readJsonBody(bytes: Uint8Array): unknown {
  const text = textOf(bytes);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw refusal('the body is not JSON');
  }
  // JSON.parse keeps the last of two equal keys.
  if (keysOf(value, 0) !== keysIn(text)) throw refusal('an object in the body has a key twice');
  return value;
}

function textOf(bytes: Uint8Array): string {
  try {
    return fromUtf8(bytes);
  } catch (error) {
    if (error instanceof SymbolonError) throw refusal('the body is not UTF-8');
    throw error;
  }
}

/** How many keys the objects in a value have; throws for what may not be in it. */
function keysOf(value: unknown, depth: number): number {
  if (typeof value === 'string' && !value.isWellFormed()) throw refusal('a text in the body has half a character');
  if (typeof value === 'number' && (Number.isInteger(value) ? !Number.isSafeInteger(value) : !Number.isFinite(value))) {
    throw refusal('a number in the body is too large to be exact');
  }
  if (typeof value !== 'object' || value === null) return 0;
  if (depth === maxDepth) throw refusal(`the body has more than ${maxDepth} levels`);
  let count = 0;
  if (Array.isArray(value)) {
    for (const member of value) count += keysOf(member, depth + 1);
    return count;
  }
  for (const [key, member] of Object.entries(value)) {
    const poisons = key === '__proto__' || (key === 'constructor' && Object.hasOwn(Object(member), 'prototype'));
    if (poisons || !key.isWellFormed()) throw refusal('an object in the body has a key that is not allowed');
    count += 1 + keysOf(member, depth + 1);
  }
  return count;
}

/** How many keys stand in a text that is JSON: strings with a colon behind them. */
function keysIn(text: string): number {
  let count = 0;
  for (let at = text.indexOf('"'); at >= 0; at = text.indexOf('"', at + 1)) {
    const start = at;
    do at = text.indexOf('"', at + 1);
    while (isEscaped(text, at));
    let next = at + 1;
    while (' \t\n\r'.includes(text.charAt(next)) && next < text.length) next++;
    if (text.charAt(next) !== ':') continue;
    count++;
    if (text.slice(start, at).includes('\\'))
      throw refusal('a key in the body has an escape: write it in UTF-8, as it is');
  }
  return count;
}

/** Whether an odd number of backslashes stands before. */
function isEscaped(text: string, at: number): boolean {
  let before = at;
  while (text.charAt(before - 1) === '\\') before--;
  return (at - before) % 2 === 1;
}

function refusal(message: string): SymbolonError {
  return fault('request-invalid', message, { culprit: 'body' });
}
