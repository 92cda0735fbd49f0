import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createKernels, type Kernels } from '../src/index.ts';
import { twin, wasm } from './harness.ts';

interface Vectors {
  key: string;
  vectors: { length: number; output: string }[];
}

const file = join(import.meta.dirname, '../../../vectors/blake3-keyed-hash.json');
const { key, vectors } = JSON.parse(readFileSync(file, 'utf8')) as Vectors;
const input = Uint8Array.from({ length: 1024 }, (_, i) => i % 251);
/** As many as the longest vector has, in whole sixteens. */
const OUT_BYTES = 144;

function store({ arena }: Kernels, bytes: Uint8Array): number {
  const ptr = arena.alloc(bytes.length);
  arena.bytes(ptr, bytes.length).set(bytes);
  return ptr;
}

function expectOutputs({ arena }: Kernels, out: number, cases: Vectors['vectors']): void {
  for (const [i, { length, output }] of cases.entries()) {
    const bytes = arena.bytes(out + OUT_BYTES * i, output.length / 2);
    expect(Buffer.from(bytes).toString('hex'), `${length} bytes`).toBe(output);
  }
}

describe.each([
  ['WebAssembly', wasm],
  ['the twin', twin],
])('%s agrees with the official vectors', (_, kernels) => {
  const { abi, arena } = kernels;
  const keyPtr = store(kernels, new TextEncoder().encode(key));
  const out = arena.alloc(OUT_BYTES * vectors.length);

  test('items of many lengths in one call', () => {
    const offsets = arena.alloc(4 * (vectors.length + 1));
    const ends = vectors.map(({ length }) => length);
    for (let i = 1; i < ends.length; i++) ends[i]! += ends[i - 1]!;
    arena.u32(offsets, ends.length + 1).set([0, ...ends]);
    const data = store(kernels, Buffer.concat(vectors.map(({ length }) => input.subarray(0, length))));
    abi.blake3Items(out, keyPtr, data, offsets, vectors.length, OUT_BYTES);
    expectOutputs(kernels, out, vectors);
  });

  test.each(vectors)('items of $length bytes', ({ length, output }) => {
    const copies = vectors.map(() => ({ length, output }));
    const items = store(kernels, Buffer.concat(copies.map(() => input.subarray(0, length))));
    abi.blake3Fixed(out, keyPtr, items, length, copies.length, OUT_BYTES);
    expectOutputs(kernels, out, copies);
  });
});

test('reads nothing behind the last item: it may stand at the end of memory', () => {
  const { abi, arena } = createKernels();
  const [keyPtr, out, offsets] = [arena.alloc(32), arena.alloc(5 * 32), arena.alloc(24)];
  const end = arena.memory.buffer.byteLength;
  arena.u32(offsets, 6).set([0, 20, 20, 90, 91, 91]);
  expect(() => abi.blake3Items(out, keyPtr, end - 91, offsets, 5, 32)).not.toThrow();
  expect(() => abi.blake3Fixed(out, keyPtr, end - 5 * 17, 17, 5, 32)).not.toThrow();
});
