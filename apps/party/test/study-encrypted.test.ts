import { copyFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { verifyAgreement, verifyStudyStatement } from '@symbolon/agreement';
import { runMethodClear, runStudyClear } from '@symbolon/analytics';
import { parseDocument } from '@symbolon/crypto';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import * as api from '../src/api/outsource.ts';
import { ComputeServer, type Organisation, requestStudy } from '../src/index.ts';
import { forkDying } from './dying.ts';
import { type EncryptedNetwork, encryptedNetwork } from './encrypted-network.ts';
import { eventsOf } from './network.ts';
import { sealPatients } from './sealed-calls.ts';
import { passphrase } from './sealed-network.ts';
import { inTheClear } from './study-clear.ts';
import { type Party, parties } from './study-network.ts';

const holders = { patients: parties };

describe('three parties, two of which have their rows encrypted at a server', () => {
  let network: EncryptedNetwork;
  let agreement: string;
  beforeAll(async () => {
    network = await encryptedNetwork();
    await network.start();
    agreement = await network.agreed();
    await network.sealAll(agreement);
  });
  afterAll(() => network.close());

  const ask = (study: string, by: Party = 'hospital') =>
    requestStudy(network.homes[by].path, { agreement, study, purpose: undefined });
  const newest = async (party: Party) => (await network.as(party, ({ studies }) => studies.runs())).at(-1)!;
  const released = async (party: Party, attempt: string) => {
    const run = (await network.as(party, ({ studies }) => studies.runs())).find((one) => one.attempt === attempt)!;
    return network.as(party, ({ studies }) => studies.result(run.id));
  };
  /** Nobody has a result of the newest run, at any party. */
  const nothingOpened = async () => {
    for (const party of parties) {
      // Whoever did not end it hears of that a moment later.
      await expect.poll(async () => (await newest(party)).state).toBe('failed');
      const run = await newest(party);
      expect(await network.as(party, ({ studies }) => studies.result(run.id))).toBeNull();
    }
  };

  /** Does something at a party once, when the server has computed for the first, and nothing is decrypted yet. */
  const whenComputed = (party: Party, work: (organisation: Organisation) => Promise<unknown>) => {
    const { results } = ComputeServer.prototype;
    const spy = vi.spyOn(ComputeServer.prototype, 'results').mockImplementation(async function (
      this: ComputeServer,
      ...of
    ) {
      const parts = await results.apply(this, of);
      spy.mockRestore();
      await network.as(party, work);
      return parts;
    });
  };

  test('what opens is what all rows together come to, at the agreed receivers alone; all sign it', async () => {
    const { attempt } = await ask('by-treatment');
    const { bound } = await network.as('hospital', ({ studies }) => studies.bind(agreement, 'by-treatment'));
    const { cells } = await inTheClear(network, holders, (tables, duck) => runStudyClear(bound!, tables, duck));
    expect(cells.flatMap(({ values }) => values).every((value) => value !== null)).toBe(true);
    for (const party of ['hospital', 'insurer'] as const)
      expect((await released(party, attempt))?.cells).toEqual(cells);
    expect(await released('office', attempt)).toBeNull();
    const agreed = verifyAgreement(
      parseDocument(await network.as('office', ({ agreements }) => agreements.export(agreement))),
    );
    for (const party of parties) {
      const { id, details } = await newest(party);
      expect(details).toMatchObject({ sessions: 1, leftOut: { patients: 0 } });
      const statement = await network.as(party, ({ studies }) => studies.statement(id));
      expect(verifyStudyStatement(parseDocument(statement!), agreed)).toMatchObject({
        ...{ study: 'by-treatment', parties, to: ['hospital', 'insurer'], attempt },
        rows: { patients: { hospital: 300, insurer: 240, office: 330 } },
      });
      const parts = await network.as(party, (organisation) => eventsOf(organisation, 'study-encrypted-part'));
      const own = { compute: 'cloud', name: 'patients', recomputed: 'same', run: id };
      expect(parts).toMatchObject(party === 'office' ? [] : [own]);
      const report = await network.as(party, ({ audit }) => audit.verify());
      expect(report).toMatchObject({ ok: true, statements: 1, faults: [] });
      // Whoever computes takes no part in the run, and witnesses nothing.
      expect(report.unwitnessed.flatMap(({ witnesses }) => witnesses)).not.toContain('cloud');
    }
  });

  test('a method is reduced to sums that are computed so', async () => {
    const { attempt } = await ask('welch', 'office');
    const { method } = await network.as('office', ({ studies }) => studies.bind(agreement, 'welch'));
    const clear = await inTheClear(network, holders, (tables, duck) => runMethodClear(method!, tables, duck));
    for (const party of parties) expect((await released(party, attempt))?.method).toMatchObject({ n: clear.n });
  });

  test('no question may be asked of one of them alone', async () => {
    const body = { agreement, text: 'SELECT COUNT(*) FROM patients' };
    await expect(network.client('hospital').call(api.askSealed, { body })).rejects.toMatchObject({
      code: 'agreement-limit',
    });
  });

  test('a locked key, and an approval that is taken back while servers compute: nothing opens', async () => {
    const params = { key: 1 };
    await network.client('insurer').call(api.lockSealKey, { params });
    await expect(ask('by-treatment')).rejects.toMatchObject({ code: 'seal-key' });
    await nothingOpened();
    await network.client('insurer').call(api.unlockSealKey, { params, body: { passphrase } });

    whenComputed('insurer', ({ studies }) => studies.withdraw(agreement, 'by-treatment', 'officer'));
    await expect(ask('by-treatment')).rejects.toMatchObject({ code: 'unapproved' });
    await nothingOpened();
    await network.as('insurer', ({ studies }) => studies.approve(agreement, 'by-treatment', 'officer'));
    expect(await ask('by-treatment')).toMatchObject({ state: 'done' });
  });

  test('a band that was not encrypted apart is refused before anything is computed', async () => {
    await expect(ask('old', 'office')).rejects.toMatchObject({ code: 'circuit' });
  });

  test('one that is killed while it runs: nothing opens, and the next run works', async () => {
    const { child, died } = await forkDying(network, 'insurer', 6);
    try {
      const params = { key: 1 };
      await network.client('insurer').call(api.unlockSealKey, { params, body: { passphrase } });
      await expect(ask('by-treatment')).rejects.toMatchObject({ code: 'peer-gone', culprit: 'insurer' });
      await died;
      for (const party of ['hospital', 'office'] as const) {
        const run = await newest(party);
        expect(run).toMatchObject({ state: 'failed', error: expect.stringContaining('insurer') });
        expect(await network.as(party, ({ studies }) => studies.result(run.id))).toBeNull();
      }
      await network.start();
      expect(await newest('insurer')).toMatchObject({ state: 'aborted' });
      await network.client('insurer').call(api.unlockSealKey, { params, body: { passphrase } });
      expect(await ask('by-treatment')).toMatchObject({ state: 'done' });
    } finally {
      child.kill('SIGKILL');
    }
  });

  test('a server that cheats at one of them is found out there, and its key retired; nothing opens', async () => {
    const { table, id } = (await network.client('insurer').call(api.listSealedTables, { query: {} })).items[0]!;
    const folder = join(network.cloud.path, 'tables', 'insurer', table);
    for (let column = 1; column < readdirSync(folder).length / 2; column++) {
      copyFileSync(join(folder, `${column}.column`), join(folder, `${column - 1}.column`));
    }
    await expect(ask('by-treatment')).rejects.toMatchObject({ code: 'fhe-check' });
    await nothingOpened();
    const keys = await network.client('insurer').call(api.listSealKeys, { query: {} });
    expect(keys.items[0]).toMatchObject({ state: 'retired', tables: [id] });
    const own = await network.client('hospital').call(api.listSealKeys, { query: {} });
    expect(own.items[0]).toMatchObject({ state: 'active' });
    const { id: key } = await network.client('insurer').call(api.makeSealKey, { body: { agreement, passphrase } });
    await sealPatients(network.client('insurer'), agreement, key);
  });

  test('people who opt out after a table was encrypted end its use, until it is encrypted without them', async () => {
    await network.as('insurer', ({ subjects }) =>
      subjects.optOut({ dataset: 'people', column: 'pid', values: ['insurer1'] }),
    );
    // Of its own records a party tells no more than that something is wrong.
    await expect(ask('by-treatment')).rejects.toMatchObject({ code: 'peer-refused', culprit: 'insurer' });
    expect(await newest('insurer')).toMatchObject({ error: expect.stringMatching(/^data-changed: people of people/) });
    await sealPatients(network.client('insurer'), agreement, 2);
    expect(await ask('by-treatment')).toMatchObject({ state: 'done' });
    expect(await newest('insurer')).toMatchObject({ details: { leftOut: { patients: 1 } } });
  });

  test('an agreement that is revoked while servers compute: nothing is decrypted for it', async () => {
    const saying = { reason: 'The project is over', person: 'owner' };
    const parts = () => network.as('insurer', (organisation) => eventsOf(organisation, 'study-encrypted-part'));
    const before = (await parts()).length;
    whenComputed('insurer', ({ agreements }) => agreements.revoke(agreement, saying));
    await expect(ask('by-treatment')).rejects.toMatchObject({ code: 'agreement-revoked' });
    await nothingOpened();
    expect(await parts()).toHaveLength(before);
  });
});
