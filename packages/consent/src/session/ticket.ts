import {
  base64url,
  canonicalBytes,
  concat,
  fault,
  fromBase64url,
  type HpkeRecipient,
  hashLabelled,
  hpkeOpen,
  hpkeOverhead,
  hpkeSeal,
  parseCanonical,
  type Rng,
  readU32,
  type SigningKey,
  u32,
  utf8,
  verify,
} from '@symbolon/crypto';
import { z } from 'zod';
import { envelopeBytes, type Registry } from '../pair/envelope.ts';
import { bytesOf } from '../wire/shapes.ts';

/** What a session is for. */
export const operations = [
  'enrol',
  'reidentify',
  'add-card',
  'replace',
  'break-glass',
  'relate',
  'view',
  'export',
  'withdraw',
  'object',
  'erase',
] as const;
/** One of {@link operations}. */
export type Operation = (typeof operations)[number];

/** Cards that a patient may have registered, and envelopes in every challenge. */
export const slots = 4;

const ticketSchema = z.strictObject({
  kind: z.literal('symbolon-consent-ticket'),
  version: z.literal(1),
  server: z.string().min(1).max(100),
  module: z.string().min(1).max(100),
  operation: z.enum(operations),
  /** The client's certificate and the institution it acts for. */
  certificate: bytesOf(32),
  institution: z.string().min(1).max(100),
  /** Long-term pseudonym, which only the central server reads. */
  pseudonym: bytesOf(32),
  /** Internal id of the physician–patient relation. */
  relation: bytesOf(16),
  nonce: bytesOf(16),
  /** Milliseconds since 1970. */
  expires: z.int().min(0),
  /** Envelopes that no card opens, to fill up a challenge with. */
  decoys: bytesOf(slots * envelopeBytes),
});

/** What a module says of a patient to the central server, through a client that cannot read it. */
export type Ticket = Omit<z.output<typeof ticketSchema>, 'kind' | 'version'>;

const contentBytes = 12_288;
const signatureBytes = 64;
const info = utf8('symbolon consent ticket');

/** Bytes of a ticket: all have the same. */
export const ticketBytes = contentBytes + hpkeOverhead('X25519');

/**
 * Signs and seals a ticket. Runs at: the module. Whoever carries it learns nothing of it but that it is one.
 * @param centre the central server's public key, pinned at the module
 */
export function sealTicket(ticket: Ticket, key: SigningKey, centre: Uint8Array, rng: Rng): Uint8Array {
  const body = canonicalBytes(ticketSchema.parse({ kind: 'symbolon-consent-ticket', version: 1, ...ticket }));
  const used = signatureBytes + 4 + body.length;
  if (used > contentBytes) throw new RangeError('a ticket longer than tickets are');
  const padding = new Uint8Array(contentBytes - used);
  const content = concat(key.sign(signedText(body)), u32(body.length), body, padding);
  const aad = fromBase64url(ticket.certificate);
  return hpkeSeal({ kem: 'X25519', publicKey: centre }, content, { info, aad }, rng);
}

/**
 * Opens a ticket and holds it against who brings it. That it is used once is the caller's to see to: by its nonce.
 * Throws `consent-ticket`. Runs at: the central server. Learns: the pseudonym, which relation, what is to be done; no identity.
 *
 * @param moduleKey the module's public key, pinned at the central server @param certificate thumbprint of the client's
 */
export async function openTicket(
  sealed: Uint8Array,
  expected: { registry: Registry; moduleKey: Uint8Array; certificate: string; now: number },
  centre: HpkeRecipient,
): Promise<Ticket> {
  if (sealed.length !== ticketBytes) throw refused('it has the wrong length');
  let content: Uint8Array;
  try {
    content = await hpkeOpen(centre, sealed, { info, aad: fromBase64url(expected.certificate) });
  } catch {
    throw refused('it was not sealed to this server for this certificate');
  }
  const length = readU32(content, signatureBytes);
  const end = signatureBytes + 4 + length;
  if (end > content.length || content.subarray(end).some((byte) => byte !== 0)) throw refused('it is malformed');
  const body = content.subarray(signatureBytes + 4, end);
  if (!verify(expected.moduleKey, signedText(body), content.subarray(0, signatureBytes))) {
    throw refused('the module has not signed it');
  }
  const read = ticketSchema.safeParse(parseCanonical(body));
  if (!read.success) throw refused('it is malformed');
  const { kind: _, version: __, ...ticket } = read.data;
  const { server, module } = expected.registry;
  if (ticket.server !== server || ticket.module !== module) throw refused('it is for another registry');
  if (ticket.certificate !== expected.certificate) throw refused('it is for another certificate');
  if (ticket.expires <= expected.now) throw refused('it has expired');
  return ticket;
}

function signedText(body: Uint8Array): Uint8Array {
  return hashLabelled('symbolon consent ticket', body);
}

const refused = (why: string) => fault('consent-ticket', `the module's ticket is refused: ${why}`);

/** The envelopes in {@link Ticket.decoys}, one for each slot. */
export function decoysOf({ decoys }: Pick<Ticket, 'decoys'>): Uint8Array[] {
  const bytes = fromBase64url(decoys);
  return Array.from({ length: slots }, (_, slot) => bytes.slice(slot * envelopeBytes, (slot + 1) * envelopeBytes));
}

/** Joins decoys for a ticket. */
export function joinDecoys(envelopes: readonly Uint8Array[]): string {
  return base64url(concat(...envelopes));
}
