import { base64url, canonicalBytes, fault, parseCanonical, payloadHash } from '@symbolon/crypto';
import type { Card } from './card.ts';
import { scaledDecimal } from './decimal.ts';
import { checked, type Frozen, keyNames } from './fields.ts';
import { type Agreement, agreementSchema, type Column, type Member, normalisations, type Table } from './schema.ts';

// Sums and differences of values must stay within a signed 64-bit word.
const maxMagnitude = 1n << 62n;

/**
 * Reads the payload of an agreement (canonical bytes). Throws `not-canonical`, or `agreement-invalid` with the field at fault
 * as its culprit.
 */
export function parseAgreement(payload: Uint8Array): Agreement {
  return checkedAgreement(parseCanonical(payload));
}

/** A new agreement from its terms; the same checks as {@link parseAgreement}. */
export function draftAgreement(
  terms: Frozen<Omit<Agreement, 'kind' | 'version' | 'predecessor'>> & { predecessor?: string | null },
): Agreement {
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

/** The bounds of a number column × 10^scale, as integers. */
export function scaledBounds(column: Extract<Column, { type: 'number' }>): { min: bigint; max: bigint } {
  const scale = column.scale ?? 0;
  return { min: scaledDecimal(column.min, scale), max: scaledDecimal(column.max, scale) };
}

function checkedAgreement(value: unknown): Agreement {
  const agreement = checked(agreementSchema, value, 'agreement-invalid', 'agreement');
  checkMembers(agreement);
  const { a, b } = agreement.tables;
  for (const [name, table] of Object.entries(agreement.tables)) checkTable(agreement, name, table);
  must(a.party !== b.party, 'tables.b.party', 'both tables belong to the same party');
  const owners = [a.party, b.party];
  checkLink(agreement.link, owners);
  must(agreement.term.from <= agreement.term.until, 'term.until', 'lies before term.from');
  return agreement;
}

function checkLink({ to, blocking, cardinality = 'many-to-many', prefer }: Agreement['link'], owners: string[]): void {
  must(distinct(to), 'link.to', 'names a party twice');
  for (const id of to) must(owners.includes(id), 'link.to', `${id} holds neither table`);
  must(distinct(blocking?.keys ?? []), 'link.blocking.keys', 'names a key twice');
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
  if (column.type === 'text') {
    const steps = column.normalise.map((step) => normalisations.indexOf(step));
    const ascending = steps.every((step, i) => i === 0 || steps[i - 1]! < step);
    must(ascending, `${at}.normalise`, `steps must be in the order ${normalisations.join(', ')}, each once`);
    must(distinct([...(column.alphabet ?? '')]), `${at}.alphabet`, 'holds a character twice');
  }
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

function distinct(values: readonly string[]): boolean {
  return new Set(values).size === values.length;
}

function must(holds: boolean, field: string, rule: string): void {
  if (!holds) throw fault('agreement-invalid', `${field}: ${rule}`, { culprit: field });
}
