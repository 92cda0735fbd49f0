import { base64url, canonicalBytes, fault, parseCanonical, payloadHash } from '@symbolon/crypto';
import type { Card } from './card.ts';
import { scaledDecimal } from './decimal.ts';
import { checked, type Frozen, keyNames } from './fields.ts';
import { checkBlocking, checkText } from './matching.ts';
import { distinct, must } from './rules.ts';
import {
  type Agreement,
  agreementSchema,
  type Column,
  type LinkAgreement,
  type Member,
  type StudyAgreement,
  type Table,
} from './schema.ts';
import { checkStudies } from './study-rules.ts';

// Sums and differences of values must stay within a signed 64-bit word.
const maxMagnitude = 1n << 62n;

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
 * nothing until this has passed. Throws `unknown-organisation` (no card) or `agreement-altered` (another key or name).
 */
export function requireCards(agreement: Agreement, cards: readonly Card[]): void {
  const roles = [
    ...agreement.parties.map((member) => ['party', member] as const),
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

/** The bounds of a number column × 10^scale, as integers. */
export function scaledBounds(column: Extract<Column, { type: 'number' }>): { min: bigint; max: bigint } {
  const scale = column.scale ?? 0;
  return { min: scaledDecimal(column.min, scale), max: scaledDecimal(column.max, scale) };
}

function checkedAgreement(value: unknown): Agreement {
  const agreement = checked(agreementSchema, value, 'agreement-invalid', 'agreement');
  checkMembers(agreement);
  const { tables, link, studies } = agreement;
  must(tables === undefined || link !== undefined, 'link', 'is missing, but there are tables for it');
  must(link === undefined || tables !== undefined, 'tables', 'are missing, but there is a link of them');
  must(link !== undefined || studies !== undefined, 'agreement', 'covers neither a link nor studies');
  if (coversLink(agreement)) checkLink(agreement);
  if (studies !== undefined) checkStudies(studies, agreement);
  must(agreement.term.from <= agreement.term.until, 'term.until', 'lies before term.from');
  return agreement;
}

function checkLink(agreement: LinkAgreement): void {
  const { a, b } = agreement.tables;
  for (const [name, table] of Object.entries(agreement.tables)) checkTable(agreement, name, table);
  must(a.party !== b.party, 'tables.b.party', 'both tables belong to the same party');
  const owners = [a.party, b.party];
  const { to, blocking, cardinality = 'many-to-many', prefer } = agreement.link;
  must(distinct(to), 'link.to', 'names a party twice');
  for (const id of to) must(owners.includes(id), 'link.to', `${id} holds neither table`);
  if (blocking !== undefined) checkBlocking('link.blocking', blocking);
  must(prefer === undefined || cardinality !== 'many-to-many', 'link.prefer', 'says nothing where all pairs count');
}

function checkMembers({ parties, keyService }: Agreement): void {
  const members = [...parties, keyService];
  must(distinct(members.map(({ id }) => id)), 'parties', 'two organisations have the same id');
  must(distinct(members.map(({ name }) => name)), 'parties', 'two organisations have the same name');
  const keys = members.flatMap((member) => keyNames.map((name) => member[name]));
  must(distinct(keys), 'parties', 'a key appears twice; every key of every organisation must differ');
}

function checkTable(agreement: Agreement, name: string, table: Table): void {
  const at = `tables.${name}`;
  must(
    agreement.parties.some(({ id }) => id === table.party),
    `${at}.party`,
    `${table.party} is not a party`,
  );
  must(
    table.key === undefined || Object.hasOwn(table.columns, table.key),
    `${at}.key`,
    `there is no column ${table.key}`,
  );
  for (const [column, definition] of Object.entries(table.columns)) checkColumn(`${at}.columns.${column}`, definition);
}

function checkColumn(at: string, column: Column): void {
  if (column.type === 'text') checkText(at, column);
  if (column.type === 'number') {
    const scale = column.scale ?? 0;
    for (const bound of ['min', 'max'] as const) {
      const decimals = column[bound].split('.')[1]?.length ?? 0;
      must(decimals <= scale, `${at}.${bound}`, `has more than ${scale} decimals (see scale)`);
    }
    const { min, max } = scaledBounds(column);
    must(min <= max, `${at}.max`, 'is less than min');
    must(min > -maxMagnitude && max < maxMagnitude, at, 'the range × 10^scale does not fit 62 bits');
  }
}
