import { timingSafeEqual } from 'node:crypto';
import { fault } from './errors.ts';

const encoder = new TextEncoder();
// ignoreBOM keeps a byte order mark as a character, so decoding stays injective.
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Joins parts into one new array. */
export function concat(...parts: readonly Uint8Array[]): Uint8Array {
  const joined = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}

/** From here on an array is worth giving back. */
const LARGE = 1 << 15;

/**
 * Gives back the memory that a large array has to itself; the array must not be used any more. Such memory otherwise stays until so much has gathered
 * that the garbage collector runs.
 */
export function discard({ buffer, byteLength }: Uint8Array): void {
  if (byteLength >= LARGE && buffer instanceof ArrayBuffer && byteLength === buffer.byteLength) buffer.transfer(0);
}

/** Whether two arrays hold the same bytes; the time depends on their lengths only. */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && timingSafeEqual(a, b);
}

/** Lower-case hexadecimal. */
export function hex(bytes: Uint8Array): string {
  return view(bytes).toString('hex');
}

/** Inverse of {@link hex}; anything but lower-case pairs throws `frame-shape`. */
export function fromHex(text: string): Uint8Array {
  if (!/^(?:[0-9a-f]{2})*$/.test(text)) throw fault('frame-shape', 'not lower-case hexadecimal');
  return new Uint8Array(Buffer.from(text, 'hex'));
}

/** Base64url without padding (RFC 4648 §5). */
export function base64url(bytes: Uint8Array): string {
  return view(bytes).toString('base64url');
}

/** Inverse of {@link base64url}; padding, other alphabets, white space and stray low bits throw `frame-shape`. */
export function fromBase64url(text: string): Uint8Array {
  return strictBase64(text, 'base64url');
}

/** Base64 with padding (RFC 4648 §4), as signed notes and PEM use it. */
export function base64(bytes: Uint8Array): string {
  return view(bytes).toString('base64');
}

/** Inverse of {@link base64}; anything that {@link base64} would not write throws `frame-shape`. */
export function fromBase64(text: string): Uint8Array {
  return strictBase64(text, 'base64');
}

/** UTF-8 bytes of a text; a lone surrogate throws `frame-shape` (encoding would replace it silently). */
export function utf8(text: string): Uint8Array {
  if (!text.isWellFormed()) throw fault('frame-shape', 'text holds a lone surrogate');
  return encoder.encode(text);
}

/** Inverse of {@link utf8}; malformed UTF-8 throws `frame-shape`. */
export function fromUtf8(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes);
  } catch {
    throw fault('frame-shape', 'not valid UTF-8');
  }
}

/** Four bytes, little-endian; `value` is an integer 0 … 2^32−1. */
export function u32(value: number): Uint8Array {
  if (!Number.isInteger(value) || value < 0 || value > 0xffffffff)
    throw new RangeError('not an unsigned 32-bit integer');
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value, true);
  return bytes;
}

/** Eight bytes, little-endian; `value` is an integer 0 … 2^64−1. */
export function u64(value: number | bigint): Uint8Array {
  const wide = BigInt(value);
  if (wide < 0n || wide >= 1n << 64n) throw new RangeError('not an unsigned 64-bit integer');
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, wide, true);
  return bytes;
}

/** Reads what {@link u32} wrote at byte `at`; a short array throws `frame-shape`. */
export function readU32(bytes: Uint8Array, at = 0): number {
  return window(bytes, at, 4).getUint32(0, true);
}

/** Reads what {@link u64} wrote at byte `at`; a short array throws `frame-shape`. */
export function readU64(bytes: Uint8Array, at = 0): bigint {
  return window(bytes, at, 8).getBigUint64(0, true);
}

function window(bytes: Uint8Array, at: number, length: number): DataView {
  if (!Number.isInteger(at) || at < 0 || at + length > bytes.length)
    throw fault('frame-shape', 'bytes end within a number');
  return new DataView(bytes.buffer, bytes.byteOffset + at, length);
}

function strictBase64(text: string, encoding: 'base64' | 'base64url'): Uint8Array {
  const bytes = Buffer.from(text, encoding);
  if (bytes.toString(encoding) !== text) throw fault('frame-shape', `not canonical ${encoding}`);
  // Long ones have their memory to themselves; short ones share it with others.
  return bytes.length === bytes.buffer.byteLength ? new Uint8Array(bytes.buffer as ArrayBuffer) : new Uint8Array(bytes);
}

function view(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
