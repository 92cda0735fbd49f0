import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { base64url, insecureTestRng, Prg, systemRng } from '@symbolon/crypto';
import { dealCorrections, planCost, withInputPads } from '@symbolon/engine';
import { createKernels } from '@symbolon/kernels';
import { allPairsPlan, linkCost, linkPads, parseLinkProgram, programHash } from '@symbolon/linkage';
import { openDatabase, sessionId } from '@symbolon/service';
import { onBothDatabases } from '@symbolon/testkit/databases';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { collect, leaves, type Network, network, openBoth, program, settled } from './network.ts';

const plan = allPairsPlan(program);
const { answerKeyBytes, inputBytes } = planCost(plan);
const dataHash = base64url(new Uint8Array(32).fill(5));

/** Opens a session for both; gives what each got. */
async function opened(net: Network, changes: object = {}) {
  const [fred, sally] = await openBoth(net, [changes, changes]);
  return [settled(fred), settled(sally)] as const;
}

function signatures({ parties: [fred, sally] }: Network, session: string, hash = dataHash) {
  return { fred: fred.sign(session, hash), sally: sally.sign(session, hash) };
}

onBothDatabases(() => {
  describe('a session', () => {
    test('opens for all, gives each its own seeds, and the answer key against all signatures', async () => {
      const net = await network();
      const [fred, sally] = net.parties;
      const requests = [await fred.request(), await sally.request()] as const;
      const [a, b] = await Promise.all([fred.keys.open(requests[0], 20_000), sally.keys.open(requests[1], 20_000)]);
      expect(a.session).toBe(b.session);
      expect(a.nonces).toEqual(requests.map(({ nonce }) => nonce));
      expect(a.session).toBe(base64url(sessionId({ ...requests[0], nonces: a.nonces })));
      expect(a.seeds[1]).toEqual(b.seeds[0]);
      expect(new Set([a.seeds[0], b.seeds[1], a.seeds[1]].map((seed) => base64url(seed!))).size).toBe(3);

      const key = await collect(
        fred.keys.answer(a.session, { dataHash, signatures: signatures(net, a.session) }, answerKeyBytes),
      );
      const masks = [a, b].map(({ seeds }, party) => new Prg(seeds[party]!));
      const expected = [...dealCorrections({ plan, masks, kernels: createKernels() })];
      expect(Buffer.from(key).equals(Buffer.concat(expected))).toBe(true);
      expect(await leaves(net)).toMatchObject([
        { kind: 'session-issued', session: a.session, parties: ['fred', 'sally'] },
        { kind: 'answer-released', session: a.session, data: dataHash },
      ]);
    });

    test('with full pads: truly random ones, to their owner only, once, and before the answer key', async () => {
      const net = await network();
      const [fred, sally, mallory] = net.parties;
      const [a, b] = await opened(net, { pads: 'full' });
      const request = { dataHash, signatures: signatures(net, a.session) };
      const own = await collect(fred.keys.pads(a.session, inputBytes[0]!));
      await expect(collect(fred.keys.answer(a.session, request, answerKeyBytes))).rejects.toMatchObject({
        code: 'keyservice-refused',
        culprit: 'sally',
      });
      await expect(collect(fred.keys.pads(a.session, inputBytes[0]!))).rejects.toMatchObject({
        code: 'session-burned',
      });
      await expect(collect(mallory.keys.pads(a.session, inputBytes[0]!))).rejects.toMatchObject({
        code: 'session-unknown',
      });
      const other = await collect(sally.keys.pads(a.session, inputBytes[1]!));
      const key = await collect(fred.keys.answer(a.session, request, answerKeyBytes));
      const pads = new Map<number, Uint8Array>();
      for (const [owner, bytes] of [own, other].entries()) {
        let at = 0;
        for (const { node, bytes: length } of linkPads(program, owner)) {
          pads.set(node, bytes.subarray(at, at + length));
          at += length;
        }
      }
      const masks = [a, b].map(({ seeds }, party) => withInputPads(new Prg(seeds[party]!), (node) => pads.get(node)!));
      expect(Buffer.concat([...dealCorrections({ plan, masks, kernels: createKernels() })]).equals(key)).toBe(true);
    });

    test('is issued durably before the answer leaves, and once for an attempt', async () => {
      const net = await network();
      const [a] = await opened(net);
      const database = await openDatabase(net.keysHome);
      expect(await database.selectFrom('issued_session').selectAll().execute()).toMatchObject([
        { id: a.session, attempt: net.attempt, parties: '["fred","sally"]', released_at: null },
      ]);
      await database.destroy();
      for (const outcome of await openBoth(net)) expect(outcome).toMatchObject({ reason: { code: 'session-burned' } });
      const attempt = base64url(systemRng(32));
      const [again] = await opened(net, { attempt });
      expect(again.session).not.toBe(a.session);
      expect(again.seeds[0]).not.toEqual(a.seeds[0]);
    });

    test('dies with a restart; a clone of the machine with the same generator deals other seeds', async () => {
      const net = await network();
      await net.restart(insecureTestRng('clone'));
      const [fred] = net.parties;
      const [a] = await opened(net);
      await net.restart(insecureTestRng('clone'));
      const request = { dataHash, signatures: signatures(net, a.session) };
      const late = collect(fred.keys.answer(a.session, request, answerKeyBytes));
      await expect(late).rejects.toMatchObject({ code: 'session-expired' });
      const [b] = await opened(net, { attempt: base64url(systemRng(32)) });
      expect(b.seeds[0]).not.toEqual(a.seeds[0]);
    });

    test('expires, and can be given up', async () => {
      const net = await network({ sessionSeconds: 4 });
      const [fred, sally] = net.parties;
      const [a] = await opened(net);
      const request = { dataHash, signatures: signatures(net, a.session) };
      await new Promise((done) => setTimeout(done, 4300));
      await expect(collect(fred.keys.answer(a.session, request, answerKeyBytes))).rejects.toMatchObject({
        code: 'session-expired',
      });
      const [b] = await opened(net, { attempt: base64url(systemRng(32)) });
      await sally.keys.abort(b.session);
      const gone = { dataHash, signatures: signatures(net, b.session) };
      await expect(collect(fred.keys.answer(b.session, gone, answerKeyBytes))).rejects.toMatchObject({
        code: 'session-expired',
      });
    });
  });
});

describe('refusals to open', () => {
  const other = base64url(new Uint8Array(32).fill(9));
  const larger = { ...program, rows: [4, 5] as const };

  test.each([
    ['another agreement', { agreement: other }, 'agreement'],
    ['another program', { program: larger, programHash: base64url(programHash(larger)) }, 'programHash'],
    ['other pads', { pads: 'full' }, 'pads'],
  ])('%s: both are told', async (_, changes, field) => {
    const net = await network();
    for (const outcome of await openBoth(net, [{}, changes])) {
      expect(outcome).toMatchObject({
        reason: { code: 'peer-disagrees', message: expect.stringContaining(`different ${field}`) },
      });
    }
    expect((await leaves(net)).map(({ kind, code }) => [kind, code])).toEqual([
      ['refused', 'peer-disagrees'],
      ['refused', 'peer-disagrees'],
    ]);
  });

  test('the other party does not come: named', async () => {
    const net = await network({ waitSeconds: 1 });
    const [fred] = net.parties;
    const waiting = fred.keys.open(await fred.request(), 20_000);
    await expect(waiting).rejects.toMatchObject({ code: 'peer-silent', culprit: 'sally' });
  });

  test('asked twice, or by one that hung up and comes back', async () => {
    const net = await network();
    const [fred, sally] = net.parties;
    const hangUp = new AbortController();
    const first = fred.keys.open(await fred.request(), 20_000, hangUp.signal).catch((error: unknown) => error);
    await new Promise((done) => setTimeout(done, 1000));
    await expect(fred.keys.open(await fred.request(), 20_000)).rejects.toMatchObject({
      code: 'conflict',
      culprit: 'fred',
    });
    hangUp.abort();
    await first;
    await new Promise((done) => setTimeout(done, 1000));
    const [again, theirs] = await Promise.all([
      fred.keys.open(await fred.request(), 20_000),
      sally.keys.open(await sally.request(), 20_000),
    ]);
    expect(again.session).toBe(theirs.session);
  });

  test('by one that is no party, with wrong keys, an unknown party, a wrong hash, too many parties', async () => {
    const net = await network();
    const [fred, , mallory] = net.parties;
    const { parties } = await fred.request();
    const [p0, p1] = parties as [(typeof parties)[0], (typeof parties)[0]];
    const { id, organisationKey, signingKey } = mallory.card;
    const cases: [typeof fred, object, string][] = [
      [mallory, {}, 'keyservice-refused'],
      [fred, { parties: [p0, { ...p1, signingKey: other }] }, 'keyservice-refused'],
      [fred, { parties: [p0, { ...p1, id: 'nobody' }] }, 'unknown-organisation'],
      [fred, { parties: [p0, p0] }, 'keyservice-refused'],
      [fred, { programHash: other }, 'hash-mismatch'],
      [fred, { program: { ...program, rows: [0, 5] } }, 'plan-invalid'],
    ];
    for (const [who, changes, code] of cases) {
      await expect(who.keys.open(await who.request(changes), 20_000), code).rejects.toMatchObject({ code });
    }
    const three = { parties: [...parties, { id, organisationKey, signingKey }] };
    const requests = await Promise.all(net.parties.map((party) => party.request(three)));
    const outcomes = await Promise.allSettled(net.parties.map(({ keys }, i) => keys.open(requests[i]!, 20_000)));
    for (const outcome of outcomes) expect(outcome).toMatchObject({ reason: { code: 'plan-invalid' } });
  });

  test('a stranger to an attempt cannot disturb it', async () => {
    const net = await network();
    const [fred, sally, mallory] = net.parties;
    const waiting = fred.keys.open(await fred.request(), 20_000);
    await new Promise((done) => setTimeout(done, 1000));
    const { id, organisationKey, signingKey } = mallory.card;
    const [, p1] = (await sally.request()).parties;
    const intruding = await mallory.request({ parties: [{ id, organisationKey, signingKey }, p1] });
    await expect(mallory.keys.open(intruding, 20_000)).rejects.toMatchObject({
      code: 'keyservice-refused',
      culprit: 'mallory',
    });
    await sally.keys.open(await sally.request(), 20_000);
    await waiting;
  });

  test('a log that shrank, forked or is signed by another key', async () => {
    const net = await network();
    const [fred, , mallory] = net.parties;
    for (let i = 0; i < 3; i++) await fred.note();
    await opened(net);
    const attempt = base64url(systemRng(32));
    const forged = await fred.request({ attempt, checkpoint: fred.log.checkpoint(mallory.home.logKey) });
    await expect(fred.keys.open(forged, 20_000)).rejects.toMatchObject({ code: 'bad-signature', culprit: 'fred' });
    const shrunk = await fred.request({ attempt, checkpoint: fred.log.checkpoint(fred.home.logKey, 2) });
    await expect(fred.keys.open(shrunk, 20_000)).rejects.toMatchObject({ code: 'log-inconsistent', culprit: 'fred' });
    await fred.note();
    const unproved = await fred.request({ attempt, consistency: { from: 3, proof: [other] } });
    await expect(fred.keys.open(unproved, 20_000)).rejects.toMatchObject({ code: 'log-inconsistent', culprit: 'fred' });
    await opened(net, { attempt });
  });

  test('more sessions than there is room for, or requests in a minute', async () => {
    const full = await network({ maxSessionsPerPartner: 1 });
    await opened(full);
    const [fred] = full.parties;
    const another = await fred.request({ attempt: other });
    await expect(fred.keys.open(another, 20_000)).rejects.toMatchObject({
      code: 'keyservice-refused',
      culprit: 'fred',
    });
    const slow = await network({ maxRequestsPerMinute: 2 });
    const [hasty] = slow.parties;
    for (const code of ['session-unknown', 'session-unknown', 'keyservice-refused']) {
      await expect(hasty.keys.abort(other)).rejects.toMatchObject({ code });
    }
  });
});

describe('refusals of the answer key', () => {
  test('to anyone but p0, without every signature over this data in this session, and twice', async () => {
    const net = await network();
    const [fred, sally, mallory] = net.parties;
    const [{ session }] = await opened(net);
    const all = signatures(net, session);
    const otherHash = base64url(new Uint8Array(32).fill(6));
    const ask = (who: typeof fred, request: object, id = session) =>
      collect(who.keys.answer(id, request as Parameters<typeof who.keys.answer>[1], answerKeyBytes));
    const elsewhere = base64url(new Uint8Array(32));
    const cases: [typeof fred, object, string, string, string?][] = [
      [sally, { dataHash, signatures: all }, 'keyservice-refused', 'sally'],
      [mallory, { dataHash, signatures: all }, 'session-unknown', 'mallory'],
      [fred, { dataHash, signatures: all }, 'session-unknown', 'fred', elsewhere],
      [fred, { dataHash, signatures: { fred: all.fred } }, 'document-signer', 'sally'],
      [fred, { dataHash: otherHash, signatures: all }, 'bad-signature', 'fred'],
      [fred, { dataHash, signatures: { ...all, sally: sally.sign(session, otherHash) } }, 'bad-signature', 'sally'],
      [fred, { dataHash, signatures: { ...all, sally: sally.sign(elsewhere, dataHash) } }, 'bad-signature', 'sally'],
      [fred, { dataHash, signatures: { ...all, sally: fred.sign(session, dataHash) } }, 'bad-signature', 'sally'],
      [
        fred,
        { dataHash, signatures: { ...all, mallory: mallory.sign(session, dataHash) } },
        'document-signer',
        'mallory',
      ],
    ];
    for (const [who, request, code, culprit, id] of cases) {
      await expect(ask(who, request, id), code).rejects.toMatchObject({ code, culprit });
    }
    expect(await collect(fred.keys.pads(session, 1)).catch((error: unknown) => error)).toMatchObject({
      code: 'keyservice-refused',
    });
    const twice = await Promise.allSettled([0, 1].map(() => ask(fred, { dataHash, signatures: all })));
    expect(twice.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    await expect(ask(fred, { dataHash, signatures: all })).rejects.toMatchObject({ code: 'session-burned' });
    const refused = (await leaves(net)).filter(({ kind }) => kind === 'refused');
    expect(refused.map(({ code }) => code)).toEqual([
      ...cases.map(([, , code]) => code),
      'keyservice-refused',
      'session-burned',
      'session-burned',
    ]);
  });

  test('to p0, where the program names p1', async () => {
    const net = await network();
    const [fred, sally] = net.parties;
    const named = parseLinkProgram({ protocol: 'link-keys/1', rows: [3, 5], cardinality: 'many-to-many', to: [1] });
    const [{ session }] = await opened(net, { program: named, programHash: base64url(programHash(named)) });
    const request = { dataHash, signatures: signatures(net, session) };
    const bytes = linkCost(named).answerKeyBytes;
    await expect(collect(fred.keys.answer(session, request, bytes))).rejects.toMatchObject({
      code: 'keyservice-refused',
      culprit: 'fred',
    });
    expect(await collect(sally.keys.answer(session, request, bytes))).toHaveLength(bytes);
  });

  test('ends the session when p0 hangs up in the middle', async () => {
    const net = await network();
    const [fred] = net.parties;
    const [{ session }] = await opened(net);
    const request = { dataHash, signatures: signatures(net, session) };
    const hangUp = new AbortController();
    const stream = fred.keys.answer(session, request, answerKeyBytes, hangUp.signal);
    await stream.next();
    hangUp.abort();
    await stream.next().catch(() => undefined);
    await expect(collect(fred.keys.answer(session, request, answerKeyBytes))).rejects.toMatchObject({
      code: 'session-burned',
    });
  });
});

test('bodies are never stored: nonces, seeds, signatures and programs leave no trace on disk', async () => {
  const net = await network();
  const [fred, sally] = net.parties;
  const requests = [await fred.request(), await sally.request()] as const;
  const [a, b] = await Promise.all([fred.keys.open(requests[0], 20_000), sally.keys.open(requests[1], 20_000)]);
  const all = signatures(net, a.session);
  await collect(fred.keys.answer(a.session, { dataHash, signatures: all }, answerKeyBytes));
  const canaries = [...a.nonces, ...[...a.seeds, ...b.seeds].map(base64url), all.fred, all.sally, '"leaves"'];
  const found = () => {
    const files = readdirSync(net.keysHome.path, { recursive: true, encoding: 'utf8' }).filter((name) =>
      /\.(db|wal|db-wal)$/.test(name),
    );
    const disk = Buffer.concat(files.map((name) => readFileSync(join(net.keysHome.path, name))));
    return (text: string) => disk.includes(text) || disk.includes(Buffer.from(text, 'base64url'));
  };
  expect(canaries.filter(found())).toEqual([]);
  // The control: what is meant to be there is found.
  expect(found()(a.session)).toBe(true);
});

test('its log can be followed, and its status asked', async () => {
  const net = await network();
  const [fred] = net.parties;
  await opened(net);
  const answer = z.object({ checkpoint: z.string(), proof: z.array(z.string()) });
  expect((await fred.client.call('GET', '/v1/log/checkpoint/1', { answer })).checkpoint).toMatch(
    /^symbolon\/keys\n1\n/,
  );
  expect((await fred.client.call('GET', '/v1/log/checkpoint', { answer })).proof).toEqual([]);
  await expect(fred.client.call('GET', '/v1/log/checkpoint/9', { answer })).rejects.toMatchObject({
    code: 'not-found',
  });
  const status = await fred.client.call('GET', '/v1/status', { answer: z.record(z.string(), z.unknown()) });
  expect(status).toMatchObject({ id: 'keys', role: 'keyservice', caller: 'fred', logSize: 1 });
  await net.stop();
  await expect(fred.keys.seenCheckpoint()).rejects.toMatchObject({ code: 'keyservice-down', culprit: 'keys' });
});
