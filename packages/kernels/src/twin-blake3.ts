import type { Ptr } from './abi.ts';
import type { HashOps } from './abi-link.ts';
import type { Arena } from './arena.ts';

// "BLAKE3, one function, fast everywhere", tables 1–3.
const IV = [0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19];
const PERMUTATION = [2, 6, 3, 10, 7, 0, 4, 13, 1, 11, 12, 5, 9, 14, 15, 8];
const CHUNK_START = 1;
const CHUNK_END = 2;
const ROOT = 8;
const KEYED_HASH = 16;
const BLOCK = 64;

export function hashOps(arena: Arena): HashOps {
  const hash = (out: Ptr, key: Ptr, item: Uint8Array, outBytes: number) => {
    const words = [...arena.u32(key, 8)];
    for (let at = 0; at < outBytes; at += BLOCK) {
      const block = keyedHash(words, item, at / BLOCK).subarray(0, outBytes - at);
      arena.bytes(out + at, block.length).set(block);
    }
  };
  return {
    blake3Items(out, key, data, offsets, n, outBytes) {
      const at = arena.u32(offsets, n + 1);
      for (let i = 0; i < n; i++) {
        hash(out + i * outBytes, key, arena.bytes(data + at[i]!, at[i + 1]! - at[i]!), outBytes);
      }
    },
    blake3Fixed(out, key, items, itemBytes, n, outBytes) {
      for (let i = 0; i < n; i++) {
        hash(out + i * outBytes, key, arena.bytes(items + i * itemBytes, itemBytes), outBytes);
      }
    },
  };
}

/** 64 bytes of the output: block `counter` of it. */
function keyedHash(key: number[], item: Uint8Array, counter: number): Uint8Array {
  const last = Math.max(0, Math.ceil(item.length / BLOCK) - 1);
  let chaining = key;
  for (let i = 0; ; i++) {
    const bytes = item.subarray(i * BLOCK, (i + 1) * BLOCK);
    const flags = KEYED_HASH | (i === 0 ? CHUNK_START : 0) | (i === last ? CHUNK_END | ROOT : 0);
    const output = compress(chaining, wordsOf(bytes), i === last ? counter : 0, bytes.length, flags);
    if (i === last) return new Uint8Array(Uint32Array.from(output).buffer);
    chaining = output.slice(0, 8);
  }
}

function wordsOf(block: Uint8Array): number[] {
  const padded = new Uint8Array(BLOCK);
  padded.set(block);
  return [...new Uint32Array(padded.buffer)];
}

/** The compression function, all 16 words of its output. */
function compress(chaining: number[], block: number[], counter: number, length: number, flags: number): number[] {
  const v = [...chaining, ...IV.slice(0, 4), counter, 0, length, flags];
  const rotate = (x: number, r: number) => (x >>> r) | (x << (32 - r));
  const g = (a: number, b: number, c: number, d: number, x: number, y: number) => {
    v[a] = (v[a]! + v[b]! + x) | 0;
    v[d] = rotate(v[d]! ^ v[a]!, 16);
    v[c] = (v[c]! + v[d]!) | 0;
    v[b] = rotate(v[b]! ^ v[c]!, 12);
    v[a] = (v[a]! + v[b]! + y) | 0;
    v[d] = rotate(v[d]! ^ v[a]!, 8);
    v[c] = (v[c]! + v[d]!) | 0;
    v[b] = rotate(v[b]! ^ v[c]!, 7);
  };
  let m = block;
  for (let round = 0; round < 7; round++) {
    for (let i = 0; i < 4; i++) g(i, 4 + i, 8 + i, 12 + i, m[2 * i]!, m[2 * i + 1]!);
    for (let i = 0; i < 4; i++)
      g(i, 4 + ((i + 1) % 4), 8 + ((i + 2) % 4), 12 + ((i + 3) % 4), m[8 + 2 * i]!, m[9 + 2 * i]!);
    m = PERMUTATION.map((from) => m[from]!);
  }
  return v.map((x, i) => (i < 8 ? x ^ v[i + 8]! : x ^ chaining[i - 8]!));
}
