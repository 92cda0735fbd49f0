import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { draftAgreement, signNotice } from '@symbolon/agreement';
import { base64url, documentBytes, type SigningKey } from '@symbolon/crypto';
import { peerClient } from '@symbolon/service';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { noticeReceipt, noticesPath } from '../src/agreements/deliveries.ts';
import { openContext } from '../src/context.ts';
import { type AgreementInfo, requestLink } from '../src/index.ts';
import { agree, eventsOf, quiet, type Terms, type TestNetwork, testNetwork } from './network.ts';

let network: TestNetwork;
beforeEach(async () => {
  network = await testNetwork();
});
afterEach(() => network.close());

const because = (reason: string) => ({ reason, person: 'owner' });
const fredShows = (hash: string) => network.fred(({ agreements }) => agreements.show(hash));
const sallyShows = (hash: string) => network.sally(({ agreements }) => agreements.show(hash));
const states = async (hash: string) => [(await fredShows(hash)).state, (await sallyShows(hash)).state];

/** Kinds of the entries of a party's log that name an agreement. */
async function logged(who: 'fred' | 'sally', agreement: string): Promise<string[]> {
  return network[who](async ({ log, audit }) => {
    expect((await audit.verify()).ok).toBe(true);
    const kinds: string[] = [];
    for (let index = 0; index < log.size; index++) {
      const event = JSON.parse(Buffer.from((await log.store.entry(index)).event!).toString());
      if (event.agreement === agreement) kinds.push(event.kind.replace('agreement-', ''));
    }
    return kinds;
  });
}

/** Fred drafts, signs and sends an agreement. */
async function propose(): Promise<string> {
  const hash = await agree(network, { signed: false });
  await network.fred(async ({ agreements }) => {
    await agreements.sign(hash);
    await agreements.send(hash);
  });
  return hash;
}

async function signAndSend(who: 'fred' | 'sally', hash: string): Promise<AgreementInfo> {
  return network[who](async ({ agreements }) => {
    await agreements.sign(hash);
    await agreements.send(hash);
    return agreements.show(hash);
  });
}

/** An agreement that both have signed, handed over as a file: no server has to run. */
async function agreed(terms: Terms = {}): Promise<string> {
  const hash = await agree(network, { ...terms, signed: false });
  const signed = (who: 'fred' | 'sally', file?: Uint8Array) =>
    network[who](async ({ agreements }) => {
      if (file !== undefined) await agreements.receive(file);
      await agreements.sign(hash);
      return agreements.export(hash);
    });
  const file = await signed('sally', await signed('fred'));
  await network.fred(({ agreements }) => agreements.receive(file));
  return hash;
}

/** A version that replaces an agreement, drafted by fred. */
async function successorOf(hash: string, maxRuns: number): Promise<string> {
  const { agreement } = await fredShows(hash);
  const { kind: _, version: __, ...terms } = agreement;
  const draft = draftAgreement({ ...terms, predecessor: hash, link: { ...agreement.link!, maxRuns } });
  const context = await openContext(network.homes.fred.path, { logger: quiet });
  try {
    return await context.agreements.addDraft(draft);
  } finally {
    await context.close();
  }
}

describe('a proposal', () => {
  beforeEach(() => network.start());

  test('is countered; once all have signed the answer it stands in the place of the proposal', async () => {
    const hash = await propose();
    expect(await states(hash)).toEqual(['proposed', 'proposed']);
    const answer = await network.sally(async ({ agreements }) => {
      const { hash: answer, agreement } = await agreements.counter(hash, { link: { maxRuns: 3 }, title: 'Fewer runs' });
      expect(agreement).toMatchObject({ counters: hash, title: 'Fewer runs', link: { maxRuns: 3, reveal: 'pairs' } });
      expect((await agreements.show(hash)).state).toBe('proposed');
      return answer;
    });
    await signAndSend('sally', answer);
    expect(await states(hash)).toEqual(['countered', 'countered']);
    expect((await fredShows(hash)).version).toBe(answer);
    // Who has countered a proposal cannot sign it as well.
    const both = network.sally(({ agreements }) => agreements.sign(hash));
    await expect(both).rejects.toMatchObject({ code: 'agreement-superseded' });
    await signAndSend('fred', answer);
    expect(await states(hash)).toEqual(['amended', 'amended']);
    expect(await states(answer)).toEqual(['active', 'active']);
    expect(await requestLink(network.homes.fred.path, { agreement: answer })).toMatchObject({ state: 'done' });
    const what = await network.fred(({ agreements }) => agreements.history(hash));
    expect(what.map(({ what, by }) => `${what} ${by}`)).toEqual(['added null', 'signed fred', 'amended fred']);
    expect(what.at(-1)).toMatchObject({ version: answer, log: { epoch: 1 } });
  });

  test('a counter that is countered takes the place of both', async () => {
    const hash = await propose();
    const answer = await network.sally(async ({ agreements }) => (await agreements.counter(hash, { title: 'B' })).hash);
    await signAndSend('sally', answer);
    const again = await network.fred(async ({ agreements }) => (await agreements.counter(answer, { title: 'C' })).hash);
    await signAndSend('fred', again);
    await signAndSend('sally', again);
    for (const old of [hash, answer]) expect(await states(old)).toEqual(['amended', 'amended']);
    expect(await states(again)).toEqual(['active', 'active']);
  });

  test('is answered by what changes something of it, and stays within it', async () => {
    const hash = await propose();
    const answers: [unknown, string | undefined][] = [
      [{ parties: [] }, 'parties'],
      [{ predecessor: 'A'.repeat(43) }, 'predecessor'],
      [{ link: { maxRuns: 0 } }, 'link.maxRuns'],
      [{ unknown: 1 }, 'agreement'],
      [{}, undefined],
      ['a text', 'agreement'],
    ];
    await network.sally(async ({ agreements }) => {
      for (const [changes, culprit] of answers) {
        const refusal = { code: expect.stringMatching(/invalid$/), culprit };
        await expect(agreements.counter(hash, changes)).rejects.toMatchObject(refusal);
      }
    });
  });

  test('is declined: its author hears why, and nobody signs it any more', async () => {
    const hash = await propose();
    await network.sally(({ agreements }) => agreements.decline(hash, because('No purpose is given')));
    await vi.waitFor(async () => expect(await states(hash)).toEqual(['declined', 'declined']));
    expect((await fredShows(hash)).notices).toEqual([
      { by: 'sally', action: 'decline', reason: 'No purpose is given', at: expect.stringMatching(/Z$/) },
    ]);
    const signed = network.sally(({ agreements }) => agreements.sign(hash));
    await expect(signed).rejects.toMatchObject({ code: 'agreement-revoked' });
    await expect(network.fred(({ agreements }) => agreements.decline(hash, because('x')))).rejects.toMatchObject({
      code: 'conflict',
    });
  });

  test('that was revoked by its author stays so when it is signed too late', async () => {
    const hash = await propose();
    await network.fred(({ agreements }) => agreements.revoke(hash, because('Sent by mistake')));
    await vi.waitFor(async () => expect(await states(hash)).toEqual(['revoked', 'revoked']));
    await expect(signAndSend('sally', hash)).rejects.toMatchObject({ code: 'agreement-revoked' });
  });
});

describe('an agreement in force', () => {
  beforeEach(() => network.start());

  test('is suspended and resumed by one party, revoked by the other; both logs and histories say so', async () => {
    const hash = await agree(network);
    const link = () => requestLink(network.homes.fred.path, { agreement: hash });
    await network.sally(({ agreements }) => agreements.suspend(hash, because('The ethics board meets again')));
    await vi.waitFor(async () => expect(await states(hash)).toEqual(['suspended', 'suspended']));
    await expect(link()).rejects.toMatchObject({
      code: 'agreement-suspended',
      culprit: 'sally',
      message: expect.stringContaining('The ethics board meets again'),
    });
    const notMine = network.fred(({ agreements }) => agreements.resume(hash, because('Go on')));
    await expect(notMine).rejects.toMatchObject({ code: 'conflict' });
    await network.sally(({ agreements }) => agreements.resume(hash, because('It agreed')));
    await vi.waitFor(async () => expect(await states(hash)).toEqual(['active', 'active']));
    expect(await link()).toMatchObject({ state: 'done' });
    await network.fred(({ agreements }) => agreements.revoke(hash, because('The project is over')));
    await vi.waitFor(async () => expect(await states(hash)).toEqual(['revoked', 'revoked']));
    await expect(requestLink(network.homes.sally.path, { agreement: hash })).rejects.toMatchObject({
      code: 'agreement-revoked',
      culprit: 'fred',
    });
    for (const who of ['fred', 'sally'] as const) {
      const kinds = (await logged(who, hash)).filter((kind) => /suspended|resumed|revoked/.test(kind));
      expect(kinds).toEqual(['suspended', 'resumed', 'revoked']);
      const changes = await network[who](({ agreements }) => agreements.history(hash));
      expect(changes.map(({ what }) => what).filter((what) => what !== 'added')).toEqual([
        'term began',
        'signed',
        'signed',
        'suspended',
        'resumed',
        'revoked',
      ]);
      const revoked = changes.at(-1)!;
      expect(revoked).toMatchObject({
        by: 'fred',
        reason: 'The project is over',
        person: who === 'fred' ? 'owner' : null,
      });
      const event = await network[who](({ log }) => log.store.entry(revoked.log!.index));
      expect(Buffer.from(event.event!).toString()).toContain('"kind":"agreement-revoked"');
      expect((await network[who](({ agreements }) => agreements.show(hash))).untold).toEqual([]);
    }
  });

  test('a partner that is away hears of it when it is back', async () => {
    const hash = await agree(network);
    await network.stop('sally');
    await network.fred(({ agreements }) => agreements.revoke(hash, because('The project is over')));
    expect(await fredShows(hash)).toMatchObject({ state: 'revoked', untold: ['sally'] });
    expect((await sallyShows(hash)).state).toBe('active');
    await network.start();
    await vi.waitFor(async () => expect(await states(hash)).toEqual(['revoked', 'revoked']));
    await vi.waitFor(async () => expect((await fredShows(hash)).untold).toEqual([]));
  });

  test('said without a server running, the partner hears of it all the same', async () => {
    const hash = await agree(network);
    await network.stop('fred');
    await network.fred(({ agreements }) => agreements.suspend(hash, because('Audit')));
    expect(await states(hash)).toEqual(['suspended', 'suspended']);
  });

  test('ends at the end of its term, without anybody saying so', async () => {
    const hash = await agreed({ term: { from: '2020-01-01', until: '2020-12-31' } });
    expect(await states(hash)).toEqual(['expired', 'expired']);
    await expect(requestLink(network.homes.fred.path, { agreement: hash })).rejects.toMatchObject({
      code: 'agreement-term',
    });
    const future = await agreed({ term: { from: '2098-01-01', until: '2098-12-31' } });
    expect(await states(future)).toEqual(['signed', 'signed']);
  });

  test('is replaced by a successor that all sign; what is revoked takes its open successor with it', async () => {
    const hash = await agree(network);
    const next = await successorOf(hash, 20);
    await signAndSend('fred', next);
    expect(await states(hash)).toEqual(['active', 'active']);
    await network.fred(({ agreements }) => agreements.revoke(hash, because('The project is over')));
    await vi.waitFor(async () => expect(await states(next)).toEqual(['revoked', 'revoked']));
    await expect(signAndSend('sally', next)).rejects.toMatchObject({ code: 'agreement-revoked' });
  });
});

describe('at the same time', () => {
  /** Commands of fred's in a process each. @returns how each ended: a state, or the code of an error */
  const commands = (versions: readonly string[], ...words: string[]): Promise<string[]> =>
    Promise.all(
      versions.map(async (version) => {
        const script = join(import.meta.dirname, 'agreement-command.ts');
        const child = fork(script, [network.homes.fred.path, version, ...words], { execArgv: [] });
        const [answer] = await once(child, 'message');
        return answer as string;
      }),
    );

  test('of two successors of one version a party signs one, whoever asks', async () => {
    const hash = await agreed();
    const versions: string[] = [];
    for (const maxRuns of [11, 12, 13]) versions.push(await successorOf(hash, maxRuns));
    const once = await network.fred(({ agreements }) =>
      Promise.allSettled(versions.map((version) => agreements.sign(version))),
    );
    expect(once.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    const revoked = once.findIndex(({ status }) => status === 'fulfilled');
    await network.fred(({ agreements }) => agreements.revoke(versions[revoked]!, because('Another is better')));
    const answers = await commands(versions.toSpliced(revoked, 1), 'sign');
    expect(answers.toSorted()).toEqual(['agreement-superseded', 'proposed']);
  });

  test('the same said twice, or ten times, is said once', async () => {
    const hash = await agree(network, { signed: false });
    const ten = <T>(work: () => Promise<T>) => Promise.all(Array.from({ length: 10 }, work));
    await network.fred(({ agreements }) => ten(() => agreements.sign(hash)));
    await network.fred(({ agreements }) => ten(() => agreements.suspend(hash, because('Audit'))));
    expect(await commands([hash, hash, hash], 'revoke', 'Audit')).toEqual(['revoked', 'revoked', 'revoked']);
    expect(await logged('fred', hash)).toEqual(['signed', 'suspended', 'revoked']);
  });
});

describe('a notice', () => {
  const at = (seconds: number) => `${new Date(Date.now() + 1000 * seconds).toISOString().slice(0, 19)}Z`;
  const notice = (agreement: string, change: object = {}, key: SigningKey = network.homes.fred.signingKey) =>
    documentBytes(
      signNotice({ agreement, by: 'fred', action: 'suspend', reason: 'Audit', sequence: 5, at: at(0), ...change }, key),
    );
  /** Brings it to sally, as fred's server would. */
  const bring = (file: Uint8Array, by = 'fred') => network.sally(({ agreements }) => agreements.heard(file, by));

  test('that came before is confirmed again, and changes nothing', async () => {
    await network.start();
    const hash = await agree(network);
    const file = notice(hash);
    const { home, partner } = { home: network.homes.fred, partner: network.homes.fred.partners.get('sally') };
    const client = peerClient({ home, partner });
    for (let i = 0; i < 3; i++) {
      const sent = client.call('POST', noticesPath, { body: { document: base64url(file) }, answer: noticeReceipt });
      expect(await sent).toEqual({ agreement: hash, sequence: 5 });
    }
    await client.close();
    expect((await logged('sally', hash)).filter((kind) => kind === 'suspended')).toHaveLength(1);
    // Nor does an old one come back after what followed it.
    await bring(notice(hash, { action: 'resume', sequence: 6 }));
    await bring(file);
    expect((await sallyShows(hash)).state).toBe('active');
  });

  test('that is repeated with other words, back-dated, of another party or about another agreement is refused', async () => {
    const hash = await agreed();
    const other = await agreed({ maxRuns: 99 });
    await bring(notice(hash));
    const { sally } = network.homes;
    const attacks: [string, Uint8Array, string][] = [
      ['the same number, other words', notice(hash, { reason: 'Other' }), 'notice-order'],
      ['an older number', notice(hash, { sequence: 4, action: 'resume' }), 'notice-order'],
      ['back-dated', notice(hash, { sequence: 6, action: 'resume', at: at(-60) }), 'notice-order'],
      ['dated ahead', notice(hash, { sequence: 6, action: 'resume', at: at(7200) }), 'notice-order'],
      ['declined what it signed', notice(hash, { sequence: 6, action: 'decline' }), 'notice-order'],
      ['resumes what is not suspended', notice(other, { action: 'resume' }), 'notice-order'],
      ['signed by another', notice(hash, { sequence: 6, action: 'resume' }, sally.signingKey), 'document-signer'],
      ['in the name of another', notice(hash, { by: 'sally', sequence: 1 }), 'document-signer'],
      ['about what is not here', notice('A'.repeat(43)), 'not-found'],
    ];
    const moved = JSON.parse(Buffer.from(notice(hash, { sequence: 6, action: 'revoke' })).toString());
    const payload = JSON.parse(Buffer.from(moved.payload, 'base64url').toString());
    const elsewhere = Buffer.from(JSON.stringify({ ...payload, agreement: other })).toString('base64url');
    attacks.push([
      'moved to another agreement',
      Buffer.from(JSON.stringify({ ...moved, payload: elsewhere })),
      'bad-signature',
    ]);
    for (const [what, file, code] of attacks) {
      await expect(bring(file), what).rejects.toMatchObject({ code });
    }
    await expect(bring(notice(hash, { sequence: 6 }), 'keys')).rejects.toMatchObject({ code: 'agreement-party' });
    await expect(bring(Buffer.from('{}'))).rejects.toMatchObject({ code: 'bad-document' });
    const refused = await network.sally((organisation) => eventsOf(organisation, 'notice-refused'));
    expect(refused.map(({ code }) => code)).toEqual([
      ...attacks.map(([, , code]) => code),
      'agreement-party',
      'bad-document',
    ]);
    expect(refused[6]).toMatchObject({ by: 'fred', reason: expect.stringContaining('not expected') });
    expect([(await sallyShows(hash)).state, (await sallyShows(other)).state]).toEqual(['suspended', 'active']);
    expect((await logged('sally', hash)).filter((kind) => kind === 'suspended')).toHaveLength(1);
  });

  test('is read again with its signature: one that was altered in the store is found', async () => {
    const hash = await agreed();
    await bring(notice(hash));
    const sqlite = new DatabaseSync(join(network.homes.sally.path, 'symbolon.db'));
    sqlite.exec(
      `UPDATE agreement_notice SET document = replace(CAST(document AS TEXT), '"payload":"ey', '"payload":"eX')`,
    );
    sqlite.close();
    await expect(sallyShows(hash)).rejects.toThrow();
  });
});
