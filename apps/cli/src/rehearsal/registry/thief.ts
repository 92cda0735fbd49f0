import {
  answerChallenge,
  type Card,
  type Challenge,
  makePair,
  type Operation,
  pairSecrets,
  type Terms,
  thumbprint,
  transcriptHash,
} from '@symbolon/consent';
import {
  concat,
  ephemeralKey,
  fromBase64url,
  hpkeSeal,
  type Rng,
  softwareKey,
  systemRng,
  utf8,
} from '@symbolon/crypto';
import type { Practice, ProfessionalCard } from '@symbolon/workstation';

// A physician whose client is not the one that was given out. What such a client can do is what a physician can do who keeps everything that goes
// through the machine, and asks without the card.

/** Who she is, as her tickets say. */
export interface Rogue {
  readonly practice: Practice;
  readonly professional: ProfessionalCard;
  readonly physician: string;
}

/** A session with the module and the centre as far as the challenge, without showing a card to the module. */
export async function askWithoutCard(
  { practice, professional, physician }: Rogue,
  relation: string,
  operation: Operation,
): Promise<{ ticket: string; challenge: Challenge; terms: Terms; wrapKey: Uint8Array; centre: Uint8Array }> {
  const { ticket, wrapKey, institution } = await practice.module.ticket(relation, operation);
  const challenge = await practice.centre.open(ticket);
  const { registry, installation, info } = practice;
  const terms: Terms = {
    registry,
    operation,
    asker: { physician, institution, installation },
    certificate: thumbprint(professional.chain[0]!),
    purpose: 'treatment',
    groups: ['general', 'psychiatry'],
    status: 'good',
  };
  return { ticket, challenge, terms, wrapKey: fromBase64url(wrapKey), centre: fromBase64url(info.centreKeys[0]!) };
}

/** Does what the patient came for, with the card, and keeps every K that was deployed. */
export async function visitAndKeep(
  rogue: Rogue,
  relation: string,
  operation: 'enrol' | 'reidentify',
  card: Card,
): Promise<Uint8Array[]> {
  const { challenge, terms, wrapKey, centre } = await askWithoutCard(rogue, relation, operation);
  const drawn: Uint8Array[] = [];
  const rng: Rng = (bytes) => {
    drawn.push(systemRng(bytes));
    return drawn.at(-1)!.slice();
  };
  const draft = await answerChallenge({ terms, card, wrapKey, centre, rng }, challenge);
  await rogue.practice.centre.answer(draft, rogue.professional);
  // Her own key of the session was drawn first.
  return pairSecrets(softwareKey('X25519', drawn[0]!).dh(challenge.serverKey), challenge);
}

/** Answers a challenge with a K that she kept, and deploys pairs of a card of hers. Throws what the centre says. */
export async function answerWithKept(
  rogue: Rogue,
  { challenge, terms, wrapKey, centre }: Awaited<ReturnType<typeof askWithoutCard>>,
  kept: Uint8Array,
  ownCard: Card,
): Promise<unknown> {
  const { session, nonce, serverKey, envelopes: offered } = challenge;
  const own = ephemeralKey('X25519', systemRng);
  const envelopes: Uint8Array[] = [];
  for (const secret of pairSecrets(own.dh(serverKey), challenge)) {
    envelopes.push(await makePair(ownCard, secret, { registry: terms.registry, wrapKey, rng: systemRng }));
  }
  const seal = (text: Uint8Array, info: string, aad: Uint8Array) =>
    hpkeSeal({ kem: 'X25519', publicKey: centre }, text, { info: utf8(info), aad }, systemRng);
  const pairs = seal(concat(...envelopes), 'symbolon consent pairs', session);
  const transcript = transcriptHash(terms, { session, nonce, serverKey, clientKey: own.publicKey, offered, pairs });
  const secret = seal(kept, 'symbolon consent answer', transcript);
  const { purpose, groups, status } = terms;
  const answer = { session, clientKey: own.publicKey, purpose, groups, status, secret, pairs };
  return rogue.practice.centre.answer({ answer, transcript }, rogue.professional);
}
