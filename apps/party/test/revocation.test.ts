import { Log } from '@symbolon/ledger';
import { localClient } from '@symbolon/service';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { z } from 'zod';
import { type Organisation, requestLink, requestStudy } from '../src/index.ts';
import { RunStore } from '../src/link/runs.ts';
import { StudyRunStore } from '../src/study/runs.ts';
import { agree, type TestNetwork, testNetwork } from './network.ts';
import { type Party, parties, type StudyNetwork, studyNetwork } from './study-network.ts';

/** A moment of a run at one party: before or after it writes what it must not do without having written. */
type Moment = readonly ['before' | 'after', 'begun' | 'data-signed' | 'result-opening' | 'done'];

/** Calls `revoke` once, at that moment of a run at `who`; of `done`, at whichever party, and all others wait. All servers run in this process. */
function atMoment([when, what]: Moment, who: string, revoke: () => Promise<unknown>): void {
  let revoking: Promise<unknown> | undefined;
  const meddle = async <T>(write: () => Promise<T>): Promise<T> => {
    if (when === 'before') {
      revoking ??= revoke();
      await revoking;
      return write();
    }
    const written = await write();
    revoking ??= revoke();
    await revoking;
    return written;
  };
  if (what === 'done') {
    for (const store of [RunStore.prototype, StudyRunStore.prototype]) {
      const done = store.done as (...args: unknown[]) => Promise<void>;
      const held = function (this: unknown, ...args: unknown[]) {
        return meddle(() => done.apply(this, args));
      };
      vi.spyOn(store, 'done').mockImplementation(held as never);
    }
    return;
  }
  const { append } = Log.prototype;
  vi.spyOn(Log.prototype, 'append').mockImplementation(function (this: Log<unknown>, event, ...rest) {
    const { kind } = event as { kind: string };
    const write = () => append.call(this, event, ...rest);
    const fits = kind === what || (what === 'begun' && kind.endsWith('-begun'));
    return fits && this.origin === `symbolon/${who}` ? meddle(write) : write();
  } as typeof append);
}

/** Where the entries about an agreement stand in a party's log, by kind. */
async function entries({ log, audit }: Organisation, agreement: string): Promise<{ kind: string; index: number }[]> {
  expect((await audit.verify()).ok).toBe(true);
  const found: { kind: string; index: number }[] = [];
  for (let index = 0; index < log.size; index++) {
    const event = JSON.parse(Buffer.from((await log.store.entry(index)).event!).toString());
    if (event.agreement === agreement) found.push({ kind: event.kind, index });
  }
  return found;
}

/** Holds a party's log against what it kept: nothing was opened after the revocation, and nothing kept that was not opened before. */
function requireOrder(found: readonly { kind: string; index: number }[], kept: boolean): void {
  const at = (kind: string): number => found.find((entry) => entry.kind === kind)?.index ?? Number.POSITIVE_INFINITY;
  const opening = at('result-opening');
  if (opening !== Number.POSITIVE_INFINITY) expect(opening).toBeLessThan(at('agreement-revoked'));
  if (kept) expect(opening).toBeLessThan(Number.POSITIVE_INFINITY);
}

const because = { reason: 'A patient group has objected', person: 'owner' };
const stoppedHere = { code: expect.stringMatching(/^(agreement-revoked|peer-gone|session-unknown)$/) };

afterEach(() => vi.restoreAllMocks());

describe('a link whose agreement is revoked by its peer', () => {
  let network: TestNetwork;
  beforeEach(async () => {
    network = await testNetwork();
    await network.start();
  });
  afterEach(() => network.close());

  test.each<Moment>([
    ['before', 'begun'],
    ['after', 'begun'],
    ['before', 'data-signed'],
    ['after', 'data-signed'],
    ['before', 'result-opening'],
    ['after', 'result-opening'],
  ])('%s it is %s ends; nothing opens that had not opened before', async (...moment) => {
    const agreement = await agree(network);
    const revoked = Promise.withResolvers<void>();
    atMoment(moment, 'sally', async () => {
      await network.sally(({ agreements }) => agreements.revoke(agreement, because));
      revoked.resolve();
    });
    await expect(requestLink(network.homes.fred.path, { agreement })).rejects.toMatchObject(stoppedHere);
    await revoked.promise;
    vi.restoreAllMocks();
    await vi.waitFor(async () => {
      const info = await network.fred(({ agreements }) => agreements.show(agreement));
      expect(info.state).toBe('revoked');
    });
    for (const side of [network.fred, network.sally]) {
      await side(async (organisation) => {
        const [run] = await organisation.links.list();
        expect(run?.state ?? 'failed').toBe('failed');
        requireOrder(await entries(organisation, agreement), false);
        if (run !== undefined) for await (const _ of organisation.links.matches(run.id)) expect.unreachable();
      });
    }
    const opened = await network.sally((organisation) => entries(organisation, agreement));
    const due = moment.join(' ') === 'after result-opening';
    expect(opened.some(({ kind }) => kind === 'result-opening')).toBe(due);
    const status = z.object({ sessions: z.record(z.string(), z.number()) });
    const client = localClient(network.homes.keys);
    await vi.waitFor(async () => {
      const { sessions } = await client.call('GET', '/v1/status', { answer: status });
      expect(Object.values(sessions).every((count) => count === 0)).toBe(true);
    });
    await client.close();
    for (const who of ['fred', 'sally'] as const) {
      await expect(requestLink(network.homes[who].path, { agreement })).rejects.toMatchObject({
        code: 'agreement-revoked',
      });
    }
  });

  test('before its result is kept is kept by nobody', async () => {
    const agreement = await agree(network);
    const state = () => network.sally(async ({ agreements }) => (await agreements.show(agreement)).state);
    atMoment(['before', 'done'], 'both', async () => {
      await network.fred(({ agreements }) => agreements.revoke(agreement, because));
      await vi.waitFor(async () => expect(await state()).toBe('revoked'));
    });
    await expect(requestLink(network.homes.fred.path, { agreement })).rejects.toMatchObject(stoppedHere);
    for (const side of [network.fred, network.sally]) {
      await side(async (organisation) => {
        await vi.waitFor(async () => expect((await organisation.links.list())[0]!.state).toBe('failed'));
        requireOrder(await entries(organisation, agreement), false);
        for await (const _ of organisation.links.matches(1)) expect.unreachable();
      });
    }
  });

  test('once it is done leaves the result with both', async () => {
    const agreement = await agree(network);
    expect(await requestLink(network.homes.fred.path, { agreement })).toMatchObject({ state: 'done' });
    await network.sally(({ agreements }) => agreements.revoke(agreement, because));
    for (const side of [network.fred, network.sally]) {
      await side(async (organisation) => {
        expect((await organisation.links.list())[0]).toMatchObject({ state: 'done' });
        requireOrder(await entries(organisation, agreement), true);
        expect(await organisation.audit.verify()).toMatchObject({ ok: true, statements: 1 });
      });
    }
  });
});

describe('a study whose agreement is revoked by one of three parties', () => {
  let network: StudyNetwork;
  beforeEach(async () => {
    network = await studyNetwork();
    await network.start();
  });
  afterEach(() => network.close());

  test.each<Moment>([
    ['before', 'data-signed'],
    ['after', 'data-signed'],
    ['before', 'result-opening'],
    ['after', 'result-opening'],
    ['before', 'done'],
  ])('%s it is %s ends everywhere; nothing is kept', async (...moment) => {
    const agreement = await network.agree();
    const state = (party: Party) =>
      network.as(party, async ({ agreements }) => (await agreements.show(agreement)).state);
    atMoment(moment, 'insurer', async () => {
      await network.as('insurer', ({ agreements }) => agreements.revoke(agreement, because));
      if (moment[1] !== 'done') return;
      for (const party of parties) await vi.waitFor(async () => expect(await state(party)).toBe('revoked'));
    });
    const asked = requestStudy(network.homes.hospital.path, { agreement, study: 'by-region' });
    await expect(asked).rejects.toMatchObject(stoppedHere);
    vi.restoreAllMocks();
    for (const party of parties satisfies readonly Party[]) {
      await network.as(party, async (organisation) => {
        await vi.waitFor(async () => expect((await organisation.agreements.show(agreement)).state).toBe('revoked'));
        await vi.waitFor(async () => expect((await organisation.studies.runs())[0]!.state).toBe('failed'));
        requireOrder(await entries(organisation, agreement), false);
      });
    }
  });
});
