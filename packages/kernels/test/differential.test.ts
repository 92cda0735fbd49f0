import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { kernelsModule } from '../src/load.ts';
import { calls } from './calls.ts';
import { expectSame, picker, runs, twin, wasm } from './harness.ts';

// Sizes around every vector, unrolling and strip boundary.
const edges = [1, 2, 3, 7, 8, 9, 15, 16, 17, 31, 33, 63, 64, 65, 127, 128, 129, 191, 193, 511, 513, 1023, 1025, 2049];
const seeds = fc.integer();

describe('WebAssembly and twin', () => {
  test('have the same kernels, and each has a case here', () => {
    const exported = WebAssembly.Module.exports(kernelsModule()).filter(({ kind }) => kind === 'function');
    const names = exported.map(({ name }) => name).sort();
    expect(Object.keys(twin.abi).sort()).toEqual(names);
    expect(Object.keys(calls).sort()).toEqual(names);
  });

  test.each(Object.entries(calls))('%s: same results, nothing else written', (_, make) => {
    for (const n of edges) expectSame(make(n, picker(n)), n);
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 700 }), seeds, (n, seed) => {
        expectSame(make(n, picker(seed)), seed);
      }),
      { numRuns: runs },
    );
    expect([wasm.arena.used, twin.arena.used]).toEqual([0, 0]);
  });
});
