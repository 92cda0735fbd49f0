import { insecureTestRng, systemRng } from '@symbolon/crypto';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { phase } from '../src/decrypt/decrypt.ts';
import { transform } from '../src/decrypt/ntt.ts';
import {
  type Bounds,
  type Circuit,
  type ColumnSpec,
  countedId,
  decryptSlots,
  type LastCiphertext,
  openTotals,
  plainModulus,
  proveCircuit,
  type Row,
  resultKey,
  resultPrime,
  type SecretModel,
  type Secrets,
  secretOutputs,
  slotCount,
  uniform,
  unknownId,
  validId,
  valueId,
} from '../src/index.ts';
import { type Encrypted, encrypt, evaluate } from './encrypted.ts';

const specs: readonly ColumnSpec[] = [
  { name: 'sex', kind: 'category', values: ['f', 'm'] },
  { name: 'stage', kind: 'category', values: ['I', 'II', 'III'] },
  { name: 'risk', kind: 'model', features: ['sex', 'stage'], most: 60 },
];
const sets = specs
  .slice(0, 2)
  .map(({ name, ...of }) => [
    unknownId(name),
    ...('values' in of ? of.values.map((value) => valueId(name, value)) : []),
  ]);
const rows: Row[] = Array.from({ length: 1500 }, (_, i) => [
  ['f', 'm', null][(i * 7) % 3]!,
  ['I', 'II', 'III', null][(i * 5) % 4]!,
]);

/** Points of all patients of a sex, and how many they are. */
const circuit: Circuit = {
  nodes: [
    { op: 'columns', columns: [valueId('sex', 'f')] },
    { op: 'model', model: 'risk', columns: sets.flat(), most: 60 },
    { op: 'columns', columns: [countedId('risk')] },
    { op: 'product', left: 1, right: 2 },
    { op: 'product', left: 0, right: 3 },
  ],
  outputs: [0, 4],
};

const modelOf = (points: readonly number[]): SecretModel => {
  const all = sets.flat();
  return sets.map((set) => new Map(set.map((id) => [id, points[all.indexOf(id)]!])));
};
const secretsOf = (points: readonly number[], share = 0, rng = systemRng): Secrets => ({
  models: new Map([['risk', modelOf(points)]]),
  shares: [0, share],
  rng,
});
const clear = (points: readonly number[]): number[] => {
  const [sexes, stages] = [
    [null, 'f', 'm'],
    [null, 'I', 'II', 'III'],
  ];
  const own = rows.filter(([sex]) => sex === 'f');
  const of = ([sex, stage]: Row): number =>
    points[sexes.indexOf(sex as 'f')]! + points[3 + stages.indexOf(stage as 'I')]!;
  return [own.length, own.reduce((sum, row) => sum + of(row), 0)];
};

describe('points by a model that the server alone knows', () => {
  let table: Encrypted;
  let secret: Uint8Array;
  beforeAll(async () => {
    table = await encrypt(specs, rows, 'model');
    secret = resultKey(table.keys);
  });
  const ask = async (secrets: Secrets) => (await evaluate(table, circuit, 0, 1, secrets)).results as LastCiphertext[];
  const open = (results: readonly LastCiphertext[]) =>
    openTotals({ ...table, circuit }, [{ first: 0, chunks: 1, results }], secret);

  test('add up to what plain arithmetic gives, whatever the points', async () => {
    const point = fc.integer({ min: 0, max: 30 });
    await fc.assert(
      fc.asyncProperty(fc.array(point, { minLength: 7, maxLength: 7 }), async (points) => {
        expect(open(await ask(secretsOf(points)))).toEqual(clear(points));
      }),
      { numRuns: 8, examples: [[[0, 0, 0, 0, 0, 0, 0]], [[30, 30, 30, 30, 30, 30, 30]]] },
    );
  });

  test('slots say nothing but their sum, and of parts of a table not even theirs', async () => {
    const points = [1, 5, 2, 0, 3, 7, 9];
    const slots = decryptSlots((await ask(secretsOf(points)))[1]!, secret);
    // Uniform, in 16 classes: χ² of 15 degrees of freedom is above 50 once in 70,000 times.
    expect(chiSquared([...slots])).toBeLessThan(50);
    const twice = decryptSlots((await ask(secretsOf(points)))[1]!, secret);
    expect(slots.filter((slot, i) => slot === twice[i]).length).toBeLessThan(10);
    const [share] = uniform(1, insecureTestRng('share'));
    const parts = await Promise.all([share!, plainModulus - share!].map((own) => ask(secretsOf(points, own))));
    const totals = parts.map((part) => open(part)[1]!);
    expect(totals).not.toContain(clear(points)[1]);
    expect((totals[0]! + totals[1]!) % plainModulus).toBe((2 * clear(points)[1]!) % plainModulus);
  });

  test('who knows all ciphertexts can try a model where nothing is random, and cannot where it is', async () => {
    const [points, other] = [
      [1, 5, 2, 0, 3, 7, 9],
      [2, 4, 2, 1, 4, 8, 10],
    ];
    expect(clear(points)).toEqual(clear(other));
    const still = () => insecureTestRng('no randomness');
    const words = async (of: readonly number[], rng = systemRng) => (await ask(secretsOf(of, 0, rng)))[1]!.words;
    const told = Buffer.from(await words(points, still()));
    expect(told.equals(await words(points, still()))).toBe(true);
    expect(told.equals(await words(other, still()))).toBe(false);
    const hidden = await words(points);
    const tried = await Promise.all([points, other].map((of) => words(of)));
    for (const one of tried) expect(equalWords(hidden, one)).toBeLessThan(10);
  });

  test('the noise of a result is that of bringing it to one prime, the same for all models', async () => {
    const noise = async (points: readonly number[]): Promise<number> => {
      const [, result] = await ask(secretsOf(points));
      return deviation(noiseOf(result!, secret));
    };
    const [small, large] = [await noise([0, 0, 0, 0, 0, 0, 0]), await noise([0, 30, 30, 30, 30, 30, 30])];
    expect(small / large).toBeGreaterThan(0.9);
    expect(small / large).toBeLessThan(1.1);
  });
});

test.each<[string, Circuit]>([
  [
    'three products',
    {
      nodes: [...circuit.nodes, { op: 'product', left: 4, right: 0 }],
      outputs: [5],
    },
  ],
  ['points times points', { nodes: [...circuit.nodes, { op: 'product', left: 1, right: 3 }], outputs: [5] }],
  [
    'points for a column that is in no set',
    {
      nodes: [{ op: 'model', model: 'risk', columns: [validId], most: 5 }],
      outputs: [0],
    },
  ],
  [
    'a total that may not fit',
    {
      nodes: [{ op: 'model', model: 'risk', columns: sets.flat(), most: 200 }],
      outputs: [0],
    },
  ],
])('refuses %s', async (_, wrong) => {
  const bounds = new Map<string, Bounds>([
    [countedId('risk'), { most: 1, set: null }],
    [validId, { most: 1, set: null }],
  ]);
  for (const [i, set] of sets.entries()) for (const id of set) bounds.set(id, { most: 1, set: String(i) });
  expect(secretOutputs(circuit)).toEqual([false, true]);
  proveCircuit(circuit, bounds, 1);
  expect(() => proveCircuit(wrong, bounds, 1)).toThrow(expect.objectContaining({ code: 'circuit' }));
});

function chiSquared(slots: readonly number[]): number {
  const counts = new Array<number>(16).fill(0);
  for (const slot of slots) counts[Math.floor((16 * slot) / plainModulus)]!++;
  const expected = slotCount / 16;
  return counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
}

const wordsOf = (bytes: Uint8Array): BigUint64Array => new BigUint64Array(bytes.slice().buffer);

function equalWords(one: Uint8Array, other: Uint8Array): number {
  const theirs = wordsOf(other);
  return wordsOf(one).filter((word, i) => word === theirs[i]).length;
}

/** The key owner's view of the noise: c0 + c1·s, centred, less the message, by the plain modulus. */
function noiseOf({ words }: LastCiphertext, secret: Uint8Array): number[] {
  const values = phase(words, secret, resultPrime);
  transform(slotCount, resultPrime).inverse(values);
  return values.map((value) => Number(value > resultPrime / 2n ? value - resultPrime : value) / plainModulus);
}

function deviation(values: readonly number[]): number {
  return Math.sqrt(values.reduce((sum, value) => sum + value * value, 0) / values.length);
}
