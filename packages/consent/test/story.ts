import { createPrivateKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { p256 } from '@noble/curves/nist.js';
import {
  base64url,
  fromBase64url,
  generateSigningKey,
  hashLabelled,
  insecureTestRng,
  type Rng,
  softwareKey,
  utf8,
} from '@symbolon/crypto';
import { softwareCard } from '@symbolon/testkit/smartcards';
import {
  type Asker,
  acceptAnswer,
  answerChallenge,
  type Card,
  challengeOf,
  decoy,
  joinDecoys,
  type Operation,
  openSession,
  type Registry,
  SessionKeys,
  type StoredPair,
  sealTicket,
  sessionHas,
  signAnswer,
  slots,
  type Terms,
} from '../src/index.ts';

// One patient's story in fixed randomness: what `vectors/consent-*.json` say. All bytes are base64url; `draws` are the random bytes that a step asked
// for, in order, so that another implementation comes to the same messages. Keys are PKCS #8.

export interface StoryCard {
  readonly privateKey: string;
}

export interface StoryProfessional extends Asker, StoryCard {
  readonly certificate: string;
}

export interface StorySession {
  readonly name: string;
  readonly operation: Operation;
  /** Which professional. */
  readonly by: string;
  /** Which card; null where none is there. */
  readonly card: string | null;
  readonly ticket: {
    readonly fields: Parameters<typeof sealTicket>[0];
    readonly draws: string[];
    readonly sealed: string;
  };
  readonly session: {
    readonly draws: string[];
    /** Pair offered by slot, named as under `deployed`; the others are decoys. */
    readonly offered: Record<string, string>;
    readonly id: string;
    readonly nonce: string;
    readonly serverKey: string;
  };
  readonly answer: {
    readonly draws: string[];
    readonly clientKey: string;
    readonly purpose: string;
    readonly groups: string[];
    readonly status: Terms['status'];
    readonly secret: string | null;
    readonly pairs: string | null;
    readonly exporter: string;
    readonly transcript: string;
    readonly signature: string;
  };
  readonly accepted: {
    readonly answered: string | null;
    readonly deployed: { name: string; fingerprint: string; envelope: string }[] | null;
  };
}

export interface Story {
  readonly source: string;
  readonly registry: Registry;
  readonly keys: { centre: string; root: string; module: string; wrap: string };
  readonly cards: Record<string, StoryCard>;
  readonly professionals: Record<string, StoryProfessional>;
  readonly now: number;
  readonly sessions: StorySession[];
}

/** PKCS #8 of a P-256 key of these 32 bytes. */
function curveKey(secret: Uint8Array): string {
  const [x, y] = [0, 32].map((at) => base64url(p256.getPublicKey(secret, false).slice(1 + at, 33 + at)));
  const key = createPrivateKey({
    format: 'jwk',
    key: { kty: 'EC', crv: 'P-256', x: x!, y: y!, d: base64url(secret) },
  });
  return base64url(new Uint8Array(key.export({ format: 'der', type: 'pkcs8' })));
}

/** The private key of PKCS #8. */
export function keyOf({ privateKey }: StoryCard): KeyObject {
  return createPrivateKey({ key: Buffer.from(fromBase64url(privateKey)), format: 'der', type: 'pkcs8' });
}

/** A card in software whose ECDSA is that of RFC 6979, as vectors have to come out the same. */
export function storyCard(of: StoryCard): Card {
  const key = keyOf(of);
  const card = softwareCard(key);
  if (card.signing.kind === 'rsa') return card;
  const secret = fromBase64url(key.export({ format: 'jwk' }).d!);
  return { ...card, sign: async (message) => p256.sign(message, secret, { prehash: true, lowS: false }) };
}

/** An RSA card's key is made once and then taken from the vectors: no seed gives it. */
export function freshRsaKey(): string {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return base64url(new Uint8Array(privateKey.export({ format: 'der', type: 'pkcs8' })));
}

const plan: readonly Pick<StorySession, 'name' | 'operation' | 'by' | 'card'>[] = [
  { name: 'enrolment', operation: 'enrol', by: 'first', card: 'patient' },
  { name: 're-identification', operation: 'reidentify', by: 'second', card: 'patient' },
  // With a pair that the one before deployed.
  { name: 're-deployment', operation: 'reidentify', by: 'first', card: 'patient' },
  { name: 'replacement', operation: 'replace', by: 'second', card: 'replacement' },
  { name: 'break-glass', operation: 'break-glass', by: 'first', card: null },
];

/** Plays the story. @param rsaKey of the patient's first card, PKCS #8; undefined for P-256 */
export async function playStory(rsaKey: string | undefined): Promise<Story> {
  const rng = insecureTestRng('consent story');
  const secrets = { centre: rng(32), root: rng(32), module: rng(32), wrap: rng(32) };
  const [patient, replacement, first, second] = [0, 1, 2, 3].map(() => curveKey(rng(32)));
  const professional = (name: string, privateKey: string) => ({
    physician: `physician ${name}`,
    institution: `institution ${name}`,
    installation: `installation ${name}`,
    certificate: base64url(hashLabelled('story certificate', utf8(name))),
    privateKey,
  });
  const story: Story = {
    source:
      'Made by packages/consent/test/write-vectors.ts. Bytes are base64url, private keys PKCS #8, ECDSA by RFC 6979; `draws` are random bytes in the order they are asked for.',
    registry: { server: 'centre', module: 'hips' },
    keys: {
      centre: base64url(secrets.centre),
      root: base64url(secrets.root),
      module: base64url(secrets.module),
      wrap: base64url(secrets.wrap),
    },
    cards: { patient: { privateKey: rsaKey ?? patient! }, replacement: { privateKey: replacement! } },
    professionals: { first: professional('first', first!), second: professional('second', second!) },
    now: 1_767_225_600_000,
    sessions: [],
  };
  const pairs = new Map<string, StoredPair>();
  for (const session of plan) story.sessions.push(await playSession(story, session, pairs, rng));
  return story;
}

async function playSession(
  story: Story,
  { name, operation, by, card }: Pick<StorySession, 'name' | 'operation' | 'by' | 'card'>,
  pairs: Map<string, StoredPair>,
  rng: Rng,
): Promise<StorySession> {
  const { registry, keys, now } = story;
  const { privateKey, certificate, ...asker } = story.professionals[by]!;
  const centre = softwareKey('X25519', fromBase64url(keys.centre));
  const wrapKey = fromBase64url(keys.wrap);
  const module = recorder(rng);
  const decoys = Array.from({ length: slots }, () => decoy(wrapKey, registry, module.rng));
  const fields = {
    ...registry,
    operation,
    certificate,
    institution: asker.institution,
    pseudonym: base64url(hashLabelled('story pseudonym')),
    relation: base64url(hashLabelled('story relation', utf8(by)).subarray(0, 16)),
    nonce: base64url(module.rng(16)),
    expires: now + 300_000,
    decoys: joinDecoys(decoys),
  };
  const sealed = sealTicket(fields, moduleKey(story), centre.publicKey, module.rng);
  const server = recorder(rng);
  // The newest, which somebody else deployed.
  const newest = sessionHas[operation].challenge ? [...pairs.keys()].at(-1) : undefined;
  const offered = new Map(newest === undefined ? [] : [[0, pairs.get(newest)!]]);
  const open = openSession(fields, offered, server.rng);
  const sessionKeys = new SessionKeys(fromBase64url(keys.root));
  const challenge = challengeOf(open, sessionKeys);
  const said = { purpose: `${name} in a test`, groups: ['general', 'psychiatry'], status: 'good' as const };
  const client = recorder(rng);
  const draft = await answerChallenge(
    {
      terms: { registry, operation, asker, certificate, ...said },
      card: card === null ? undefined : storyCard(story.cards[card]!),
      wrapKey,
      centre: centre.publicKey,
      rng: client.rng,
    },
    challenge,
  );
  const professional = storyCard({ privateKey });
  const exporter = hashLabelled('story connection', utf8(name));
  const answer = await signAnswer(draft, professional, exporter);
  const who = { registry, asker, certificate, professional: professional.signing, exporter };
  const { answered, deployed } = await acceptAnswer(open, answer, who, { centre, sessionKeys });
  const kept = deployed?.map((pair, i) => ({ ...pair, id: `${name}/${i}` })) ?? null;
  for (const pair of kept ?? []) pairs.set(pair.id, pair);
  const text = (bytes: Uint8Array | null) => (bytes === null ? null : base64url(bytes));
  return {
    name,
    operation,
    by,
    card,
    ticket: { fields, draws: module.draws, sealed: base64url(sealed) },
    session: {
      draws: server.draws,
      offered: newest === undefined ? {} : { 0: newest },
      id: base64url(challenge.session),
      nonce: base64url(challenge.nonce),
      serverKey: base64url(challenge.serverKey),
    },
    answer: {
      draws: client.draws,
      clientKey: base64url(answer.clientKey),
      ...said,
      secret: text(answer.secret),
      pairs: text(answer.pairs),
      exporter: base64url(exporter),
      transcript: base64url(draft.transcript),
      signature: base64url(answer.signature),
    },
    accepted: {
      answered: answered?.id ?? null,
      deployed:
        kept?.map(({ id, fingerprint, envelope }) => ({
          name: id,
          fingerprint: base64url(fingerprint),
          envelope: base64url(envelope),
        })) ?? null,
    },
  };
}

/** The module's signing key. */
export function moduleKey({ keys }: Pick<Story, 'keys'>) {
  return generateSigningKey(() => fromBase64url(keys.module));
}

function recorder(rng: Rng): { rng: Rng; draws: string[] } {
  const draws: string[] = [];
  const recorded = (bytes: number) => {
    const drawn = rng(bytes);
    draws.push(base64url(drawn));
    return drawn;
  };
  return { rng: recorded, draws };
}
