import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { base64url, fromBase64url, payloadHash, signDocument, systemRng } from '@symbolon/crypto';
import {
  clearScore,
  generateKeys,
  generateScoreKey,
  layOutScores,
  linearForm,
  openScores,
  proveModel,
  recordForms,
  ScoreChecks,
  ScoreCipher,
  type ScoreModel,
  scoreParametersId,
  scoreResultKey,
  signManifest,
  signStored,
  validId,
} from '@symbolon/fhe';
import { peerClient } from '@symbolon/service';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { makeNetwork, type Network, strangersKey } from './network.ts';

const features = [
  { name: 'age', min: 0, max: 110 },
  { name: 'change', min: -5, max: 5 },
];
const model: ScoreModel = { kind: 'logistic', intercept: -3, weights: { age: 0.05, change: -0.4 } };
const patients = Array.from({ length: 4000 }, (_, i) => [(i * 7) % 110, ((i * 3) % 100) / 10 - 5]);
const layout = layOutScores(features, patients.length);
const { bytes: recordBytes, write } = recordForms.features;

describe('scores at a compute server', () => {
  let network: Network;
  let key: Uint8Array;
  let table: Awaited<ReturnType<typeof sealed>>;
  const checks = new ScoreChecks(layout, systemRng(32));
  beforeAll(async () => {
    network = await makeNetwork({ processes: 2 });
    key = await generateScoreKey();
    table = await sealed();
    await uploaded(table);
  });
  afterAll(() => network.close());

  /** A manifest, and the records of each column. */
  async function sealed() {
    const id = systemRng(16);
    const of = { id, owner: 'north', name: 'patients', key: base64url(systemRng(16)) };
    const manifest = signManifest(layout, of, network.north.signingKey);
    const cipher = await ScoreCipher.open(key);
    const records: Uint8Array[][] = features.map(() => []);
    for (let chunk = 0; chunk < layout.chunks; chunk++) {
      const first = chunk * layout.rowsOfChunk;
      const slots = checks.encode(chunk, patients.slice(first, first + layout.rowsOfChunk), first);
      for (const [column, own] of slots.entries()) records[column]!.push(write(cipher.encrypt(own)));
    }
    cipher.close();
    return { id: base64url(id), manifest, records };
  }

  async function uploaded({ manifest, records }: typeof table): Promise<void> {
    const stored = async (column: number, chunk: number) => records[column]![chunk]!;
    await network.client(network.north).uploadStored({ manifest, evaluation: null }, stored);
  }

  const post = async (path: string, body: unknown) => {
    const client = peerClient({ home: network.north, partner: network.compute.card });
    try {
      return await client.call('POST', path, { body, answer: z.unknown() });
    } finally {
      await client.close();
    }
  };
  const scored = async (id = table.id, asked = linearForm(model)) => {
    const client = network.client(network.north);
    return client.scores(await client.begin(id, asked), layout.chunks, () => {}, AbortSignal.timeout(60_000));
  };
  const furthest = (results: readonly Uint8Array[]): number => {
    const scores = openScores({ layout, checks, model }, results, scoreResultKey(key)).forOwner();
    return Math.max(...patients.map((patient, i) => Math.abs(scores[i]! - clearScore(model, layout, patient))));
  };

  test('are computed in two processes, by the weights alone, without any key', async () => {
    expect(furthest(await scored())).toBeLessThan(proveModel(model, features).error);
    await network.restart();
    expect(furthest(await scored())).toBeLessThan(proveModel(model, features).error);
  });

  const place = (column = 0, chunk = 0) => `/v1/tables/${table.id}/columns/${column}/chunks/${chunk}`;
  const signed = (
    over: { column?: number; chunk?: number; record?: Uint8Array } = {},
    signer = network.north.signingKey,
  ) => {
    const { record = table.records[0]![0]!, ...at } = over;
    const hash = payloadHash(fromBase64url(table.manifest.payload));
    return signStored(record, { table: hash, column: 0, chunk: 0, ...at }, signer);
  };
  const ask = (body: unknown) => post(`/v1/tables/${table.id}/questions`, body);
  const exact = { nodes: [{ op: 'columns', columns: [validId] }], outputs: [0] };

  test.each<[string, string, () => Promise<unknown>]>([
    ['a ciphertext signed by another key', 'bad-signature', () => post(place(), signed({}, strangersKey))],
    ['one of another column', 'bad-signature', () => post(place(1), signed())],
    ['one of another chunk', 'bad-signature', () => post(place(0, 1), signed())],
    ['one cut short', 'request-invalid', () => post(place(), signed().slice(1))],
    [
      'one of the length of exact tables',
      'frame-shape',
      () => post(place(), new Uint8Array(recordForms.exact.bytes + 64)),
    ],
    ['one that is too long', 'body-too-large', () => post(place(), new Uint8Array(recordForms.exact.bytes + 65))],
    ['evaluation keys', 'conflict', async () => post(`/v1/tables/${table.id}/keys`, (await generateKeys()).evaluation)],
    ['a circuit', 'circuit', () => ask({ circuit: exact })],
    ['a model and a circuit', 'request-invalid', () => ask({ circuit: exact, model })],
    ['a model with a column that is not there', 'circuit', () => ask({ model: { ...model, weights: { name: 1 } } })],
    ['one without weights', 'circuit', () => ask({ model: { ...model, weights: {} } })],
    ['one whose scores do not fit', 'circuit', () => ask({ model: { ...model, weights: { age: 4000 } } })],
    ['one of another kind', 'request-invalid', () => ask({ model: { ...model, kind: 'tree' } })],
    ['one with a text for a weight', 'request-invalid', () => ask({ model: { ...model, weights: { age: '1' } } })],
    [
      'one of many weights',
      'request-invalid',
      () =>
        ask({ model: { ...model, weights: Object.fromEntries(Array.from({ length: 257 }, (_, i) => [`w${i}`, 1])) } }),
    ],
    [
      'a manifest of features with the parameters of exact tables',
      'bad-document',
      () => {
        const manifest = JSON.parse(Buffer.from(fromBase64url(table.manifest.payload)).toString());
        expect(manifest.parameters).toBe(base64url(scoreParametersId));
        const other = { ...manifest, parameters: Buffer.alloc(32, 1).toString('base64url') };
        const document = signDocument('symbolon-encrypted-table', other, network.north.signingKey);
        return post('/v1/tables', { manifest: document });
      },
    ],
  ])('refuses %s', async (_, code, attempt) => {
    await expect(attempt()).rejects.toMatchObject({ code });
  });

  test('ciphertexts with coefficients above their modulus end their own question, and nothing else', async () => {
    const other = await sealed();
    const high = new Uint8Array(recordBytes).fill(255);
    await uploaded({ ...other, records: other.records.map((own) => own.map(() => high)) });
    await expect(scored(other.id)).rejects.toMatchObject({ code: 'compute-failed' });
    expect(await scored()).toHaveLength(layout.chunks);
  });

  test.each<[string, (results: Uint8Array[]) => Uint8Array[]]>([
    ['dropped', (results) => results.slice(1)],
    ['swapped', (results) => results.toReversed()],
    ['twice', ([first]) => [first!, first!]],
    ['altered', ([first, ...rest]) => [first!.map((byte, i) => (i % 4096 === 0 ? byte ^ 1 : byte)), ...rest]],
  ])('chunks that are %s are found by the owner', async (_, cheat) => {
    const results = cheat(await scored());
    expect(() => furthest(results)).toThrow(expect.objectContaining({ code: 'fhe-check' }));
  });

  test('scores of another model, replayed, are found by the owner', async () => {
    const replayed = await scored(table.id, { ...linearForm(model), weights: { age: 0.05, change: -0.41 } });
    expect(() => furthest(replayed)).toThrow(expect.objectContaining({ code: 'fhe-check' }));
  });

  test('ciphertexts that the server altered where they are kept are found by the owner', async () => {
    const other = await sealed();
    await uploaded(other);
    const file = join(network.compute.path, 'tables', 'north', other.id, '1.column');
    writeFileSync(file, Buffer.concat(other.records[0]!));
    const results = await scored(other.id);
    expect(() => furthest(results)).toThrow(expect.objectContaining({ code: 'fhe-check' }));
  });
});
