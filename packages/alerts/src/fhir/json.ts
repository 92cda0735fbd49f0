import { fromUtf8 } from '@symbolon/crypto';
import { unreadable } from '../fault.ts';

/** A resource twice: as FHIRPath needs it, and with the values of quantities as text, with all digits that the source wrote. */
export interface Parsed {
  readonly plain: unknown;
  readonly exact: unknown;
}

const maxDepth = 48;

/** Reads JSON of at most 48 levels; anything else throws `alert-event`. */
export function parseJson(bytes: Uint8Array): Parsed {
  let text: string;
  try {
    text = fromUtf8(bytes);
  } catch {
    throw unreadable('the resource', 'must be UTF-8');
  }
  let plain: unknown;
  try {
    plain = JSON.parse(text);
  } catch {
    throw unreadable('the resource', 'must be JSON');
  }
  requireShallow(plain, 0);
  return { plain, exact: text.includes('"valueQuantity"') ? withDigits(text) : plain };
}

// ECMAScript's JSON.parse source text access: the third argument of a reviver holds a number as it was written.
type Reviver = (key: string, value: unknown, context: { readonly source?: string }) => unknown;
const parseWith = JSON.parse as (text: string, reviver: Reviver) => unknown;

function withDigits(text: string): unknown {
  return parseWith(text, (key, value, { source }) => (key === 'value' && typeof value === 'number' ? source : value));
}

// What is deeper would exhaust the stack of whatever reads it later.
function requireShallow(value: unknown, depth: number): void {
  if (typeof value !== 'object' || value === null) return;
  if (depth === maxDepth) throw unreadable('the resource', `must have at most ${maxDepth} levels`);
  for (const member of Object.values(value)) requireShallow(member, depth + 1);
}
