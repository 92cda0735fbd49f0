import { ephemeralKey, hashLabelled, hex, hpkeSeal, utf8 } from '@symbolon/crypto';
import { describe, expect, test } from 'vitest';
import {
  type Answer,
  answerChallenge,
  challengeOf,
  decoy,
  deployedPairs,
  fingerprintOf,
  openPair,
  operations,
  sealToCard,
  sessionHas,
  signAnswer,
  slots,
  ticketBytes,
  transcriptHash,
  unwrap,
  wrap,
} from '../src/index.ts';
import { disguise, disguisedBytes, padded } from '../src/pair/disguise.ts';
import { cardKinds, playedCard } from './cards.ts';
import { connection, PlayedRegistry } from './registry.ts';

const refused = (code: string) => expect.objectContaining({ code });

describe.each(cardKinds)('a patient with %s', (kind) => {
  test('enrols, consents at another physician, and again, each time with new pairs', async () => {
    const registry = new PlayedRegistry(kind);
    const [first, second] = [registry.physician('first'), registry.physician('second')];
    const card = playedCard(kind);
    expect(await registry.visit('anna', first, 'enrol', card)).toEqual({ granted: false });
    expect(await registry.visit('anna', second, 'reidentify', card)).toEqual({ granted: true });
    expect(await registry.visit('anna', first, 'reidentify', card)).toEqual({ granted: true });
    const [pairs] = [...registry.pairs.values()];
    expect(pairs).toHaveLength(3 * deployedPairs);
    expect(pairs!.filter(({ state }) => state === 'retired')).toHaveLength(2);
    expect(new Set(pairs!.map(({ fingerprint }) => hex(fingerprint))).size).toBe(pairs!.length);
  });
});

test.each(operations)(
  '%s: a card where one is needed, an answer of the right shape, nothing for another patient',
  async (operation) => {
    const registry = new PlayedRegistry(operation);
    const [first, second] = [registry.physician('first'), registry.physician('second')];
    const card = playedCard('P-256');
    const { challenge, pairs } = sessionHas[operation];
    await registry.visit('anna', first, 'enrol', card);
    const { open, sign } = { ...card.asked };
    expect(await registry.visit('anna', second, operation, challenge || pairs ? card : undefined)).toEqual({
      granted: challenge,
    });
    expect(card.asked.open - open).toBe(challenge ? slots : 0);
    expect(card.asked.sign - sign).toBe(pairs ? deployedPairs : 0);
    const stranger = registry.visit('nobody', second, operation, card);
    if (challenge) await expect(stranger).rejects.toEqual(refused('consent-unanswered'));
    else expect(await stranger).toEqual({ granted: false });
  },
);

test('a card is added with one that answers, and then answers itself', async () => {
  const registry = new PlayedRegistry('two cards');
  const [first, second] = [registry.physician('first'), registry.physician('second')];
  const [card, newCard] = [playedCard('P-256'), playedCard('rsa-2048')];
  await registry.visit('anna', first, 'enrol', card);
  const challenge = await registry.start(registry.ticket('anna', second, 'add-card'), second);
  const wrapKey = registry.wrapKey('anna');
  const { rng, centre } = registry;
  const terms = registry.terms(second, 'add-card');
  const client = { terms, card, newCard, wrapKey, centre: centre.publicKey, rng };
  const draft = await answerChallenge(client, challenge);
  await registry.finish(await signAnswer(draft, second.card, connection), second, connection);
  expect([card.asked.open, newCard.asked]).toEqual([slots, { sign: deployedPairs, open: 0 }]);
  expect(await registry.visit('anna', first, 'reidentify', newCard)).toEqual({ granted: true });
});

describe('what crosses', () => {
  const registry = new PlayedRegistry('crossing');
  const [first, second] = [registry.physician('first'), registry.physician('second')];

  test('has one size, whether the patient is known or not, whatever the card', async () => {
    await registry.visit('anna', first, 'enrol', playedCard('rsa-4096'));
    await registry.visit('bert', first, 'enrol', playedCard('P-256'));
    for (const patient of ['anna', 'bert', 'nobody']) {
      const ticket = registry.ticket(patient, second, 'reidentify');
      expect(ticket.length).toBe(ticketBytes);
      const { envelopes } = await registry.start(ticket, second);
      expect(envelopes).toHaveLength(slots);
      // The module's key opens all of them: who has no card cannot tell decoys.
      const texts = envelopes.map((envelope) => unwrap(registry.wrapKey(patient), envelope, registry.registry));
      expect(texts.map(({ length }) => length)).toEqual(Array(slots).fill(disguisedBytes));
    }
  });

  test('what the centre keeps holds no key, signature or name of the card', async () => {
    const card = playedCard('P-256');
    const signatures: Uint8Array[] = [];
    const sign = async (message: Uint8Array) => {
      const signature = await card.sign(message);
      signatures.push(signature);
      return signature;
    };
    await registry.visit('carl', first, 'enrol', { ...card, sign });
    const rows = [...registry.pairs.values()].flat();
    const kept = rows.map(({ fingerprint, envelope }) => hex(fingerprint) + hex(envelope)).join();
    const { sealing } = card;
    const point = sealing.kind === 'ec' ? sealing.point : new Uint8Array();
    expect(signatures).toHaveLength(deployedPairs);
    for (const secret of [point.slice(1, 33), ...signatures]) expect(kept).not.toContain(hex(secret));
    // The search finds what is there.
    expect(kept).toContain(hex(rows[0]!.fingerprint));
  });
});

describe('the card is needed', () => {
  test("another card, another patient's card, an unknown patient: all fail alike", async () => {
    const registry = new PlayedRegistry('alike');
    const [first, second] = [registry.physician('first'), registry.physician('second')];
    const [annas, berts] = [playedCard('P-256'), playedCard('P-256')];
    await registry.visit('anna', first, 'enrol', annas);
    await registry.visit('bert', first, 'enrol', berts);
    const failures = [];
    for (const [patient, card] of [
      ['anna', playedCard('P-256')],
      ['anna', berts],
      ['anna', playedCard('rsa-2048')],
      ['nobody', annas],
    ] as const) {
      failures.push(await registry.visit(patient, second, 'reidentify', card).catch((error: Error) => error));
    }
    for (const failure of failures) {
      expect(failure).toEqual(failures[0]);
      expect(failure).toMatchObject({ code: 'consent-unanswered' });
    }
    expect(annas.asked.open).toBe(slots);
  });

  test('a physician who kept K of the pairs she deployed is never challenged with them; nor is her institution', async () => {
    const registry = new PlayedRegistry('kept');
    const doctor = registry.physician('doctor', 'clinic');
    const colleague = registry.physician('colleague', 'clinic');
    const stranger = registry.physician('stranger');
    const card = playedCard('P-256');
    await registry.visit('anna', doctor, 'enrol', card);
    const [rows] = [...registry.pairs.values()];
    await registry.visit('anna', stranger, 'reidentify', card);
    for (const asker of [doctor, colleague]) {
      await registry.start(registry.ticket('anna', asker, 'reidentify'), asker);
      const offered = rows!.filter((row) => row.offered.includes(asker.asker));
      expect(offered).toHaveLength(1);
      expect(offered[0]!.deployer).toEqual(stranger.asker);
    }
  });

  test('asking and not answering uses up an asker’s own chances, not those of others', async () => {
    const registry = new PlayedRegistry('lapse');
    const [first, greedy, third] = ['first', 'greedy', 'third'].map((name) => registry.physician(name));
    const card = playedCard('P-256');
    await registry.visit('anna', first!, 'enrol', card);
    for (let i = 0; i < deployedPairs; i++)
      await registry.start(registry.ticket('anna', greedy!, 'reidentify'), greedy!);
    await expect(registry.visit('anna', greedy!, 'reidentify', card)).rejects.toEqual(refused('consent-unanswered'));
    expect(await registry.visit('anna', third!, 'reidentify', card)).toEqual({ granted: true });
  });
});

describe('attacks on one session', () => {
  interface Scene {
    registry: PlayedRegistry;
    doctor: ReturnType<PlayedRegistry['physician']>;
    answer: Answer;
    other: Answer;
  }

  /** Two sessions of a doctor about two patients, both answered, none sent. */
  async function scene(): Promise<Scene> {
    const registry = new PlayedRegistry('scene');
    const [first, doctor] = [registry.physician('first'), registry.physician('doctor')];
    const answers: Answer[] = [];
    for (const patient of ['anna', 'bert']) {
      const card = playedCard('P-256');
      await registry.visit(patient, first, 'enrol', card);
      const challenge = await registry.start(registry.ticket(patient, doctor, 'reidentify'), doctor);
      const draft = await registry.draft(patient, doctor, 'reidentify', card, challenge);
      answers.push(await signAnswer(draft, doctor.card, connection));
    }
    return { registry, doctor, answer: answers[0]!, other: answers[1]! };
  }

  const resigned = async ({ registry, doctor }: Scene, changed: Omit<Answer, 'signature'>): Promise<Answer> => {
    // A dishonest client signs whatever it likes with its own card; the transcript must hold it.
    const open = [...registry.open.values()].find(({ session }) => hex(session.id) === hex(changed.session))!;
    const { serverKey, nonce, envelopes } = challengeOf(open.session, registry.sessionKeys);
    const { session, clientKey, pairs, purpose, groups, status } = changed;
    const terms = { ...registry.terms(doctor, 'reidentify'), purpose, groups, status };
    const transcript = transcriptHash(terms, { session, nonce, serverKey, clientKey, offered: envelopes, pairs });
    return signAnswer({ answer: changed, transcript }, doctor.card, connection);
  };

  const cheats: Record<string, { change: (scene: Scene) => Answer | Promise<Answer>; code: string }> = {
    'another purpose': { change: ({ answer }) => ({ ...answer, purpose: 'research' }), code: 'consent-refused' },
    'another group': { change: ({ answer }) => ({ ...answer, groups: ['psychiatry'] }), code: 'consent-refused' },
    'groups out of order': { change: ({ answer }) => ({ ...answer, groups: ['b', 'a'] }), code: 'frame-shape' },
    'a better status of the card': {
      change: ({ answer }) => ({ ...answer, status: 'unknown' }),
      code: 'consent-refused',
    },
    'new pairs of another session': {
      change: ({ answer, other }) => ({ ...answer, pairs: other.pairs }),
      code: 'consent-refused',
    },
    'new pairs of another session, signed again': {
      change: (all) => resigned(all, { ...all.answer, pairs: all.other.pairs }),
      code: 'consent-refused',
    },
    'the answer of another patient, signed again': {
      change: (all) => resigned(all, { ...all.answer, secret: all.other.secret }),
      code: 'consent-refused',
    },
    'an invented K, signed again': {
      change: (all) => {
        const { registry, answer } = all;
        const context = { info: utf8('symbolon consent answer'), aad: hashLabelled('x') };
        return resigned(all, { ...answer, secret: hpkeSeal(registry.centre, registry.rng(32), context, registry.rng) });
      },
      code: 'consent-refused',
    },
    'no secret': { change: ({ answer }) => ({ ...answer, secret: null }), code: 'frame-shape' },
    'no new pairs': { change: ({ answer }) => ({ ...answer, pairs: null }), code: 'frame-shape' },
    'pairs cut short': { change: ({ answer }) => ({ ...answer, pairs: answer.pairs!.slice(1) }), code: 'frame-shape' },
    'a key of its own': {
      change: ({ answer, registry }) => ({ ...answer, clientKey: ephemeralKey('X25519', registry.rng).publicKey }),
      code: 'consent-refused',
    },
    'no purpose': { change: ({ answer }) => ({ ...answer, purpose: '' }), code: 'frame-shape' },
    'the signature of another card': {
      change: async ({ answer }) => ({ ...answer, signature: await playedCard('P-256').sign(utf8('x')) }),
      code: 'consent-refused',
    },
  };

  test.each(Object.entries(cheats))('%s', async (_, { change, code }) => {
    const all = await scene();
    const { registry, doctor } = all;
    await expect(registry.finish(await change(all), doctor, connection)).rejects.toEqual(refused(code));
    // Nothing was lost: the honest answer still counts.
    expect(await registry.finish(all.answer, doctor, connection)).toEqual({ granted: true });
  });

  test('an answer counts once', async () => {
    const { registry, doctor, answer } = await scene();
    await registry.finish(answer, doctor, connection);
    await expect(registry.finish(answer, doctor, connection)).rejects.toThrow('no such session');
  });

  test('a relay with another connection', async () => {
    const { registry, doctor, answer } = await scene();
    const elsewhere = hashLabelled('another connection');
    await expect(registry.finish(answer, doctor, elsewhere)).rejects.toEqual(refused('consent-refused'));
  });

  test('a server that guesses whose key it is: with or without a signature, the client fails alike', async () => {
    const registry = new PlayedRegistry('guess');
    const card = playedCard('P-256');
    const info = hashLabelled('symbolon consent sealed pair', utf8('centre'), utf8('hips'));
    const wrapKey = registry.wrapKey('anna');
    const signed = await playedCard('P-256').sign(utf8('not the card’s'));
    const texts = [
      disguise(
        card.sealing,
        sealToCard(card.sealing, padded(registry.rng(32), signed), info, registry.rng),
        registry.rng,
      ),
      unwrap(wrapKey, decoy(wrapKey, registry.registry, registry.rng), registry.registry),
    ];
    const failures = [];
    for (const text of texts) {
      const envelope = wrap(wrapKey, text, registry.registry, registry.rng);
      const opened = openPair(card, envelope, { registry: registry.registry, wrapKey });
      failures.push(await opened.catch((error: Error) => error));
    }
    expect(failures[0]).toMatchObject({ code: 'consent-unanswered' });
    expect(failures[1]).toEqual(failures[0]);
  });

  test('a challenge out of shape is refused before the card is asked', async () => {
    const registry = new PlayedRegistry('shape');
    const doctor = registry.physician('doctor');
    const card = playedCard('P-256');
    const challenge = await registry.start(registry.ticket('anna', doctor, 'reidentify'), doctor);
    const { rng, centre } = registry;
    const client = {
      terms: registry.terms(doctor, 'reidentify'),
      card,
      wrapKey: rng(32),
      centre: centre.publicKey,
      rng,
    };
    for (const bad of [
      { ...challenge, nonce: rng(31) },
      { ...challenge, session: rng(17) },
      { ...challenge, envelopes: challenge.envelopes.slice(1) },
      { ...challenge, envelopes: challenge.envelopes.map((envelope) => envelope.slice(1)) },
    ]) {
      await expect(answerChallenge(client, bad)).rejects.toEqual(refused('frame-shape'));
    }
    expect(card.asked).toEqual({ sign: 0, open: 0 });
  });
});

describe('tickets', () => {
  test('are for one certificate, one registry, a short time, and by the pinned module', async () => {
    const [registry, other] = [new PlayedRegistry('one'), new PlayedRegistry('two')];
    const [doctor, thief] = [registry.physician('doctor'), registry.physician('thief')];
    const ticket = registry.ticket('anna', doctor, 'reidentify');
    const changed = ticket.slice();
    changed[500]! ^= 1;
    const refusal = refused('consent-ticket');
    await expect(registry.start(ticket, thief)).rejects.toEqual(refusal);
    await expect(other.start(ticket, doctor)).rejects.toEqual(refusal);
    await expect(registry.start(changed, doctor)).rejects.toEqual(refusal);
    await expect(registry.start(ticket.slice(1), doctor)).rejects.toEqual(refusal);
    registry.now += 300_000;
    await expect(registry.start(ticket, doctor)).rejects.toEqual(refusal);
    registry.now -= 1;
    await registry.start(ticket, doctor);
    await expect(registry.start(ticket, doctor)).rejects.toThrow('a ticket twice');
  });
});

test('fingerprints are no plain hash of K', () => {
  const secret = new PlayedRegistry('fingerprint').rng(32);
  expect(fingerprintOf(secret)).not.toEqual(hashLabelled('', secret));
});
