import { base64url, canonicalBytes, fault, parseCanonical, payloadHash } from '@symbolon/crypto';
import type { Card } from './card.ts';
import { checked, type Frozen, keyNames } from './fields.ts';
import { computing } from './outsourcing.ts';
import { brokenRules, ruleFault } from './rules.ts';
import { type Agreement, agreementSchema, type LinkAgreement, type Member, type StudyAgreement } from './schema.ts';
import { checkAgreement } from './whole-rules.ts';

/**
 * Reads the payload of an agreement (canonical bytes). Throws `not-canonical`, or `agreement-invalid` with the field at fault
 * as its culprit.
 */
export function parseAgreement(payload: Uint8Array): Agreement {
  return checkedAgreement(parseCanonical(payload));
}

/** What a new agreement says. */
type Terms<Of extends Agreement> = Frozen<Omit<Of, 'kind' | 'version' | 'predecessor'>> & {
  predecessor?: string | null;
};

/** A new agreement from its terms; the same checks as {@link parseAgreement}. */
export function draftAgreement(terms: Terms<LinkAgreement>): LinkAgreement;
export function draftAgreement(terms: Terms<StudyAgreement>): StudyAgreement;
export function draftAgreement(terms: Terms<Agreement>): Agreement;
export function draftAgreement(terms: Terms<Agreement>): Agreement {
  const draft = { kind: 'agreement', version: 1, predecessor: null, ...terms };
  return parseAgreement(canonicalBytes(draft));
}

/** What both sides name an agreement by: base64url of the hash of its payload, whoever has signed it. */
export function agreementHash(agreement: Agreement): string {
  return base64url(payloadHash(canonicalBytes(agreement)));
}

/** The organisation of a card as an agreement pins it. */
export function memberOf(card: Card): Member {
  const { id, name, organisationKey, recoveryKey, signingKey, logKey } = card;
  return { id, name, organisationKey, recoveryKey, signingKey, logKey };
}

/**
 * Checks that each member of an agreement is who its card says. An agreement names its own keys, so its signatures prove
 * nothing until this has passed. Throws `unknown-organisation` (no card) or `agreement-altered` (another key, name or role).
 */
export function requireCards(agreement: Agreement, cards: readonly Card[]): void {
  const computes = computing(agreement);
  const roles = [
    ...agreement.parties.map((member) => [computes.has(member.id) ? 'compute' : 'party', member] as const),
    ['keyservice', agreement.keyService] as const,
  ];
  for (const [role, member] of roles) {
    const card = cards.find(({ id }) => id === member.id);
    if (card === undefined)
      throw fault('unknown-organisation', `no card of ${member.id} is known here`, { culprit: member.id });
    if (card.role !== role)
      throw fault('agreement-altered', `${member.id} is a ${card.role} by its card, not a ${role}`, {
        culprit: member.id,
      });
    for (const field of ['name', ...keyNames] as const) {
      if (card[field] !== member[field]) {
        throw fault('agreement-altered', `${member.id}: ${field} differs from its card`, { culprit: member.id });
      }
    }
  }
}

/** Whether an agreement covers a link. */
export function coversLink(agreement: Agreement): agreement is LinkAgreement {
  return agreement.link !== undefined;
}

/** Whether an agreement covers studies. */
export function coversStudies(agreement: Agreement): agreement is StudyAgreement {
  return agreement.studies !== undefined;
}

/** @throws SymbolonError `agreement-limit` for an agreement that covers no link */
export function requireLink(agreement: Agreement): LinkAgreement {
  if (coversLink(agreement)) return agreement;
  throw fault('agreement-limit', `the agreement "${agreement.title}" covers no link`);
}

/** @throws SymbolonError `agreement-limit` for an agreement that covers no studies */
export function requireStudies(agreement: Agreement): StudyAgreement {
  if (coversStudies(agreement)) return agreement;
  throw fault('agreement-limit', `the agreement "${agreement.title}" covers no studies`);
}

function checkedAgreement(value: unknown): Agreement {
  const agreement = checked(agreementSchema, value, 'agreement-invalid', 'agreement');
  const [broken] = brokenRules((must) => checkAgreement(must, agreement));
  if (broken !== undefined) throw ruleFault(broken);
  return agreement;
}
