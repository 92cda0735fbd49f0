import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { verifyAgreement, verifySealedStatement } from '@symbolon/agreement';
import { fromBase64url, hashLabelled, parseDocument, utf8 } from '@symbolon/crypto';
import { clearScore, layOutScores, proveModel, ScoreChecks, ScoreCipher, type ScoreModel } from '@symbolon/fhe';
import { recordForms } from '@symbolon/fhe/sealing';
import { type ApiClient, unwrapSecret } from '@symbolon/service';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as api from '../src/api/outsource.ts';
import { eventsOf } from './network.ts';
import { answered, approved, ended, newestRun, sealPatients } from './sealed-calls.ts';
import { passphrase, patientsCsv, type SealedNetwork, sealedAgreement, sealedNetwork } from './sealed-network.ts';

// Two chunks, each in a process of its own.
const count = 4000;
// A patient without an age has no score, so here each has one.
const csv = patientsCsv(count).replaceAll(/,,(\d+\.\d\d)\n/g, ',40,$1\n');
const risk: ScoreModel = { kind: 'logistic', intercept: -4.5, weights: { age: 0.061, cost: 0.0017, treated: -0.7 } };
const file = (model: ScoreModel = risk): string => JSON.stringify({ scores: 'patients', title: 'Risk', ...model });
const features = [
  { name: 'age', min: 0, max: 120 },
  { name: 'cost', min: 0, max: 1000 },
  { name: 'treated', min: 0, max: 1 },
];

describe('scores of encrypted patients', () => {
  let network: SealedNetwork;
  let client: ApiClient;
  let agreement: string;
  let key: number;
  let table: number;
  let question: number;
  let run: number;
  beforeAll(async () => {
    network = await sealedNetwork(csv, { processes: 2 });
    agreement = await network.agree(sealedAgreement({ methods: ['select', 'score'] }));
    await network.start();
    client = network.client();
    ({ id: key } = await client.call(api.makeSealKey, { body: { agreement, kind: 'features', passphrase } }));
    table = await sealFeatures(key);
    question = await approved(client, agreement, file());
    run = await score(question);
  });
  afterAll(() => network.close());

  async function sealFeatures(of: number): Promise<number> {
    const body = { agreement, name: 'patients', key: of, features: features.map(({ name }) => name) };
    const made = await ended(client, client.call(api.encryptTable, { body }));
    await ended(client, client.call(api.uploadTable, { params: { table: made } }));
    return made;
  }
  const score = (of: number) => ended(client, client.call(api.runSealed, { body: { question: of } }));
  const scored = async (of: number) => (await client.call(api.getSealedScored, { params: { run: of } })).scored!;
  const scoresOf = (of: number) => client.call(api.getSealedScores, { params: { run: of }, query: {} });
  const tables = async () => (await client.call(api.listSealedTables, { query: {} })).items;
  const keys = async () => (await client.call(api.listSealKeys, { query: {} })).items;
  async function secretOf(of: number): Promise<Uint8Array> {
    const { key: name } = (await keys()).find(({ id }) => id === of)!;
    const text = readFileSync(join(network.homes.hospital.path, 'seal', `${name}.key`), 'utf8');
    return unwrapSecret(text, (JSON.parse(text) as { name: string }).name, passphrase);
  }
  const atServer = (id: string) => join(network.homes.cloud.path, 'tables', 'hospital', id);

  /** Each patient's score is that of the model in the clear, as near as is said. */
  async function expectScores(of: number, model: ScoreModel): Promise<void> {
    const { patients, scores, parts } = await scoresOf(of);
    const clear = clearScores(model);
    expect(parts).toBe(1);
    expect(patients).toEqual([...clear.keys()]);
    const furthest = Math.max(...patients.map((patient, i) => Math.abs(scores[i]! - clear.get(patient)!)));
    expect(furthest).toBeLessThan(proveModel(model, features).error);
  }

  test('are those of the model in the clear, patient by patient, for the owner alone', async () => {
    expect(await tables()).toMatchObject([{ id: table, kind: 'features', state: 'uploaded', rows: count }]);
    expect(await keys()).toMatchObject([{ id: key, kind: 'features', state: 'active', tables: [table] }]);
    expect(await scored(run)).toMatchObject({ scores: count, recomputed: 'same' });
    await expectScores(run, risk);
  });

  test('are signed and logged by the hash of the model and their number; who reads them is logged too', async () => {
    const { hash } = await client.call(api.getSealedQuestion, { params: { question } });
    const events = await network.as(async (organisation) => ({
      done: await eventsOf(organisation, 'sealed-done'),
      read: await eventsOf(organisation, 'sealed-scores-read'),
      audit: await organisation.audit.verify(),
    }));
    expect(events.done).toHaveLength(1);
    expect(events.audit).toMatchObject({ ok: true, statements: 1, faults: [] });
    const { statement } = await client.call(api.getSealedStatement, { params: { run } });
    const agreed = verifyAgreement(parseDocument(await network.as(({ agreements }) => agreements.export(agreement))));
    const stated = verifySealedStatement(parseDocument(fromBase64url(statement!)), agreed);
    expect(stated).toMatchObject({ question: hash, rows: count, recomputed: true, name: 'patients' });
    expect(events.read).toMatchObject([{ agreement, run, part: 0, patients: count }]);
  });

  test.each([
    ['to see the result of a run', () => client.call(api.getSealedResult, { params: { run } })],
    ['to release it', () => client.call(api.releaseSealed, { params: { run } })],
    ['to take a release back', () => client.call(api.withdrawSealedRelease, { params: { run } })],
  ])('are never released: asked %s', async (_, attempt) => {
    await expect(attempt()).rejects.toMatchObject({ code: 'score-release' });
  });

  test('neither scores nor whose they are stand anywhere readable; the secret is in no file of the server', async () => {
    const { scores } = await scoresOf(run);
    const secret = await secretOf(key);
    const written = (bytes: string | Buffer, home: 'hospital' | 'cloud') =>
      filesOf(network.homes[home].path).some((content) => content.includes(bytes));
    for (const home of ['hospital', 'cloud'] as const) {
      for (const at of [0, 17, 3999]) expect(written(String(scores[at]), home)).toBe(false);
      expect(written(Buffer.from(secret.subarray(100_000, 100_032)), home)).toBe(false);
    }
    expect(written('"P3999"', 'hospital')).toBe(false);
    // Controls: what is searched for is found where it is.
    expect(readFileSync(network.file, 'utf8')).toContain('P3999');
    const { table: id } = (await tables()).find((one) => one.id === table)!;
    expect(written(readFileSync(join(atServer(id), '0.column')).subarray(100_000, 100_032), 'cloud')).toBe(true);
    expect(written('0.061', 'cloud')).toBe(true);
    expect(written('-4.5', 'cloud')).toBe(false);
  });

  test('need the key to be open, and its passphrase then', async () => {
    const params = { key };
    await client.call(api.lockSealKey, { params });
    await expect(scoresOf(run)).rejects.toMatchObject({ code: 'seal-key' });
    await expect(score(question)).rejects.toMatchObject({ code: 'seal-key' });
    const wrong = { params, body: { passphrase: `${passphrase}?` } };
    await expect(client.call(api.unlockSealKey, wrong)).rejects.toMatchObject({ code: 'passphrase-wrong' });
    await client.call(api.unlockSealKey, { params, body: { passphrase } });
    await expectScores(run, risk);
  });

  test.each<[string, string, () => Promise<unknown>]>([
    ['a model with a column that is not there', 'study-unknown-column', () => ask({ weights: { weight: 1 } })],
    ['one with the column that tells patients apart', 'study-policy', () => ask({ weights: { pid: 1 } })],
    ['one with a text', 'table-layout', () => ask({ weights: { region: 1 } })],
    ['one of no kind', 'study-invalid', () => ask({ kind: 'tree' as never })],
    [
      'one with more weights than there may be',
      'study-invalid',
      () => ask({ weights: Object.fromEntries(Array.from({ length: 257 }, (_, i) => [`w${i}`, 1])) }),
    ],
    ['one with a weight that is no number', 'study-invalid', () => ask({ weights: { age: 'one' as never } })],
    ['one whose scores do not fit', 'circuit', async () => score(await ask({ weights: { cost: 4000 } }))],
    ['one without weights', 'circuit', async () => score(await ask({ weights: { age: 0 } }))],
    ['one that nobody has approved', 'unapproved', async () => score(await asked({ intercept: 1 }))],
    ['a question of totals of this table', 'not-found', () => total()],
    ['encryption for totals under this key', 'seal-key', () => sealPatients(client, agreement, key)],
    ['a feature that is not there', 'data-missing-column', () => encrypt(['weight'])],
    ['features of texts', 'table-layout', () => encrypt(['region'])],
  ])('refuses %s', async (_, code, attempt) => {
    await expect(attempt()).rejects.toMatchObject({ code });
  });
  const encrypt = (names: string[]) =>
    client.call(api.encryptTable, { body: { agreement, name: 'patients', key, features: names } });
  const asked = async (change: Partial<ScoreModel>) =>
    (await client.call(api.askSealed, { body: { agreement, text: file({ ...risk, ...change }) } })).id;
  const ask = (change: Partial<ScoreModel>) => approved(client, agreement, file({ ...risk, ...change }));
  const total = async () => answered(client, await approved(client, agreement, 'SELECT COUNT(*) AS n FROM patients'));

  test('say so where the rows have changed since, or are gone; a table moves to another key without them', async () => {
    try {
      writeFileSync(network.file, csv.replace('P7,', 'P7777,').replace(',no,', ',yes,'));
      expect(await scored(await score(question))).toMatchObject({ recomputed: 'rows-changed' });
      rmSync(network.file);
      const again = await score(question);
      expect(await scored(again)).toMatchObject({ recomputed: 'rows-gone', scores: count });
      await expectScores(again, risk);
      const { id: to } = await client.call(api.makeSealKey, { body: { agreement, kind: 'features', passphrase } });
      await ended(client, client.call(api.rotateSealKey, { params: { key }, body: { to } }));
      expect((await keys())[0]).toMatchObject({ state: 'destroyed', tables: [] });
      // With the table go its scores: who opted out meanwhile is in them.
      await expect(scoresOf(run)).rejects.toMatchObject({ code: 'not-found' });
      [key, table] = [to, (await tables()).at(-1)!.id];
      const moved = await score(question);
      expect(await scored(moved)).toMatchObject({ recomputed: 'rows-gone', scores: count });
      await expectScores(moved, risk);
      run = moved;
    } finally {
      writeFileSync(network.file, csv);
    }
  });

  test('an agreement that does not list them allows neither key nor table for them', async () => {
    const other = await network.agree(sealedAgreement({ methods: ['select'] }, { title: 'Counts alone' }));
    const made = client.call(api.makeSealKey, { body: { agreement: other, kind: 'features', passphrase } });
    await expect(made).rejects.toMatchObject({ code: 'agreement-limit' });
    const { id: exact } = await client.call(api.makeSealKey, { body: { agreement: other, passphrase } });
    const body = { agreement: other, name: 'patients', key: exact, features: ['age'] };
    await expect(client.call(api.encryptTable, { body })).rejects.toMatchObject({ code: 'agreement-limit' });
  });

  test('a key of totals takes no features, and the tables of one do not move to the other', async () => {
    const { id: exact } = await client.call(api.makeSealKey, { body: { agreement, passphrase } });
    await expect(sealFeatures(exact)).rejects.toMatchObject({ code: 'seal-key' });
    const move = client.call(api.rotateSealKey, { params: { key }, body: { to: exact } });
    await expect(move).rejects.toMatchObject({ code: 'seal-key' });
  });

  const replaced = (change: (folder: string) => void | Promise<void>) => async () => {
    const { table: id } = (await tables()).find((one) => one.id === table)!;
    await change(atServer(id));
  };
  /** What only who has the key can do: another age for one patient. */
  async function alter(folder: string, patient: number, years: number): Promise<void> {
    const [{ table: id }, secrets] = [(await tables()).find((one) => one.id === table)!, await secretOf(key)];
    const seed = hashLabelled('symbolon check rows of a table', secrets.subarray(-32), utf8(id));
    const slot = new ScoreChecks(layOutScores(features, count), seed).rowSlots[patient]!;
    const cipher = await ScoreCipher.open(secrets.slice(0, -32));
    const { bytes, read, write } = recordForms.features;
    const file = readFileSync(join(folder, '0.column'));
    const ages = cipher.decrypt(read(new Uint8Array(file.subarray(0, bytes))));
    ages[slot]! += years;
    file.set(write(cipher.encrypt(ages)));
    cipher.close();
    writeFileSync(join(folder, '0.column'), file);
  }
  const half = (path: string) => {
    const bytes = readFileSync(path);
    return [bytes.subarray(0, bytes.length / 2), bytes.subarray(bytes.length / 2)] as const;
  };
  test.each<[string, () => Promise<void>]>([
    ['other ciphertexts', replaced((folder) => copyFileSync(join(folder, '1.column'), join(folder, '0.column')))],
    [
      'chunks in another order',
      replaced((folder) => {
        for (const column of [0, 1, 2]) {
          const path = join(folder, `${column}.column`);
          const [first, second] = half(path);
          writeFileSync(path, Buffer.concat([second, first]));
        }
      }),
    ],
    // Nine times in ten no check row is hit; the rows in the clear find it, though the probability is hardly another.
    ['one patient three years older', replaced((folder) => alter(folder, 7, 3))],
  ])('a server that computes on %s is found out: key and table are retired, and nothing is kept', async (_, cheat) => {
    await cheat();
    const { table: id0 } = (await tables()).find((one) => one.id === table)!;
    await expect(score(question)).rejects.toMatchObject({ code: 'fhe-check' });
    const { id, state, error } = await newestRun(client);
    expect([state, error]).toEqual(['failed', expect.stringContaining('fhe-check')]);
    await expect(scoresOf(id)).rejects.toMatchObject({ code: 'not-found' });
    expect(readdirSync(join(network.homes.hospital.path, 'seal', 'tables', id0))).not.toContain(`scores-${id}`);
    expect((await keys()).find((one) => one.id === key)).toMatchObject({ state: 'retired', tables: [table] });
    await expect(score(question)).rejects.toMatchObject({ code: 'not-found' });
    // What was computed before stays its owner's.
    await expectScores(run, risk);
    ({ id: key } = await client.call(api.makeSealKey, { body: { agreement, kind: 'features', passphrase } }));
    table = await sealFeatures(key);
    run = await score(question);
  });

  test('what belongs to no table any more is deleted when the server starts; scores stay, under the key', async () => {
    const stranger = join(network.homes.hospital.path, 'seal', 'tables', 'A'.repeat(22));
    mkdirSync(stranger);
    writeFileSync(join(stranger, 'patients'), 'x');
    await network.stop('hospital');
    await network.start('hospital');
    expect(existsSync(stranger)).toBe(false);
    await expect(scoresOf(run)).rejects.toMatchObject({ code: 'seal-key' });
    await client.call(api.unlockSealKey, { params: { key }, body: { passphrase } });
    await expectScores(run, risk);
  });

  test('a file of scores that was altered, or is another run’s, is not read', async () => {
    const { table: id } = (await tables()).find((one) => one.id === table)!;
    const folder = join(network.homes.hospital.path, 'seal', 'tables', id);
    const file = join(folder, `scores-${run}`);
    const written = readFileSync(file, 'utf8');
    for (const altered of [written.replace(/.{5}$/m, 'AAAAA'), readFileSync(join(folder, 'patients'), 'utf8'), '']) {
      writeFileSync(file, altered);
      await expect(scoresOf(run)).rejects.toMatchObject({ code: 'config-invalid' });
    }
    rmSync(file);
    await expect(scoresOf(run)).rejects.toMatchObject({ code: 'config-invalid' });
    writeFileSync(file, written);
    await expectScores(run, risk);
  });

  test('a table is deleted with its scores, here and there', async () => {
    const { table: id } = (await tables()).find((one) => one.id === table)!;
    await client.call(api.removeSealedTable, { params: { table } });
    expect(readdirSync(join(network.homes.hospital.path, 'seal', 'tables'))).not.toContain(id);
    expect(readdirSync(join(network.homes.cloud.path, 'tables', 'hospital'))).not.toContain(id);
    await expect(scoresOf(run)).rejects.toMatchObject({ code: 'not-found' });
  });
});

/** By patient, by plain arithmetic. */
function clearScores(model: ScoreModel): Map<string, number> {
  const [, ...lines] = csv.trim().split('\n');
  const layout = layOutScores(features, lines.length);
  return new Map(
    lines.map((line) => {
      const [pid, treated, , age, cost] = line.split(',') as [string, string, string, string, string];
      return [pid, clearScore(model, layout, [Number(age), Number(cost), treated === 'yes' ? 1 : 0])];
    }),
  );
}

function filesOf(path: string): Buffer[] {
  return readdirSync(path, { recursive: true, withFileTypes: true, encoding: 'utf8' })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name)));
}
