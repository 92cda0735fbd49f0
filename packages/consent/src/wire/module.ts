import { hashLabelled, utf8 } from '@symbolon/crypto';
import { z } from 'zod';
import type { Registry } from '../pair/envelope.ts';
import { type Operation, operations, ticketBytes } from '../session/ticket.ts';
import { loginProof, physicianId } from './login.ts';
import { bytesOf, cardSignature, chainSchema, milliseconds } from './shapes.ts';

// What a client asks a module. Beside logins:
//
// GET  /v1/registry                            about the registry: what a person is known by, groups, the centre
// POST /v1/physicians                          apply as a physician (no login: with the proof of one)
// POST /v1/relations                           a person → internal id of this physician's relation to it
// POST /v1/relations/batch                     the same of at most 1,000 persons
// POST /v1/relations/:relation/challenges      a nonce for the patient's card, for one operation
// POST /v1/relations/:relation/cards           the card's certificate and its signature over the nonce
// POST /v1/relations/:relation/tickets         a ticket for the centre
//
// Who is known to a registry, no answer says.

/** Identifiers of a person: those that the module's configuration lists, each by its name. */
export const personSchema = z.record(z.string().regex(/^[a-z][a-zA-Z0-9]{0,39}$/), z.string().max(200));
export type Person = z.output<typeof personSchema>;

/** Answer of `GET /v1/registry`. */
export const registryInfo = z.strictObject({
  server: z.string(),
  module: z.string(),
  name: z.string(),
  /** What a person is known by, and what else is kept of one. */
  fields: z.array(
    z.strictObject({
      field: z.string(),
      as: z.enum(['name', 'place', 'date', 'code']),
      required: z.boolean(),
    }),
  ),
  /** Confidentiality groups of records. */
  groups: z.array(z.string()),
  /** X25519 keys of the centre, newest first; two while it changes its key. */
  centreKeys: z.array(bytesOf(32)).min(1).max(2),
});
export type RegistryInfo = z.output<typeof registryInfo>;

/** A physician applies: the proof is that of a login, by the id of one that was begun. */
export const application = z.strictObject({
  login: bytesOf(16),
  /** As administrators read it. */
  name: z.string().regex(/^[^\p{Cc}]{1,200}$/u, 'must be a name, on one line'),
  ...loginProof.shape,
});

/** How far a physician is. Only one who is vetted can log in. */
export const physicianStates = ['waiting', 'vetted', 'suspended', 'excluded'] as const;
export type PhysicianState = (typeof physicianStates)[number];

/** Answer. */
export const applicationAnswer = z.strictObject({ physician: physicianId, state: z.enum(physicianStates) });

/** Asks for the relation to a person, whether it is known or not. */
export const relationRequest = z.strictObject({ person: personSchema });

/** Answer: own patients whose identity is alike but not the same may be whom the physician means. */
export const relationAnswer = z.strictObject({
  relation: bytesOf(16),
  suggestions: z.array(z.strictObject({ relation: bytesOf(16), person: personSchema })).max(10),
});
export type RelationAnswer = z.output<typeof relationAnswer>;

/** Persons of one batch, at most. */
export const mostOfBatch = 1000;
export const batchRequest = z.strictObject({ persons: z.array(personSchema).min(1).max(mostOfBatch) });
/** Answer, in the order of the request. */
export const batchAnswer = z.strictObject({ relations: z.array(bytesOf(16)) });

/** Path parameter. */
export const relationParams = z.strictObject({ relation: bytesOf(16) });

/** Asks what the patient's card has to sign before this. */
export const cardChallengeRequest = z.strictObject({ operation: z.enum(operations) });

/** Answer of `…/challenges`: what the patient's card has to sign, once, within two minutes. */
export const cardChallenge = z.strictObject({ challenge: bytesOf(16), nonce: bytesOf(32) });

/** The patient's certificate with those above it, and the card's signature over {@link cardCheckText}. */
export const cardProof = z.strictObject({
  challenge: bytesOf(16),
  chain: chainSchema,
  signature: cardSignature,
});
export type CardProof = z.output<typeof cardProof>;

/** Answer: the card is this person's. Within ten minutes one ticket is given for that operation, if it needs that. */
export const cardAnswer = z.strictObject({ status: z.enum(['good', 'unknown', 'expired']), expires: milliseconds });

/** What the patient's card signs for a module, with the key that signs. */
export function cardCheckText(params: {
  readonly registry: Registry;
  readonly installation: string;
  readonly relation: Uint8Array;
  readonly operation: Operation;
  readonly nonce: Uint8Array;
}): Uint8Array {
  const { registry, installation, relation, operation, nonce } = params;
  const names = [registry.server, registry.module, installation, operation].map(utf8);
  return hashLabelled('symbolon consent card check', ...names, relation, nonce);
}

/** Asks for a ticket. */
export const ticketRequest = z.strictObject({ operation: z.enum(operations) });

/** Answer. `wrapKey` is W, the key of envelopes for the card that was shown, random bytes if nobody was verified: the client forgets it after the visit. */
export const ticketAnswer = z.strictObject({
  ticket: bytesOf(ticketBytes),
  wrapKey: bytesOf(32),
  /** For whom the client's installation works, as the ticket says it too: the health professional's card signs it. */
  institution: z.string().min(1).max(100),
  expires: milliseconds,
});
export type TicketAnswer = z.output<typeof ticketAnswer>;
