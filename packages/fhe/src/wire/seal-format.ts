import { concat, equalBytes } from '@symbolon/crypto';
import { freshPrimes, slotCount } from '../parameters.ts';

// The bytes that SEAL 4.1 saves an object as, uncompressed (native/src/seal/{serialization.h,ciphertext.cpp,plaintext.cpp,dynarray.h}). Only bytes of
// our own library are read here, and only bytes whose every field was made here are given to its loader: what comes from elsewhere is in our own
// format, checked word by word.

const headerBytes = 16;
const degree = slotCount;

/** SEAL's header: magic, its own length, version 4.1, no compression, and the length of all. */
function header(length: number): Uint8Array {
  const bytes = Uint8Array.of(0x5e, 0xa1, headerBytes, 4, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
  new DataView(bytes.buffer).setBigUint64(8, BigInt(length), true);
  return bytes;
}

const u64 = (value: number | bigint): Uint8Array => {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(value), true);
  return bytes;
};

/** Where the words of a ciphertext begin. */
const wordsAt = 113;
const seedBytes = 64;
const generatorBytes = headerBytes + 1 + seedBytes;

/** A fresh ciphertext made with the secret key: its second polynomial is a generator's seed. */
export interface SeededCiphertext {
  /** 8 bytes each, prime after prime. */
  readonly words: Uint8Array;
  /** 64 bytes. */
  readonly seed: Uint8Array;
}

/** Names SEAL's level of fresh ciphertexts, 32 bytes. */
export type LevelId = Uint8Array;

/** How fresh ciphertexts of a scheme look. */
export interface FreshForm {
  readonly primes: number;
  readonly scale: number;
}
/** Of exact tables. */
export const exactForm: FreshForm = { primes: freshPrimes, scale: 1 };

export function writeSeeded(
  { words, seed }: SeededCiphertext,
  level: LevelId,
  { primes, scale } = exactForm,
): Uint8Array {
  const length = wordsAt + words.length + generatorBytes;
  return concat(
    header(length),
    level,
    Uint8Array.of(1),
    ...[2, degree, primes].map(u64),
    float(scale),
    u64(1),
    header(headerBytes + 8 + words.length),
    u64(words.length / 8),
    words,
    header(generatorBytes),
    Uint8Array.of(1),
    seed,
  );
}

/** Reads what the own library made; throws if it is not exactly what {@link writeSeeded} writes. */
export function readSeeded(bytes: Uint8Array, level: LevelId, form = exactForm): SeededCiphertext {
  const end = wordsAt + form.primes * degree * 8;
  const read = { words: bytes.slice(wordsAt, end), seed: bytes.slice(-seedBytes) };
  if (!equalBytes(writeSeeded(read, level, form), bytes)) throw unexpected('a seeded ciphertext');
  return read;
}

/** A result: two polynomials modulo the one prime that is left. */
export interface LastCiphertext {
  readonly words: Uint8Array;
  /** What the plain text was multiplied by on the way down, modulo the plain modulus. */
  readonly correction: number;
}

/** Reads a result that the own library made. */
export function readLast(bytes: Uint8Array, level: LevelId, scale = 1): LastCiphertext {
  const words = bytes.slice(wordsAt);
  const correction = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(81, true));
  const expected = concat(
    header(wordsAt + 2 * degree * 8),
    level,
    Uint8Array.of(1),
    ...[2, degree, 1].map(u64),
    float(scale),
    u64(correction),
    header(headerBytes + 8 + 2 * degree * 8),
    u64(2 * degree),
    words,
  );
  if (!equalBytes(expected, bytes)) throw unexpected('a result');
  return { words, correction };
}

/** The secret key's words modulo the first prime, 8 bytes each, from what the own library saved. */
export function readSecretWords(bytes: Uint8Array, primes = 5): Uint8Array {
  const at = 2 * headerBytes + 32 + 3 * 8;
  if (bytes.length !== at + primes * degree * 8) throw unexpected('a secret key');
  return bytes.slice(at, at + degree * 8);
}

/** Bytes of saved relinearisation keys whose second halves are seeds. */
export const relinBytes = 1_311_560;

/** Whether bytes from elsewhere begin as uncompressed SEAL objects of their length do; to be asked before SEAL sees them. */
export function hasPlainHeader(bytes: Uint8Array): boolean {
  return bytes.length >= headerBytes && equalBytes(bytes.subarray(0, headerBytes), header(bytes.length));
}

function float(value: number): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setFloat64(0, value, true);
  return bytes;
}

const unexpected = (what: string) => new Error(`SEAL saved ${what} in a form that is not known here`);
