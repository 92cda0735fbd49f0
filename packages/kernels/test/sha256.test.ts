import { createHash, randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { createKernels } from '../src/index.ts';
import { twin, wasm } from './harness.ts';

test.each([
  ['WebAssembly', wasm],
  ['the twin', twin],
])('%s agrees with OpenSSL, for items of all lengths', (_, { abi, arena }) => {
  for (let length = 0; length <= 140; length++) {
    const n = 1 + (length % 5);
    const prefix = length % 256;
    const bytes = randomBytes(length * n);
    const items = arena.alloc(length * n);
    const out = arena.alloc(32 * n);
    arena.bytes(items, length * n).set(bytes);
    abi.sha256Fixed(out, items, length, n, prefix);
    for (let i = 0; i < n; i++) {
      const item = bytes.subarray(i * length, (i + 1) * length);
      const expected = createHash('sha256').update(Uint8Array.of(prefix)).update(item).digest('hex');
      expect(Buffer.from(arena.bytes(out + 32 * i, 32)).toString('hex'), `${length} bytes`).toBe(expected);
    }
    arena.free(items);
    arena.free(out);
  }
});

test('reads nothing behind the last item: it may stand at the end of memory', () => {
  const { abi, arena } = createKernels();
  const out = arena.alloc(5 * 32);
  const end = arena.memory.buffer.byteLength;
  for (const length of [0, 1, 17, 32, 64, 91]) {
    expect(() => abi.sha256Fixed(out, end - 5 * length, length, 5, 1)).not.toThrow();
  }
});
