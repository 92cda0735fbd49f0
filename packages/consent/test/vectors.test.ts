import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { base64url, fromBase64url, hpkeOpen, softwareKey, utf8 } from '@symbolon/crypto';
import { describe, expect, test } from 'vitest';
import {
  type Answer,
  acceptAnswer,
  type Card,
  cardSigned,
  decoysOf,
  fingerprintOf,
  type OpenSession,
  openPair,
  openTicket,
  SessionKeys,
  signedByProfessional,
  unwrap,
} from '../src/index.ts';
import { disguisedBytes } from '../src/pair/disguise.ts';
import { moduleKey, playStory, type Story, type StorySession, storyCard } from './story.ts';

const bytes = (text: string | null) => (text === null ? null : fromBase64url(text));

describe.each(['consent-p256', 'consent-rsa2048'])('vectors/%s.json', (name) => {
  const file = join(import.meta.dirname, `../../../vectors/${name}.json`);
  const story = JSON.parse(readFileSync(file, 'utf8')) as Story;
  const { registry, keys, now } = story;
  const centre = softwareKey('X25519', fromBase64url(keys.centre));
  const sessionKeys = new SessionKeys(fromBase64url(keys.root));
  const wrapKey = fromBase64url(keys.wrap);
  const deployed = new Map(story.sessions.flatMap(({ accepted }) => accepted.deployed ?? []).map((p) => [p.name, p]));
  const professional = (by: string) => {
    const { privateKey, certificate, ...asker } = story.professionals[by]!;
    return { card: storyCard({ privateKey }), certificate, asker };
  };

  /** The server's side, from the messages. */
  const openOf = ({ session, operation, ticket }: StorySession): OpenSession => {
    const slots = operation === 'reidentify' ? [0, 1, 2, 3] : [];
    const offered = slots.map((slot) => {
      const pair = deployed.get(session.offered[slot] ?? '');
      if (pair === undefined) return undefined;
      return { id: pair.name, fingerprint: fromBase64url(pair.fingerprint), envelope: fromBase64url(pair.envelope) };
    });
    const decoys = decoysOf(ticket.fields);
    const envelopes = offered.map((pair, slot) => pair?.envelope ?? decoys[slot]!);
    return { id: fromBase64url(session.id), nonce: fromBase64url(session.nonce), operation, offered, envelopes };
  };
  const answerOf = ({ session, answer }: StorySession): Answer => {
    const { purpose, groups, status, clientKey, secret, pairs, signature } = answer;
    return {
      ...{ purpose, groups, status },
      session: fromBase64url(session.id),
      clientKey: fromBase64url(clientKey),
      secret: bytes(secret),
      pairs: bytes(pairs),
      signature: fromBase64url(signature),
    };
  };
  const accept = (session: StorySession, changed: Partial<Answer> = {}, other: { exporter?: Uint8Array } = {}) => {
    const { asker, certificate, card } = professional(session.by);
    const exporter = fromBase64url(session.answer.exporter);
    const by = { registry, asker, certificate, professional: card.signing, exporter, ...other };
    return acceptAnswer(openOf(session), { ...answerOf(session), ...changed }, by, { centre, sessionKeys });
  };

  test('the keys and random bytes give these messages', async () => {
    const rsaKey = name === 'consent-rsa2048' ? story.cards.patient!.privateKey : undefined;
    expect(await playStory(rsaKey)).toEqual(story);
  });

  describe.each(story.sessions.map((session) => [session.name, session] as const))('%s', (_, session) => {
    test('the central server opens the ticket', async () => {
      const { certificate } = professional(session.by);
      const expected = { registry, moduleKey: moduleKey(story).publicKey, certificate, now };
      expect(await openTicket(fromBase64url(session.ticket.sealed), expected, centre)).toEqual(session.ticket.fields);
    });

    test('it accepts the answer', async () => {
      const { answered, deployed: pairs, transcript } = await accept(session);
      expect(answered?.id ?? null).toBe(session.accepted.answered);
      expect(base64url(transcript)).toBe(session.answer.transcript);
      const kept = pairs?.map(({ fingerprint, envelope }) => [fingerprint, envelope].map(base64url)) ?? null;
      expect(kept).toEqual(
        session.accepted.deployed?.map(({ fingerprint, envelope }) => [fingerprint, envelope]) ?? null,
      );
    });

    test("the professional's card signed transcript and connection", () => {
      const { transcript, exporter, signature } = session.answer;
      const text = signedByProfessional(fromBase64url(transcript), fromBase64url(exporter));
      expect(cardSigned(professional(session.by).card.signing, text, fromBase64url(signature))).toBe(true);
    });

    test('the card, and no other, opens the pairs that it deployed: K with its fingerprint', async () => {
      const other: Card = storyCard(story.cards[session.card === 'patient' ? 'replacement' : 'patient']!);
      for (const { envelope, fingerprint } of session.accepted.deployed ?? []) {
        const pair = fromBase64url(envelope);
        const secret = await openPair(storyCard(story.cards[session.card!]!), pair, { registry, wrapKey });
        expect(base64url(fingerprintOf(secret))).toBe(fingerprint);
        await expect(openPair(other, pair, { registry, wrapKey })).rejects.toMatchObject({
          code: 'consent-unanswered',
        });
      }
    });

    test('the answer says K of the offered pair', async () => {
      if (session.answer.secret === null) return expect(session.accepted.answered).toBeNull();
      const context = { info: utf8('symbolon consent answer'), aad: fromBase64url(session.answer.transcript) };
      const secret = await hpkeOpen(centre, fromBase64url(session.answer.secret), context);
      expect(base64url(fingerprintOf(secret))).toBe(deployed.get(session.accepted.answered!)!.fingerprint);
    });

    test('what is changed is refused', async () => {
      const refused = { code: 'consent-refused' };
      await expect(accept(session, { purpose: 'another' })).rejects.toMatchObject(refused);
      await expect(accept(session, {}, { exporter: new Uint8Array(32) })).rejects.toMatchObject(refused);
      const { secret, pairs } = answerOf(session);
      for (const [part, value] of Object.entries({ secret, pairs })) {
        const changed = value?.slice() ?? new Uint8Array(1);
        changed[0]! ^= 1;
        const code = value === null ? 'frame-shape' : 'consent-refused';
        await expect(accept(session, { [part]: changed }), part).rejects.toMatchObject({ code });
      }
      const { certificate } = professional(session.by === 'first' ? 'second' : 'first');
      const expected = { registry, moduleKey: moduleKey(story).publicKey, certificate, now };
      const sealed = fromBase64url(session.ticket.sealed);
      const ticket = { code: 'consent-ticket' };
      await expect(openTicket(sealed, expected, centre)).rejects.toMatchObject(ticket);
      const own = { ...expected, certificate: session.ticket.fields.certificate };
      await expect(openTicket(sealed, { ...own, now: now + 300_000 }, centre)).rejects.toMatchObject(ticket);
    });
  });

  test('decoys are envelopes of the patient that no card opens', async () => {
    const { ticket } = story.sessions[1]!;
    for (let slot = 1; slot < 4; slot++) {
      const decoy = decoysOf(ticket.fields)[slot]!;
      expect(unwrap(wrapKey, decoy, registry)).toHaveLength(disguisedBytes);
      const opened = openPair(storyCard(story.cards.patient!), decoy, { registry, wrapKey });
      await expect(opened).rejects.toMatchObject({ code: 'consent-unanswered' });
    }
  });
});
