import { insecureTestRng } from '@symbolon/crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  Checks,
  CircuitEvaluator,
  checkSlots,
  layOut,
  missedWith,
  packedBytes,
  packWords,
  primes,
  proveCircuit,
  relinBytes,
  resultPrime,
  unpackWords,
} from '../src/index.ts';
import { patientSpecs } from './patients.ts';

describe('packed words', () => {
  const moduli = primes.slice(0, 2);
  const word = (modulus: bigint) => fc.bigInt({ min: 0n, max: modulus - 1n });
  const polynomials = fc.tuple(...moduli.map((modulus) => fc.array(word(modulus), { minLength: 8, maxLength: 8 })));
  const bytesOf = (words: bigint[]) => new Uint8Array(BigUint64Array.from(words).buffer);

  test('come back as they were, and any bytes that unpack pack to the same', () => {
    fc.assert(
      fc.property(polynomials, (words) => {
        const bytes = bytesOf(words.flat());
        const packed = packWords(bytes);
        expect(packed.length).toBe(packedBytes(16));
        expect(unpackWords(packed, 8, moduli)).toEqual(bytes);
      }),
    );
    fc.assert(
      fc.property(fc.uint8Array({ minLength: packedBytes(16), maxLength: packedBytes(16) }), (packed) => {
        // Nearly all of these have a word that is too large.
        let words: Uint8Array | undefined;
        try {
          words = unpackWords(packed, 8, moduli);
        } catch (error) {
          expect(error).toMatchObject({ code: 'frame-shape' });
        }
        if (words !== undefined) expect(packWords(words)).toEqual(packed);
      }),
    );
  });

  test('a word that is not below its modulus, and a wrong length, are refused', () => {
    for (const [place, modulus] of moduli.entries()) {
      const words = Array<bigint>(16).fill(0n);
      words[8 * place + 7] = modulus;
      expect(() => unpackWords(packWords(bytesOf(words)), 8, moduli)).toThrow('not below its modulus');
      words[8 * place + 7] = modulus - 1n;
      expect(unpackWords(packWords(bytesOf(words)), 8, moduli)).toEqual(bytesOf(words));
    }
    for (const length of [0, packedBytes(16) - 1, packedBytes(16) + 1]) {
      expect(() => unpackWords(new Uint8Array(length), 8, moduli)).toThrow('wrong length');
    }
    expect(resultPrime).toBe(primes[0]);
  });
});

test('evaluation keys that are none reach SEAL only in the right form, and are refused there', async () => {
  const circuit = { nodes: [{ op: 'columns', columns: ['row'] } as const], outputs: [0] };
  const right = new Uint8Array(relinBytes);
  right.set([0x5e, 0xa1, 16, 4, 1, 0, 0, 0]);
  new DataView(right.buffer).setBigUint64(8, BigInt(relinBytes), true);
  const compressed = right.slice();
  compressed[5] = 2;
  for (const bytes of [new Uint8Array(), new Uint8Array(relinBytes), right.slice(1), compressed, right]) {
    await expect(CircuitEvaluator.open(circuit, bytes)).rejects.toMatchObject({ code: 'frame-shape' });
  }
});

describe('what cannot be computed is refused before it begins', () => {
  const layout = layOut(patientSpecs, 100_000);
  const columns = new Map(layout.columns.map((column) => [column.id, column]));
  const is = (...ids: string[]) => ({ op: 'columns', columns: ids }) as const;
  const choose = (...ids: string[]) =>
    ({ op: 'choose', branches: ids.map((id) => ({ columns: [id], times: null })) }) as const;
  const product = (left: number, right: number) => ({ op: 'product', left, right }) as const;

  test.each([
    [
      'four products one after the other',
      [is('row'), product(0, 0), product(1, 0), product(2, 0), product(3, 0)],
      [4],
      /4 products/,
    ],
    ['a sum that does not fit', [is('cost digit 0'), product(0, 0)], [1], /slots hold less/],
    ['a column that is not there', [is('name=x')], [0], /no column name=x/],
    ['a column twice', [is('row', 'row')], [0], /one twice/],
    ['a choice that is none', [choose('row', 'sex=f')], [0], /may both count/],
    ['a choice between columns of two sets', [choose('treated=true', 'sex=f')], [0], /may both count/],
    ['a part that refers to itself', [is('row'), product(1, 0)], [1], /refers to a later/],
    ['no output', [is('row')], [], /nothing comes out/],
    ['an output that is not there', [is('row')], [1], /output of nothing/],
  ])('%s', (_, nodes, outputs, words) => {
    expect(() => proveCircuit({ nodes, outputs }, columns, layout.chunks)).toThrow(words);
  });
});

test('slots that are altered go unnoticed as rarely as is said', () => {
  const layout = layOut(patientSpecs, 100);
  const rng = insecureTestRng('altered');
  const [tables, tries] = [20, 500];
  for (const altered of [1, 10, 30]) {
    let missed = 0;
    for (let table = 0; table < tables; table++) {
      const checked = new Set(new Checks(layout, rng(32)).slots);
      expect(checked.size).toBe(checkSlots);
      for (let i = 0; i < tries; i++) {
        const bytes = rng(2 * altered);
        const hits = Array.from({ length: altered }, (_, j) => (bytes[2 * j]! * 256 + bytes[2 * j + 1]!) % 8192);
        if (!hits.some((slot) => checked.has(slot))) missed++;
      }
    }
    const expected = missedWith(altered);
    const deviation = Math.sqrt((expected * (1 - expected)) / (tables * tries));
    expect(Math.abs(missed / (tables * tries) - expected)).toBeLessThan(5 * deviation + 1e-3);
  }
});
