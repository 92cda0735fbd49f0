import { generateSigningKey, insecureTestRng } from '@symbolon/crypto';
import {
  clearScore,
  type Feature,
  generateScoreKey,
  layOutScores,
  openScores,
  proveModel,
  recordForms,
  ScoreChecks,
  ScoreCipher,
  ScoreEvaluator,
  type ScoreLayout,
  type ScoreModel,
  scoreResultKey,
  signatureBytes,
  signStored,
} from '@symbolon/fhe';
import { type Row, row } from './row.ts';

const patients = 100_000;
const form = recordForms.features;
const features: readonly Feature[] = Array.from({ length: 8 }, (_, i) => ({
  name: `x${i}`,
  min: 0,
  max: 100 + 10 * i,
}));
const model: ScoreModel = {
  kind: 'logistic',
  intercept: -4,
  weights: Object.fromEntries(features.map(({ name }, i) => [name, 0.02 - 0.003 * i])),
};

/** A risk score of each patient over eight encrypted features, on one core: encryption, upload, evaluation, and decryption with every check; held against plain arithmetic. */
export async function run(): Promise<Row[]> {
  const layout = layOutScores(features, patients);
  const rows = generated();
  const checks = new ScoreChecks(layout, insecureTestRng('checks')(32));
  const key = await generateScoreKey();
  await encrypt(layout, checks, key, rows.slice(0, layout.rowsOfChunk));
  const [stored, encrypting] = await timed(() => encrypt(layout, checks, key, rows));
  const evaluator = await ScoreEvaluator.open(model, features);
  const evaluate = async () => {
    const results: Uint8Array[] = [];
    for (let chunk = 0; chunk < layout.chunks; chunk++)
      results.push(await evaluator.chunk((name) => form.read(stored.get(name)![chunk]!)));
    return results;
  };
  await evaluate();
  const [results, evaluating] = await timed(evaluate);
  const [scores, opening] = await timed(async () =>
    openScores({ layout, checks, model }, results, scoreResultKey(key)),
  );
  const { error } = proveModel(model, features);
  const clear = { ...model, kind: 'linear' as const, intercept: 0 };
  const wrong = scores
    .linearForms()
    .filter((linear, i) => !(Math.abs(linear - clearScore(clear, layout, rows[i]!)) <= error));
  const upload = (features.length * layout.chunks * (signatureBytes + form.bytes)) / patients;
  return [
    row('scores', 'encryption of 8 features', patients, encrypting, 's'),
    row('scores', 'upload of 8 features, a patient', patients, upload, 'B'),
    row('scores', 'evaluation, a logistic model of 8 features', patients, evaluating, 's'),
    row('scores', 'decryption, with every check', patients, opening, 's'),
    row(
      'scores',
      'scores that differ from plain arithmetic by more than the bound',
      patients,
      wrong.length,
      'scores',
      0,
    ),
  ];
}

async function timed<T>(work: () => Promise<T>): Promise<[T, seconds: number]> {
  const begun = performance.now();
  const result = await work();
  return [result, (performance.now() - begun) / 1000];
}

async function encrypt(
  layout: ScoreLayout,
  checks: ScoreChecks,
  key: Uint8Array,
  rows: readonly Float64Array[],
): Promise<Map<string, Uint8Array[]>> {
  const signer = generateSigningKey(insecureTestRng('signer'));
  const table = new Uint8Array(32);
  const stored = new Map<string, Uint8Array[]>(features.map(({ name }) => [name, []]));
  const encryptor = await ScoreCipher.open(key);
  for (let chunk = 0; chunk * layout.rowsOfChunk < rows.length; chunk++) {
    const first = chunk * layout.rowsOfChunk;
    const slots = checks.encode(chunk, rows.slice(first, first + layout.rowsOfChunk), first);
    for (const [column, { name }] of features.entries()) {
      const sent = signStored(form.write(encryptor.encrypt(slots[column]!)), { table, column, chunk }, signer);
      stored.get(name)!.push(sent.slice(-form.bytes));
    }
  }
  encryptor.close();
  return stored;
}

function generated(): Float64Array[] {
  const bytes = insecureTestRng('patients')(patients * features.length * 2);
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  return Array.from({ length: patients }, (_, i) =>
    Float64Array.from(features, ({ max }, j) => (view.getUint16(2 * (i * features.length + j)) / 2 ** 16) * max),
  );
}
