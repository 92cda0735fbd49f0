import { base64url, systemRng } from '@symbolon/crypto';
import {
  generateScoreKey,
  layOutScores,
  recordForms,
  ScoreChecks,
  ScoreCipher,
  type ScoreModel,
  scoreResultBytes,
  signManifest,
} from '@symbolon/fhe';
import { expect, onTestFinished, test } from 'vitest';
import { makeNetwork, type Network } from './network.ts';

const model: ScoreModel = { kind: 'linear', intercept: 0, weights: { age: 0.05 } };
const layout = layOutScores([{ name: 'age', min: 0, max: 110 }], 10);
const { bytes: tableBytes, write } = recordForms.features;

async function networkWith(settings: Record<string, number>): Promise<Network> {
  const network = await makeNetwork({ processes: 1, ...settings });
  onTestFinished(() => network.close());
  return network;
}

/** One ciphertext. @returns its id at the server */
async function upload(network: Network): Promise<string> {
  const id = systemRng(16);
  const of = { id, owner: 'north', name: 'patients', key: base64url(systemRng(16)) };
  const cipher = await ScoreCipher.open(await generateScoreKey());
  const [slots] = new ScoreChecks(layout, systemRng(32)).encode(0, Array<number[]>(10).fill([50]), 0);
  const record = write(cipher.encrypt(slots!));
  cipher.close();
  const manifest = signManifest(layout, of, network.north.signingKey);
  await network.client(network.north).uploadStored({ manifest, evaluation: null }, async () => record);
  return base64url(id);
}

async function ask(network: Network, table: string): Promise<number> {
  const client = network.client(network.north);
  const question = await client.begin(table, model);
  await client.scores(question, 1, () => {}, AbortSignal.timeout(60_000));
  return question;
}

test('results count as what an owner keeps, until their table is deleted; then they are gone', async () => {
  const network = await networkWith({ maxBytesPerOwner: 2 * tableBytes + 2 * scoreResultBytes });
  const client = network.client(network.north);
  const first = await upload(network);
  const answered = await ask(network, first);
  await ask(network, first);
  const second = await upload(network);
  await expect(client.begin(first, model)).rejects.toMatchObject({ code: 'compute-quota' });
  await client.remove(first);
  const again = client.scores(answered, 1, () => {}, AbortSignal.timeout(10_000));
  await expect(again).rejects.toMatchObject({ code: 'conflict' });
  await ask(network, second);
});

test('a question whose results would be too long is refused before it is evaluated', async () => {
  const network = await networkWith({ maxResultBytes: scoreResultBytes - 1 });
  const table = await upload(network);
  await expect(network.client(network.north).begin(table, model)).rejects.toMatchObject({ code: 'compute-quota' });
});
