import type { Ptr } from './abi.ts';
import type { DigestOps } from './abi-link.ts';
import type { Arena } from './arena.ts';

const BLOCK = 64;
// FIPS 180-4 §4.2.2 and §5.3.3: the fractional parts of the cube and square roots of the first primes.
const primes = firstPrimes(64);
const K = primes.map((prime) => fraction(Math.cbrt(prime)));
const H = primes.slice(0, 8).map((prime) => fraction(Math.sqrt(prime)));

/** Plain SHA-256, FIPS 180-4 §6.2. */
export function digestOps(arena: Arena): DigestOps {
  return {
    sha256Fixed(out: Ptr, items: Ptr, itemBytes: number, n: number, prefix: number) {
      for (let i = 0; i < n; i++) {
        const item = arena.bytes(items + i * itemBytes, itemBytes);
        arena.bytes(out + 32 * i, 32).set(sha256(Uint8Array.of(prefix, ...item)));
      }
    },
  };
}

function sha256(message: Uint8Array): Uint8Array {
  const blocks = Math.ceil((message.length + 9) / BLOCK);
  const padded = new DataView(new ArrayBuffer(blocks * BLOCK));
  new Uint8Array(padded.buffer).set([...message, 0x80]);
  padded.setUint32(blocks * BLOCK - 4, 8 * message.length);
  let state = [...H];
  for (let block = 0; block < blocks; block++) {
    const words = Array.from({ length: 16 }, (_, t) => padded.getUint32(block * BLOCK + 4 * t));
    state = compress(state, words).map((word, i) => (word + state[i]!) >>> 0);
  }
  const out = new DataView(new ArrayBuffer(32));
  for (const [i, word] of state.entries()) out.setUint32(4 * i, word);
  return new Uint8Array(out.buffer);
}

function compress(state: readonly number[], w: number[]): number[] {
  for (let t = 16; t < 64; t++) {
    const [w15, w2] = [w[t - 15]!, w[t - 2]!];
    const s0 = rotr(w15, 7) ^ rotr(w15, 18) ^ (w15 >>> 3);
    const s1 = rotr(w2, 17) ^ rotr(w2, 19) ^ (w2 >>> 10);
    w.push((w[t - 16]! + s0 + w[t - 7]! + s1) >>> 0);
  }
  let [a, b, c, d, e, f, g, h] = state as [number, number, number, number, number, number, number, number];
  for (let t = 0; t < 64; t++) {
    const sum1 = rotr(e, 6) ^ rotr(e, 11) ^ rotr(e, 25);
    const t1 = (h + sum1 + ((e & f) ^ (~e & g)) + K[t]! + w[t]!) >>> 0;
    const sum0 = rotr(a, 2) ^ rotr(a, 13) ^ rotr(a, 22);
    const t2 = (sum0 + ((a & b) ^ (a & c) ^ (b & c))) >>> 0;
    [a, b, c, d, e, f, g, h] = [(t1 + t2) >>> 0, a, b, c, (d + t1) >>> 0, e, f, g];
  }
  return [a, b, c, d, e, f, g, h];
}

function rotr(x: number, n: number): number {
  return (x >>> n) | (x << (32 - n));
}

function fraction(root: number): number {
  return Math.floor((root % 1) * 2 ** 32);
}

function firstPrimes(count: number): number[] {
  const found: number[] = [];
  for (let n = 2; found.length < count; n++) if (found.every((prime) => n % prime !== 0)) found.push(n);
  return found;
}
