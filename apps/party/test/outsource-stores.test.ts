import { signManifest } from '@symbolon/fhe';
import { createLogger } from '@symbolon/service';
import { onBothDatabases } from '@symbolon/testkit/databases';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import { openContext, type PartyContext } from '../src/context.ts';
import { outsourcedColumn } from '../src/outsource/describe.ts';
import { Gateway } from '../src/outsource/gateway.ts';
import { SealKeys } from '../src/outsource/keys.ts';
import { SealedQuestions } from '../src/outsource/questions.ts';
import { type SealedResult, SealedRuns } from '../src/outsource/runs.ts';
import { layoutOf, SealedTables } from '../src/outsource/tables.ts';
import { Jobs } from '../src/run/jobs.ts';
import { waitingForPeople } from '../src/waiting.ts';
import { passphrase, type SealedNetwork, sealedAgreement, sealedNetwork } from './sealed-network.ts';

const result: SealedResult = {
  ...{ columns: ['n'], rows: [['7']], cells: [], totals: [], method: null },
  ...{ salt: 'c2FsdA', recomputed: 'same', seconds: { evaluate: 1, open: 1 } },
};
const owner = { kind: 'owner', id: 'ann', roles: ['privacy-officer', 'data-steward', 'analyst'] } as const;

onBothDatabases(() => {
  let context: PartyContext;
  let agreement: string;
  let network: SealedNetwork;
  beforeEach(async () => {
    network = await sealedNetwork();
    onTestFinished(() => network.close());
    agreement = await network.agree();
    const logger = createLogger({ id: 'hospital', logLevel: 'silent' });
    context = await openContext(network.homes.hospital.path, { logger });
    onTestFinished(() => context.close());
  });

  test('keys and tables: a key with tables is not destroyed; retired with them; a table gives way to the one that replaces it', async () => {
    const [keys, tables] = [new SealKeys(context), new SealedTables(context)];
    onTestFinished(() => keys.close());
    const first = await keys.generate({ agreement, kind: 'exact', passphrase }, 'ann');
    const columns = [outsourcedColumn('treated', { type: 'boolean', policy: 'group' }, undefined)];
    const described = { name: 'patients', patient: 'pid', minPatients: 5, columns };
    const wanted = { agreement, key: first.id, described, replaces: null, person: 'ann' };
    const table = await tables.begin(wanted);
    await expect(tables.current(agreement, 'patients')).rejects.toMatchObject({ code: 'not-found' });
    const of = { id: new Uint8Array(16), owner: 'hospital', name: 'patients', key: first.key };
    const manifest = signManifest(layoutOf(described, 10), of, context.home.signingKey);
    const made = { rows: 10, digest: 'd', leftOut: 0, manifest };
    await tables.encrypted(table, made);
    await tables.uploaded(table);
    expect(await tables.current(agreement, 'patients')).toMatchObject({ ...table, ...made, state: 'uploaded' });
    await expect(keys.destroy(first.id, 'test')).rejects.toMatchObject({ code: 'conflict' });

    const second = await keys.generate({ agreement, kind: 'exact', passphrase }, 'ann');
    const other = await tables.begin({ ...wanted, key: second.id, replaces: table.id });
    await tables.encrypted(other, made);
    await tables.uploaded(other);
    expect((await tables.list()).map(({ state }) => state)).toEqual(['replaced', 'uploaded']);
    await keys.destroy(first.id, 'its tables were moved');
    await expect(keys.unlock(first.id, passphrase)).rejects.toMatchObject({ code: 'seal-key' });
    await keys.retire(second.id, 'a check row has another value');
    expect(await keys.list()).toMatchObject([
      { id: first.id, state: 'destroyed', open: false, tables: [] },
      { id: second.id, state: 'retired', open: true, tables: [other.id], why: 'a check row has another value' },
    ]);
    await expect(keys.opened(second.id)).rejects.toMatchObject({ code: 'seal-key' });
    expect((await keys.opened(second.id, 'move')).ended).toBe(false);
    expect((await tables.find(other.id)).state).toBe('retired');
  });

  test('a key that nobody uses is locked after a while', async () => {
    const settings = { ...context.settings, sealMinutes: 1 / 15 };
    const keys = new SealKeys({ ...context, settings });
    onTestFinished(() => keys.close());
    const { id } = await keys.generate({ agreement, kind: 'exact', passphrase }, 'ann');
    const used = await keys.opened(id);
    await expect.poll(() => used.ended, { timeout: 30_000 }).toBe(true);
    expect(await keys.show(id)).toMatchObject({ state: 'active', open: false });
    await expect(keys.opened(id)).rejects.toMatchObject({ code: 'seal-key' });
    await expect(keys.unlock(id, `${passphrase}?`)).rejects.toMatchObject({ code: 'passphrase-wrong' });
    expect(await keys.unlock(id, passphrase)).toMatchObject({ open: true });
  });

  test('questions: the same, asked at the same time, is one', async () => {
    const questions = new SealedQuestions(context);
    const text = 'SELECT COUNT(*) FROM patients';
    const asked = await Promise.all(Array.from({ length: 4 }, () => questions.ask(agreement, text, owner)));
    expect(new Set(asked.map(({ id }) => id)).size).toBe(1);
    const { id } = (await questions.list())[0]!;
    await questions.approve(id, owner);
    expect(await questions.show(id)).toMatchObject({ approvals: [{ by: 'ann' }], approvalsNeeded: 1 });
    await questions.withdraw(id, owner);
    expect((await questions.show(id)).approvals).toEqual([]);
  });

  test('a result that people must look at first is shown to others once it is released, until that is taken back', async () => {
    const gateway = new Gateway(context, await Jobs.open(context));
    const { runs } = gateway;
    const rule = { action: 'release', people: 1, roles: ['privacy-officer'] };
    const watched = await network.agree(sealedAgreement({}, { title: 'Looked at', approvals: [rule] }));
    const id = await runs.begin({ agreement: watched, question: 1, table: 1, purpose: undefined, person: 'ann' });
    await runs.done(id, result, new TextEncoder().encode('{"kind":"sealed-run"}'));
    const analyst = { kind: 'user', id: 'bob', roles: ['analyst'] } as const;
    expect(await gateway.result(id, owner)).toEqual(result);
    await expect(gateway.result(id, analyst)).rejects.toMatchObject({ code: 'unapproved' });
    const waits = { kind: 'sealed', run: id, agreement: watched, study: null, by: [], needed: 1 };
    expect(await waitingForPeople(context)).toEqual({ releases: [waits], erasures: [] });
    await expect(gateway.release(id, analyst)).rejects.toMatchObject({ code: 'forbidden' });
    await gateway.release(id, owner);
    expect(await gateway.result(id, analyst)).toEqual(result);
    expect((await waitingForPeople(context)).releases).toEqual([]);
    await gateway.withdrawRelease(id, owner);
    await expect(gateway.result(id, analyst)).rejects.toMatchObject({ code: 'unapproved' });
  });

  test('runs: of any number at the same time no more open than agreed; one that was stopped goes on once', async () => {
    const runs = new SealedRuns(context);
    const run = { agreement, question: 1, table: 1, purpose: undefined, person: 'ann' };
    const ids = await Promise.all(Array.from({ length: 5 }, () => runs.begin(run)));
    const opened = await Promise.allSettled(ids.map((id) => runs.opening(id, 2)));
    const passed = ids.filter((_, i) => opened[i]!.status === 'fulfilled');
    expect(passed).toHaveLength(2);
    // A run that goes on counts once.
    await runs.opening(passed[0]!, 2);
    await runs.keepAsked(passed[0]!, 17);
    await runs.stopAll();
    const again = await Promise.allSettled([1, 2, 3].map(() => runs.resume(passed[0]!)));
    expect(again.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(await runs.asked(passed[0]!)).toBe(17);
    await runs.done(passed[0]!, result, new TextEncoder().encode('{"kind":"sealed-run"}'));
    expect(await runs.result(passed[0]!)).toEqual(result);
    expect(await runs.show(passed[0]!)).toMatchObject({ state: 'done', logEpoch: 1, error: null });
    await runs.failed(passed[1]!, new Error('a secret value'));
    expect(await runs.show(passed[1]!)).toMatchObject({ state: 'failed', error: 'internal' });
  });
});
