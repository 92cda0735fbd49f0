import {
  type Answer,
  challengeAnswer,
  deployedPairs,
  loginBegun,
  loginDone,
  loginText,
  sessionOutcome,
  signAnswer,
  transcriptHash,
} from '@symbolon/consent';
import {
  base64url,
  ephemeralKey,
  fromBase64url,
  hashLabelled,
  hpkeSeal,
  type SymbolonError,
  utf8,
} from '@symbolon/crypto';
import { CardAuthority } from '@symbolon/testkit/smartcards';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { playedCard } from '../../../../packages/consent/test/cards.ts';
import { type Client, Network, wire } from './network.ts';

const anything = z.unknown();
const refused = (code: string) => expect.objectContaining({ code });

let network: Network;
let first: Client;
let doctor: Client;
let third: Client;
let count = 0;
/** A patient of a test's own. */
const somebody = () => `patient ${++count}`;

beforeAll(async () => {
  network = await Network.make({ settings: { maxRequestsPerMinute: 10_000, maxFailuresPerHour: 10_000 } });
  await network.start();
  [first, doctor, third] = [
    await network.client('first'),
    await network.client('doctor'),
    await network.client('third'),
  ];
  for (const client of [first, doctor, third]) await client.logIn();
});

afterAll(() => network?.close());

test('a patient consents over TLS, and nothing below is refused for another reason', async () => {
  const [patient, card] = [somebody(), playedCard('P-256')];
  expect(await first.visit(patient, 'enrol', card)).toMatchObject({ state: 'done', grant: null });
  expect(await doctor.visit(patient, 'reidentify', card)).toMatchObject({ state: 'done', grant: { kind: 'consent' } });
});

describe('attacks on an answer', () => {
  interface Scene {
    readonly answer: Answer;
    /** About another patient. */
    readonly other: Answer;
    /** What is changed, signed again by the same card for the same connection, as a dishonest client does. */
    resigned(changed: Answer): Promise<Answer>;
  }

  async function scene(): Promise<Scene> {
    const answers = [];
    const challenges = new Map<string, Awaited<ReturnType<Client['start']>>>();
    for (const patient of [somebody(), somebody()]) {
      const card = playedCard('P-256');
      await first.visit(patient, 'enrol', card);
      const challenge = await doctor.start(patient, 'reidentify');
      challenges.set(base64url(challenge.session), challenge);
      answers.push(await doctor.answered(patient, 'reidentify', card, {}, challenge));
    }
    const resigned = async (changed: Answer): Promise<Answer> => {
      const { session, nonce, serverKey, envelopes: offered } = challenges.get(base64url(changed.session))!;
      const { clientKey, pairs, purpose, groups, status } = changed;
      const terms = { ...network.terms(doctor.physician, 'reidentify'), purpose, groups, status };
      const transcript = transcriptHash(terms, { session, nonce, serverKey, clientKey, offered, pairs });
      return signAnswer({ answer: changed, transcript }, doctor.physician.card, await doctor.exporter());
    };
    return { answer: answers[0]!, other: answers[1]!, resigned };
  }

  const context = { info: utf8('symbolon consent answer'), aad: hashLabelled('x') };
  const invented = () => {
    const centre = { kem: 'X25519' as const, publicKey: network.centreKey() };
    return hpkeSeal(centre, network.rng(32), context, network.rng);
  };
  const cheats: Record<string, { change: (scene: Scene) => Answer | Promise<Answer>; code: string }> = {
    'another purpose': { change: ({ answer }) => ({ ...answer, purpose: 'research' }), code: 'consent-refused' },
    'another group': { change: ({ answer }) => ({ ...answer, groups: ['psychiatry'] }), code: 'consent-refused' },
    'a group that the module does not have, signed': {
      change: ({ answer, resigned }) => resigned({ ...answer, groups: ['royals'] }),
      code: 'request-invalid',
    },
    'groups out of order': {
      change: ({ answer, resigned }) => resigned({ ...answer, groups: ['psychiatry', 'general'] }),
      code: 'frame-shape',
    },
    'a better status of the card': {
      change: ({ answer }) => ({ ...answer, status: 'unknown' }),
      code: 'consent-refused',
    },
    'a revoked card, signed': {
      change: ({ answer, resigned }) => resigned({ ...answer, status: 'revoked' }),
      code: 'consent-refused',
    },
    'new pairs of another session': {
      change: ({ answer, other }) => ({ ...answer, pairs: other.pairs }),
      code: 'consent-refused',
    },
    'new pairs of another session, signed again': {
      change: ({ answer, other, resigned }) => resigned({ ...answer, pairs: other.pairs }),
      code: 'consent-refused',
    },
    'the answer of another patient, signed again': {
      change: ({ answer, other, resigned }) => resigned({ ...answer, secret: other.secret }),
      code: 'consent-refused',
    },
    'an invented K, signed again': {
      change: ({ answer, resigned }) => resigned({ ...answer, secret: invented() }),
      code: 'consent-refused',
    },
    'the session of another patient': {
      change: ({ answer, other }) => ({ ...answer, session: other.session }),
      code: 'consent-refused',
    },
    'a session that there is not': {
      change: ({ answer }) => ({ ...answer, session: network.rng(16) }),
      code: 'consent-refused',
    },
    'no secret': { change: ({ answer }) => ({ ...answer, secret: null }), code: 'frame-shape' },
    'no new pairs': { change: ({ answer }) => ({ ...answer, pairs: null }), code: 'frame-shape' },
    'pairs cut short': {
      change: ({ answer }) => ({ ...answer, pairs: answer.pairs!.slice(1) }),
      code: 'request-invalid',
    },
    'a secret cut short': {
      change: ({ answer }) => ({ ...answer, secret: answer.secret!.slice(1) }),
      code: 'request-invalid',
    },
    'a key of its own': {
      change: ({ answer }) => ({ ...answer, clientKey: ephemeralKey('X25519', network.rng).publicKey }),
      code: 'consent-refused',
    },
    'no purpose': { change: ({ answer }) => ({ ...answer, purpose: '' }), code: 'request-invalid' },
    'the signature of another card': {
      change: async ({ answer }) => ({ ...answer, signature: await playedCard('P-256').sign(utf8('x')) }),
      code: 'consent-refused',
    },
  };

  test.each(Object.entries(cheats))('%s', async (_, { change, code }) => {
    const all = await scene();
    await expect(doctor.finish(await change(all))).rejects.toEqual(refused(code));
    // Nothing was lost: the honest answer still counts, and counts once.
    const outcome = await doctor.finish(all.answer);
    expect(outcome).toMatchObject({ state: 'done', grant: { kind: 'consent' } });
    expect(await doctor.finish(all.answer)).toEqual(outcome);
  });

  test('a relay: what was signed for one connection is nothing on another', async () => {
    const { answer } = await scene();
    const relay = network.clientOf(...doctor.again());
    relay.token = doctor.token;
    await relay.exporter();
    await expect(relay.finish(answer)).rejects.toEqual(refused('consent-refused'));
    expect((await doctor.finish(answer)).state).toBe('done');
  });

  test('who steals an answer, or a token, has nothing: other physicians and installations are refused', async () => {
    const { answer } = await scene();
    await expect(third.finish(answer)).rejects.toEqual(refused('consent-refused'));
    const own = third.token;
    third.token = doctor.token;
    await expect(third.finish(answer)).rejects.toEqual(refused('unauthenticated'));
    third.token = own;
    expect((await doctor.finish(answer)).state).toBe('done');
  });
});

describe('attacks with tickets', () => {
  test('are for one installation’s physician, one session, one registry, by the pinned module, for a short time', async () => {
    const [patient, card] = [somebody(), playedCard('P-256')];
    await first.visit(patient, 'enrol', card);
    const ticket = network.ticket(patient, doctor.physician, 'reidentify');
    const changed = ticket.slice();
    changed[500]! ^= 1;
    const foreign = network.ticket(patient, { ...doctor.physician, module: 'knees' }, 'reidentify');
    const elsewhere = network.ticket(patient, doctor.physician, 'reidentify', { institution: 'of-first' });
    for (const bad of [changed, foreign, elsewhere]) {
      await expect(doctor.open(bad)).rejects.toEqual(refused('consent-ticket'));
    }
    await expect(third.open(ticket)).rejects.toEqual(refused('consent-ticket'));
    await expect(doctor.open(ticket.slice(1))).rejects.toEqual(refused('request-invalid'));
    network.ahead = 300_001;
    await expect(doctor.open(ticket)).rejects.toEqual(refused('consent-ticket'));
    network.ahead = 0;
    const challenge = await doctor.open(ticket);
    expect(await doctor.open(ticket)).toEqual(challenge);
    await doctor.finish(await doctor.answered(patient, 'reidentify', card, {}, challenge));
    await expect(doctor.open(ticket)).rejects.toEqual(refused('consent-ticket'));
  });

  test('another module’s patients are others, though pseudonyms were alike; its physicians and tickets are strangers', async () => {
    const [patient, card] = [somebody(), playedCard('P-256')];
    await first.visit(patient, 'enrol', card);
    const stranger = await network.client('stranger', { from: network.other });
    await stranger.logIn();
    // Its own module has no such patient, and hips' tickets are none of its.
    await expect(stranger.start(patient, 'reidentify')).rejects.toEqual(refused('consent-ticket'));
    const ticket = network.ticket(patient, { ...stranger.physician, module: 'hips' }, 'reidentify');
    await expect(stranger.open(ticket)).rejects.toEqual(refused('consent-ticket'));
    await expect(doctor.logIn('knees')).rejects.toEqual(refused('physician-refused'));
    await doctor.logIn();
  });
});

describe('who is registered', () => {
  test('no answer says: a known patient without the card, and an unknown one, fail alike and get challenges alike', async () => {
    const known = somebody();
    await first.visit(known, 'enrol', playedCard('P-256'));
    const failures = [];
    for (const patient of [known, somebody()]) {
      const challenge = await doctor.start(patient, 'reidentify');
      expect(challenge.envelopes).toHaveLength(4);
      const context = { info: utf8('symbolon consent answer'), aad: hashLabelled('x') };
      const centre = { kem: 'X25519' as const, publicKey: network.centreKey() };
      // A client whose card did not answer invents one.
      const card = playedCard('P-256');
      const draft = await network.draft(
        'anybody',
        doctor.physician,
        { operation: 'enrol', card },
        { ...challenge, envelopes: [] },
      );
      const answer = { ...draft.answer, secret: hpkeSeal(centre, network.rng(32), context, network.rng) };
      const { session, nonce, serverKey, envelopes: offered } = challenge;
      const { clientKey, pairs } = answer;
      const terms = network.terms(doctor.physician, 'reidentify');
      const transcript = transcriptHash(terms, { session, nonce, serverKey, clientKey, offered, pairs });
      const signed = await signAnswer({ answer, transcript }, doctor.physician.card, await doctor.exporter());
      failures.push(await doctor.finish(signed).catch((error: SymbolonError) => error));
    }
    const [one, other] = failures as SymbolonError[];
    expect(one).toMatchObject({ code: 'consent-refused' });
    const all = ({ code, message, culprit, hint, status }: SymbolonError) => ({ code, message, culprit, hint, status });
    expect(all(other!)).toEqual(all(one!));
  });
});

describe('who kept what', () => {
  test('the physician who deployed all pairs reads nothing new with them, even with the card', async () => {
    const [patient, card] = [somebody(), playedCard('P-256')];
    await first.visit(patient, 'enrol', card);
    expect((await first.visit(patient, 'reidentify', card)).grant).toMatchObject({ kind: 'reopened', groups: [] });
  });

  test('timeouts used up on purpose cost whoever asks, and nobody else', async () => {
    const [patient, card] = [somebody(), playedCard('P-256')];
    await first.visit(patient, 'enrol', card);
    for (let i = 0; i <= deployedPairs; i++) {
      await third.start(patient, 'reidentify');
      network.ahead += 600_001;
    }
    for (const client of [doctor, third]) await client.logIn();
    expect((await doctor.visit(patient, 'reidentify', card)).grant?.kind).toBe('consent');
    network.ahead = 0;
    for (const client of [doctor, third]) await client.logIn();
  });
});

describe('enrolment', () => {
  test('a second one, and two at once: one card counts', async () => {
    const [patient, card, thiefs] = [somebody(), playedCard('P-256'), playedCard('P-256')];
    const answers = [await first.answered(patient, 'enrol', card), await third.answered(patient, 'enrol', thiefs)];
    const outcomes = await Promise.all([first.finish(answers[0]!), third.finish(answers[1]!)]);
    expect(outcomes.map(({ state }) => state).sort()).toEqual(['done', 'draft']);
    const counts = outcomes[0]!.state === 'done' ? card : thiefs;
    const other = counts === card ? thiefs : card;
    expect((await third.visit(patient, 'enrol', other)).state).toBe('draft');
    await expect(doctor.answered(patient, 'reidentify', other)).rejects.toEqual(refused('consent-unanswered'));
    expect((await doctor.visit(patient, 'reidentify', counts)).state).toBe('done');
  });
});

describe('logins', () => {
  const proofOf = async (client: Client, exporter: Uint8Array, issued = client.again()[1]) => {
    const { login, nonce } = await client.call('POST', '/v1/logins', loginBegun, { module: 'hips' });
    const registry = { server: 'centre', module: 'hips' };
    const at = { at: 'centre', registry, installation: client.physician.installation };
    const text = loginText({ ...at, nonce: fromBase64url(nonce), exporter });
    const proof = { chain: issued.chain.map(base64url), signature: base64url(await issued.card.sign(text)) };
    return { path: `/v1/logins/${login}`, proof };
  };

  test('a relay, a proof that comes again, a card of another authority, another card’s signature', async () => {
    const client = await network.client('attacked');
    const relay = network.clientOf(...client.again());
    const relayed = await proofOf(client, await client.exporter());
    await relay.exporter();
    await expect(relay.call('POST', relayed.path, loginDone, relayed.proof)).rejects.toEqual(refused('login-refused'));
    const good = await proofOf(client, await client.exporter());
    await client.call('POST', good.path, loginDone, good.proof);
    await expect(client.call('POST', good.path, loginDone, good.proof)).rejects.toEqual(refused('login-refused'));
    const authority = await CardAuthority.root('Nobody', Date.now());
    const foreign = await proofOf(client, await client.exporter(), await authority.card({ commonName: 'x' }));
    await expect(client.call('POST', foreign.path, loginDone, foreign.proof)).rejects.toEqual(
      refused('untrusted-certificate'),
    );
    const other = await proofOf(client, await client.exporter(), await network.authority.card({ commonName: 'x' }));
    const mixed = { ...other.proof, chain: client.again()[1].chain.map(base64url) };
    await expect(client.call('POST', other.path, loginDone, mixed)).rejects.toEqual(refused('login-refused'));
  });
});

describe('who may ask at all', () => {
  test('nobody without a login, or with the card of another, an unvetted, a suspended physician', async () => {
    const client = await network.client('waiting', { vetted: false });
    await expect(client.start(somebody(), 'relate')).rejects.toEqual(refused('unauthenticated'));
    await expect(client.logIn()).rejects.toEqual(refused('physician-refused'));
    const { physician, certificate } = client.physician;
    const tell = (state: 'vetted' | 'suspended') =>
      network.tell({ about: 'physician', physician, state, certificates: [certificate] });
    await tell('vetted');
    await client.logIn();
    expect((await client.visit(somebody(), 'relate')).state).toBe('done');
    const open = await client.answered(somebody(), 'relate');
    await tell('suspended');
    await expect(client.finish(open)).rejects.toEqual(refused('unauthenticated'));
    await expect(client.logIn()).rejects.toEqual(refused('physician-refused'));
  });

  test('an installation that works for nobody, a module that asks as a client, a client that tells as a module', async () => {
    const client = await network.client('lonely');
    await client.logIn();
    await network.tell({ about: 'installation', installation: client.physician.installation, institution: null });
    await expect(client.start(somebody(), 'relate')).rejects.toEqual(refused('forbidden'));
    const [, , home] = client.again();
    await expect(network.tell({ about: 'pseudonyms-done' }, { from: home })).rejects.toEqual(refused('forbidden'));
    const module = network.clientOf(first.physician, first.again()[1], network.module);
    module.token = first.token;
    await expect(module.call('POST', '/v1/logins', loginBegun, { module: 'hips' })).rejects.toEqual(
      refused('forbidden'),
    );
    await expect(module.start(somebody(), 'relate')).rejects.toEqual(refused('forbidden'));
  });

  test('what is malformed is refused, and named', async () => {
    const malformed: [path: string, body: unknown][] = [
      ['/v1/sessions', { ticket: 'x' }],
      ['/v1/sessions', { ticket: base64url(new Uint8Array(12_000)), more: 1 }],
      ['/v1/sessions', [1]],
      ['/v1/sessions/..%2f..%2fetc/answer', {}],
      [`/v1/sessions/${base64url(new Uint8Array(15))}/answer`, {}],
      [`/v1/sessions/${base64url(new Uint8Array(16))}/answer`, { __proto__: null, clientKey: 1 }],
      ['/v1/logins', { module: 1 }],
      ['/v1/logins', { module: 'x'.repeat(101) }],
    ];
    for (const [path, body] of malformed) {
      await expect(doctor.call('POST', path, anything, body)).rejects.toEqual(refused('request-invalid'));
    }
    const long = { ticket: 'A'.repeat(40_000) };
    await expect(doctor.call('POST', '/v1/sessions', challengeAnswer, long)).rejects.toEqual(refused('body-too-large'));
    await expect(doctor.call('POST', '/v1/logins', loginBegun, { module: 'nobody' })).rejects.toEqual(
      refused('forbidden'),
    );
    const nowhere = `/v1/sessions/${base64url(network.rng(16))}/answer`;
    const { answer } = { answer: await doctor.answered(somebody(), 'relate') };
    await expect(doctor.call('POST', nowhere, sessionOutcome, wire(answer))).rejects.toEqual(
      refused('consent-refused'),
    );
  });
});
