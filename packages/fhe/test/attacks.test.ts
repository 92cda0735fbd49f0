import { insecureTestRng, type Rng } from '@symbolon/crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import {
  type Circuit,
  checkSlots,
  type LastCiphertext,
  missedWith,
  openTotals,
  type Part,
  packedBytes,
  packWords,
  plainModulus,
  primes,
  type Row,
  readResults,
  resultKey,
  resultPrime,
  resultsBytes,
  slotCount,
  validId,
  valueId,
  writeResults,
} from '../src/index.ts';
import { type Encrypted, encrypt, evaluate } from './encrypted.ts';
import { betrayingResult, freshResult, withAdded } from './tamper.ts';

const specs = [
  { name: 'drug', kind: 'category', values: ['a', 'b'] },
  { name: 'cost', kind: 'number', min: 0, max: 900 },
] as const;
const rows: Row[] = Array.from({ length: 9000 }, (_, i) => [i === 77 ? 'b' : 'a', i % 901]);
const circuit: Circuit = {
  nodes: [
    { op: 'columns', columns: [valueId('drug', 'b')] },
    { op: 'columns', columns: ['cost digit 0'] },
    { op: 'product', left: 0, right: 1 },
    { op: 'columns', columns: [validId] },
  ],
  outputs: [0, 2, 3],
};
// Of all that stands in the slots no number above the largest of a row is honest.
const counts: Circuit = { nodes: [circuit.nodes[0]!], outputs: [0] };

let table: Encrypted;
let honest: Part;
let counted: Part;
beforeAll(async () => {
  table = await encrypt(specs, rows, 'attacks');
  honest = await evaluate(table, circuit);
  counted = await evaluate(table, counts);
});

const open = (parts: readonly Part[], of = circuit) =>
  openTotals({ ...table, circuit: of }, parts, resultKey(table.keys));
const found = (parts: readonly Part[], of = circuit): boolean => {
  try {
    open(parts, of);
    return false;
  } catch (error) {
    expect(error).toMatchObject({ code: 'fhe-check' });
    return true;
  }
};
const alter = (change: (result: LastCiphertext, place: number) => LastCiphertext): Part => ({
  ...honest,
  results: honest.results.map((result, i) => change(result as LastCiphertext, i)),
});
const flat = (value: number): Float64Array => new Float64Array(slotCount).fill(value);

test('what is not attacked opens', () => {
  expect(open([honest])).toEqual([1, 77, rows.length]);
  // The attacks below do what they say: without check rows in the way, the number is another.
  const [first] = counted.results as [LastCiphertext];
  const slot = table.checks.rowSlots[4000]!;
  const numbers = flat(0);
  numbers[slot] = 1;
  expect(open([{ ...counted, results: [withAdded(first, numbers)] }], counts)).toEqual([2]);
});

describe('bytes of a result that has none of its form are refused before any arithmetic', () => {
  const bytes = () => writeResults(honest.results as LastCiphertext[]);
  const length = 3;
  const at = 4 + packedBytes(2 * slotCount);
  const set = (place: number, value: number[]): Uint8Array => {
    const changed = bytes();
    changed.set(value, place);
    return changed;
  };
  const bomb = new Uint8Array(16_419);
  bomb.set([0x5e, 0xa1, 16, 4, 1, 2]);

  test.each<[string, () => Uint8Array]>([
    ['nothing', () => new Uint8Array()],
    ['cut short', () => bytes().slice(0, -1)],
    ['one byte more', () => new Uint8Array([...bytes(), 0])],
    ['a result too few', () => bytes().slice(at)],
    ['a result too many', () => new Uint8Array(resultsBytes(length + 1))],
    ['a zip bomb of 16 KB', () => bomb],
    ['a correction factor of 0', () => set(0, [0, 0, 0, 0])],
    ['a correction factor of t', () => set(at, [...new Uint8Array(Uint32Array.of(plainModulus).buffer)])],
    ['a coefficient of q', () => set(4, [...packWords(new Uint8Array(BigUint64Array.of(resultPrime, 0n).buffer))])],
    ['all bits set', () => new Uint8Array(resultsBytes(length)).fill(255)],
    [
      "another prime's coefficients",
      () => set(4, [...packWords(new Uint8Array(BigUint64Array.of(primes[3] - 1n, primes[4] - 1n).buffer))]),
    ],
  ])('%s', (_, attack) => {
    expect(() => readResults(attack(), length)).toThrow(expect.objectContaining({ code: 'frame-shape' }));
  });

  test('a flipped bit: of its form or not, it never opens to another number', () => {
    const draw = insecureTestRng('bits');
    for (let trial = 0; trial < 30; trial++) {
      const changed = bytes();
      const [a, b, c, bit] = draw(4) as unknown as [number, number, number, number];
      changed[((a << 16) | (b << 8) | c) % changed.length]! ^= 1 << (bit & 7);
      let results: LastCiphertext[];
      try {
        results = readResults(changed, length);
      } catch (error) {
        expect(error).toMatchObject({ code: 'frame-shape' });
        continue;
      }
      expect(found([{ ...honest, results }])).toBe(true);
    }
  });
});

describe('a server that cheats is found', () => {
  test.each<[string, () => readonly Part[] | Promise<readonly Part[]>]>([
    ['it adds one to all slots', () => [alter((result) => withAdded(result, flat(1)))]],
    ['it takes one from all slots', () => [alter((result) => withAdded(result, flat(plainModulus - 1)))]],
    [
      'it adds two results',
      () => [alter((result, i) => (i === 0 ? sum(result, honest.results[2] as LastCiphertext) : result))],
    ],
    ['it returns a fresh encryption of 0', () => [alter(() => freshResult(flat(0)))]],
    ['it returns a fresh encryption of 1 for each row', () => [alter((_, i) => freshResult(flat(i === 1 ? 77 : 1)))]],
    ['it swaps results', () => [alter((_, i) => honest.results[(i + 1) % 3] as LastCiphertext)]],
    ['it returns one result for all', () => [alter(() => honest.results[0] as LastCiphertext)]],
    [
      'it multiplies by a correction factor of its own',
      () => [alter((result) => ({ ...result, correction: 1 + (result.correction % 1000) }))],
    ],
    ['it drops a chunk', async () => [await evaluate(table, circuit, 0, 1)]],
    ['it says that it did not', async () => [{ ...(await evaluate(table, circuit, 0, 1)), chunks: 2 }]],
    [
      'it counts a chunk twice',
      async () => [
        { ...(await evaluate(table, circuit, 0, 1)), chunks: 1 },
        { ...(await evaluate(table, circuit, 0, 1)), first: 1 },
      ],
    ],
    [
      'it swaps chunks',
      async () => [
        { ...(await evaluate(table, circuit, 1, 1)), first: 0 },
        { ...(await evaluate(table, circuit, 0, 1)), first: 1 },
      ],
    ],
    [
      'it replays the results of another question',
      async () => [await evaluate(table, { ...circuit, outputs: [3, 2, 0] })],
    ],
    [
      'it replays those of another table under its own key',
      async () => [await evaluate(await encrypt(specs, rows, 'other'), circuit)],
    ],
    [
      'it replays those of other rows under the same key',
      async () => [await evaluate({ ...table, stored: (await encryptUnder(table, 'old check rows')).stored }, circuit)],
    ],
    ['it returns (0, 1), which decrypts to the key', () => [alter(betrayingResult)]],
  ])('%s', async (_, attack) => {
    expect(found(await attack())).toBe(true);
  });

  /** Both results have one correction factor: they came the same way down, but for the product. */
  function sum(one: LastCiphertext, other: LastCiphertext): LastCiphertext {
    const [a, b] = [one, other].map(({ words }) => new BigUint64Array(words.slice().buffer)) as [
      BigUint64Array,
      BigUint64Array,
    ];
    const words = a.map((word, i) => (word + b[i]!) % resultPrime);
    return { words: new Uint8Array(words.buffer), correction: one.correction };
  }

  /** The same rows under the same key, as they were encrypted before check rows were drawn anew. */
  function encryptUnder({ keys }: Encrypted, seed: string): Promise<Encrypted> {
    return encrypt(specs, rows, seed, keys);
  }
});

describe('what check rows find, measured on ciphertexts', () => {
  /** How many of so many alterations of k slots, of the server's choice, are found. */
  function measured(k: number, trials: number, rng: Rng): number {
    const [result] = counted.results as [LastCiphertext];
    let times = 0;
    for (let trial = 0; trial < trials; trial++) {
      const numbers = flat(0);
      for (let left = k; left > 0; ) {
        const [high, low] = rng(2) as unknown as [number, number];
        const slot = ((high << 8) | low) % slotCount;
        // A drug that hardly anybody takes: the server knows that nearly all slots of rows hold 0.
        if (numbers[slot] === 0) [numbers[slot], left] = [1, left - 1];
      }
      if (found([{ ...counted, results: [withAdded(result, numbers)] }], counts)) times++;
    }
    return times;
  }

  test.each([
    [1, 60],
    [7, 60],
    [50, 10],
  ])('%d slots, %d times: found as often as is said', (k, trials) => {
    const expected = 1 - missedWith(k);
    const times = measured(k, trials, insecureTestRng(`alter ${k}`));
    const deviation = Math.sqrt(trials * expected * (1 - expected));
    expect(Math.abs(times - trials * expected)).toBeLessThan(4 * deviation + 1);
  });

  test('a forged count, to open what one patient has: at k = 5 it passes two times in three, at k = 50 hardly ever', () => {
    // The one patient on drug b has her cost opened if the count says k: the server adds 1 to k − 1 slots.
    const forged = (k: number) => missedWith(k - 1);
    expect([forged(5), forged(50)].map((rate) => Number(rate.toFixed(3)))).toEqual([0.656, 0.006]);
    const rng = insecureTestRng('forged count');
    const trials = 60;
    const passed = trials - measured(4, trials, rng);
    const deviation = Math.sqrt(trials * forged(5) * (1 - forged(5)));
    expect(Math.abs(passed - trials * forged(5))).toBeLessThan(4 * deviation);
    expect(measured(49, 10, rng)).toBeGreaterThanOrEqual(9);
    expect(checkSlots / slotCount).toBeCloseTo(0.1, 3);
  });
});
