import { insecureTestRng } from '@symbolon/crypto';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import {
  clearScore,
  type Feature,
  generateScoreKey,
  layOutScores,
  missedWith,
  openScores,
  proveModel,
  ScoreChecks,
  ScoreCipher,
  ScoreEvaluator,
  type ScoreModel,
  type SeededCiphertext,
  scoreResultBytes,
  scoreResultKey,
  scoreSlots,
} from '../src/index.ts';
import { scorePrimes } from '../src/score/parameters.ts';

const features: Feature[] = [
  { name: 'age', min: 0, max: 110 },
  { name: 'pressure', min: 60, max: 250 },
  { name: 'smokes', min: 0, max: 1 },
  { name: 'change', min: -5, max: 5 },
];
const risk: ScoreModel = {
  kind: 'logistic',
  intercept: -9.25,
  weights: { age: 0.061, pressure: 0.0173, smokes: 0.7, change: -0.31 },
};
// Two chunks.
const patients = generate(4000);
const layout = layOutScores(features, patients.length);
const checks = new ScoreChecks(layout, insecureTestRng('score checks')(32));
let key: Uint8Array;
let stored: ReadonlyMap<string, readonly SeededCiphertext[]>;
let honest: Uint8Array[];

beforeAll(async () => {
  key = await generateScoreKey();
  stored = await encrypted(key, checks);
  honest = await scored(risk);
});

async function encrypted(own: Uint8Array, by: ScoreChecks) {
  const encryptor = await ScoreCipher.open(own);
  const texts = new Map<string, SeededCiphertext[]>(features.map(({ name }) => [name, []]));
  for (let chunk = 0; chunk < layout.chunks; chunk++) {
    const first = chunk * layout.rowsOfChunk;
    const slots = by.encode(chunk, patients.slice(first, first + layout.rowsOfChunk), first);
    for (const [i, { name }] of features.entries()) texts.get(name)!.push(encryptor.encrypt(slots[i]!));
  }
  encryptor.close();
  return texts;
}

/** What a server gives back. */
async function scored(model: ScoreModel, of = stored): Promise<Uint8Array[]> {
  const evaluator = await ScoreEvaluator.open(model, features);
  const results: Uint8Array[] = [];
  for (let chunk = 0; chunk < layout.chunks; chunk++)
    results.push(await evaluator.chunk((name) => of.get(name)![chunk]!));
  return results;
}

const open = (results: readonly Uint8Array[], model = risk) =>
  openScores({ layout, checks, model }, results, scoreResultKey(key));

test('each patient’s risk is that of the model in the clear, through ciphertexts', () => {
  const scores = open(honest).forOwner();
  const differences = patients.map((patient, i) => Math.abs(scores[i]! - clearScore(risk, layout, patient)));
  expect(scores).toHaveLength(patients.length);
  expect(Math.max(...differences)).toBeLessThan(1e-6);
  expect(new Set(scores).size).toBeGreaterThan(3000);
});

test('random models: the error is below what is said of it, by far', async () => {
  const weight = fc.double({ min: -40, max: 40, noNaN: true });
  const models = fc.record({
    kind: fc.constant('linear' as const),
    intercept: weight,
    weights: fc.record(
      { age: weight, smokes: weight, change: fc.double({ min: 0.001, max: 40, noNaN: true }) },
      { requiredKeys: ['change'] },
    ),
  });
  const close = fc.asyncProperty(models, async (model) => {
    const scores = open(await scored(model), model).forOwner();
    const { error } = proveModel(model, features);
    const worst = Math.max(...patients.map((patient, i) => Math.abs(scores[i]! - clearScore(model, layout, patient))));
    expect(worst).toBeLessThan(error / 8);
  });
  await fc.assert(close, { numRuns: process.env.SLOW === '1' ? 30 : 3 });
});

describe('scores are never released', () => {
  test('not as JSON, alone or within something else; as text they are a count', () => {
    const scores = open(honest);
    const refused = expect.objectContaining({ code: 'score-release' });
    expect(() => JSON.stringify(scores)).toThrow(refused);
    expect(() => JSON.stringify({ result: { patients: [scores] } })).toThrow(refused);
    expect([`${scores}`, Object.keys(scores)]).toEqual(['4000 scores', []]);
    expect(() => structuredClone(scores).forOwner()).toThrow();
  });
});

describe('what the server returns is checked', () => {
  const words = (change: (words: BigUint64Array) => void): Uint8Array[] => {
    const own = new BigUint64Array(honest[0]!.slice().buffer);
    change(own);
    return [new Uint8Array(own.buffer), honest[1]!];
  };
  const [q] = scorePrimes;

  test.each<[string, string, () => readonly Uint8Array[] | Promise<readonly Uint8Array[]>]>([
    ['nothing', 'fhe-check', () => []],
    ['a chunk missing', 'fhe-check', () => honest.slice(1)],
    ['chunks swapped', 'fhe-check', () => honest.toReversed()],
    ['a chunk twice', 'fhe-check', () => [honest[0]!, honest[0]!]],
    ['cut short', 'frame-shape', () => [honest[0]!.slice(8), honest[1]!]],
    ['too long', 'frame-shape', () => [new Uint8Array([...honest[0]!, 0]), honest[1]!]],
    ['a zip bomb', 'frame-shape', () => [new Uint8Array(16_419), honest[1]!]],
    ['a coefficient that is not below its modulus', 'frame-shape', () => words((all) => all.fill(q, 5, 6))],
    [
      'one coefficient changed',
      'fhe-check',
      () =>
        words((all) => {
          all[9] = (all[9]! + q / 3n) % q;
        }),
    ],
    ['zero', 'fhe-check', () => [new Uint8Array(scoreResultBytes), honest[1]!]],
    [
      '(0, 1), the key',
      'fhe-check',
      () =>
        words((all) => {
          all.fill(0n).fill(1n, all.length / 2);
        }),
    ],
    ['scores of another model', 'fhe-check', () => scored({ ...risk, weights: { ...risk.weights, smokes: 0.71 } })],
    ['a model without one of the features', 'fhe-check', () => scored({ ...risk, weights: { age: 0.061 } })],
    ['those of another key', 'fhe-check', async () => scored(risk, await encrypted(await generateScoreKey(), checks))],
    [
      'those of other check rows under the same key',
      'fhe-check',
      async () => scored(risk, await encrypted(key, new ScoreChecks(layout, new Uint8Array(32)))),
    ],
  ])('%s', async (_, code, results) => {
    const given = await results();
    expect(() => open(given)).toThrow(expect.objectContaining({ code }));
  });

  test('check rows are a tenth of the slots', () => {
    expect(checks.slots.length / scoreSlots).toBeCloseTo(0.1, 3);
    expect(missedWith(10)).toBeCloseTo(0.349, 2);
    expect([...checks.slots, ...checks.rowSlots].sort((a, b) => a - b)).toEqual(
      Array.from({ length: scoreSlots }, (_, i) => i),
    );
  });
});

describe('large features with small weights', () => {
  const wide: Feature[] = [
    { name: 'platelets', min: 0, max: 1_000_000 },
    { name: 'constructor', min: 0, max: 5 },
    { name: 'smokes', min: 0, max: 1 },
  ];
  const model: ScoreModel = { kind: 'logistic', intercept: -1, weights: { platelets: 9e-7, smokes: 0.7 } };
  const people = generate(2000).map(([age, , smokes]) => [(age! / 110) * 1_000_000, 3, smokes!]);
  const own = layOutScores(wide, people.length);
  const ownChecks = new ScoreChecks(own, insecureTestRng('wide')(32));
  const answers = async (asked: ScoreModel): Promise<Uint8Array> => {
    const cipher = await ScoreCipher.open(key);
    const texts = ownChecks.encode(0, people, 0).map((slots) => cipher.encrypt(slots));
    cipher.close();
    const evaluator = await ScoreEvaluator.open(asked, wide);
    return evaluator.chunk((name) => texts[wide.findIndex((one) => one.name === name)]!);
  };
  const opened = (result: Uint8Array) =>
    openScores({ layout: own, checks: ownChecks, model }, [result], scoreResultKey(key));

  test('are computed, and a feature that the model does not weigh counts for nothing, whatever its name', async () => {
    const scores = opened(await answers(model)).forOwner();
    expect(Math.max(...people.map((one, i) => Math.abs(scores[i]! - clearScore(model, own, one))))).toBeLessThan(1e-6);
  });

  test('do not hide an empty answer, nor one that leaves a feature out', async () => {
    const cheats = [new Uint8Array(scoreResultBytes), await answers({ ...model, weights: { platelets: 9e-7 } })];
    for (const cheat of cheats) expect(() => opened(cheat)).toThrow(expect.objectContaining({ code: 'fhe-check' }));
  });
});

test.each<[string, Partial<ScoreModel>, RegExp]>([
  ['a feature that is not there', { weights: { name: 1 } }, /name was not encrypted/],
  ['no weights', { weights: {} }, /no weights/],
  ['weights of 0', { weights: { age: 0, smokes: 1e-300 } }, /no weights but 0/],
  ['a weight that is none', { weights: { age: Number.NaN } }, /weight of age/],
  ['an intercept that is none', { intercept: Number.POSITIVE_INFINITY }, /intercept/],
  ['scores that do not fit', { weights: { age: 3000 } }, /stay below/],
  ['scores that noise could be', { weights: { change: 1e-8 } }, /without anybody noticing/],
  ['a weight whose noise is more than its score', { weights: { age: 1, tiny: 2e14 } }, /without anybody noticing/],
])('a model is refused before anything is computed: %s', async (_, change, words) => {
  const tiny = { name: 'tiny', min: 0, max: 1e-9 };
  await expect(ScoreEvaluator.open({ ...risk, ...change }, [...features, tiny])).rejects.toThrow(words);
});

test('what cannot be encoded is refused by row and feature, never by value', () => {
  const encode = (patient: number[]) => checks.encode(0, [[50, 120, 0, 0], patient], 0);
  expect(() => encode([50, 120, 0, 5.5])).toThrow('row 2: change');
  expect(() => encode([Number.NaN, 120, 0, 0])).toThrow('row 2: age');
  const refused = expect.objectContaining({ code: 'table-layout' });
  expect(() => layOutScores([features[0]!, features[0]!], 3)).toThrow(refused);
  expect(() => layOutScores([{ name: 'income', min: 0, max: 1e18 }], 3)).toThrow(refused);
});

function generate(count: number): number[][] {
  const bytes = insecureTestRng('features')(count * 4);
  return Array.from({ length: count }, (_, i) => {
    const [a, b, c, d] = bytes.subarray(4 * i, 4 * i + 4) as unknown as [number, number, number, number];
    return [(a * 110) / 255, 60 + (b * 190) / 255, c % 2, (d - 127.5) / 25.5];
  });
}
