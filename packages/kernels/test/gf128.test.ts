import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { element, setElement } from '../src/element.ts';
import { GF_TABLE_BYTES } from '../src/index.ts';
import { runs, twin, wasm } from './harness.ts';

const MAX = (1n << 128n) - 1n;
const elements = fc.bigInt(0n, MAX);

describe.each([
  ['WebAssembly', wasm],
  ['the twin', twin],
])('GF(2^128) of %s', (_, { abi, arena }) => {
  const [table, x, out] = [arena.alloc(GF_TABLE_BYTES), arena.alloc(16), arena.alloc(16)];
  const times = (a: bigint, b: bigint) => {
    setElement(arena, x, 0, b);
    abi.gfTable(table, x);
    setElement(arena, x, 0, a);
    abi.gfMulFixed(out, x, table, 1);
    return element(arena, out, 0);
  };
  const check = (arity: number, law: (a: bigint, b: bigint, c: bigint) => void) => {
    const operands = fc.tuple(elements, arity > 1 ? elements : fc.constant(0n), arity > 2 ? elements : fc.constant(0n));
    fc.assert(
      fc.property(operands, ([a, b, c]) => {
        law(a, b, c);
      }),
      { numRuns: runs },
    );
  };

  test('x^127 · x = x^7 + x^2 + x + 1, bit 0 of byte 0 being 1', () => {
    expect(times(1n << 127n, 2n)).toBe(0x87n);
    expect(times(1n << 64n, 1n << 63n)).toBe(1n << 127n);
  });

  test('1 and 0', () => check(1, (a) => expect([times(a, 1n), times(1n, a), times(a, 0n)]).toEqual([a, a, 0n])));
  test('commutes', () => check(2, (a, b) => expect(times(a, b)).toBe(times(b, a))));
  test('associates', () => check(3, (a, b, c) => expect(times(times(a, b), c)).toBe(times(a, times(b, c)))));
  test('distributes', () => check(3, (a, b, c) => expect(times(a ^ b, c)).toBe(times(a, c) ^ times(b, c))));
  test('squaring 128 times is the identity, so no element but 0 lacks an inverse', () => {
    fc.assert(
      fc.property(elements, (a) => {
        let power = a;
        for (let i = 0; i < 128; i++) power = times(power, power);
        expect(power).toBe(a);
      }),
      { numRuns: Math.ceil(runs / 25) },
    );
  });
  test('gfMulAddFixed adds to what is there', () => {
    check(3, (a, b, c) => {
      const product = times(a, b);
      setElement(arena, out, 0, c);
      abi.gfMulAddFixed(out, x, table, 1);
      expect(element(arena, out, 0)).toBe(c ^ product);
    });
  });
});
