import { renewed, verifyNotice } from '@symbolon/agreement';
import { parseDocument } from '@symbolon/crypto';
import type { PartyContext } from '../context.ts';
import type { StoredAgreement } from './store.ts';

/** What can become of an agreement. */
export const agreementChangeKinds = [
  'added',
  'signed',
  'suspended',
  'resumed',
  'revoked',
  'declined',
  'not to be renewed',
  'countered',
  'amended',
  'term began',
  'term ended',
] as const;

/** One change of an agreement's state. */
export interface AgreementChange {
  /** When it was kept here; of what follows from the term, the day. */
  readonly at: string;
  readonly what: (typeof agreementChangeKinds)[number];
  /** The organisation that did it; null for what follows from the term. */
  readonly by: string | null;
  /** Who of this organisation; null for others, and where nobody was asked. */
  readonly person: string | null;
  readonly reason: string | null;
  /** Of the version that answers or replaces it. */
  readonly version: string | null;
  /** Where the own log says so: epoch and index; null where it has no entry. */
  readonly log: { readonly epoch: number; readonly index: number } | null;
}

const past = {
  suspend: 'suspended',
  resume: 'resumed',
  revoke: 'revoked',
  decline: 'declined',
  lapse: 'not to be renewed',
} as const;
const nobody = { by: null, person: null, reason: null, version: null, log: null };

/** The changes of an agreement's state as this organisation came to know them, the oldest first. */
export async function history(context: PartyContext, stored: StoredAgreement): Promise<AgreementChange[]> {
  const { agreements, now } = context;
  const { hash, agreement, addedAt, missing } = stored;
  const { from, until } = renewed(agreement, stored.notices).term;
  const today = now().toISOString().slice(0, 10);
  const changes: AgreementChange[] = [
    { ...nobody, at: addedAt, what: 'added' },
    ...(await signatures(context, hash)).map((one) => ({ ...one, what: 'signed' as const })),
    ...(await notices(context, stored)),
  ];
  for (const version of await agreements.successors(hash)) {
    const [last] = (await signatures(context, version.hash)).toReversed();
    if (last === undefined) continue;
    const what = version.missing.length === 0 ? 'amended' : 'countered';
    if (what === 'countered' && version.agreement.counters !== hash) continue;
    changes.push({ ...last, what, version: version.hash });
  }
  if (missing.length === 0) {
    if (from <= today) changes.push({ ...nobody, at: `${from}T00:00:00.000Z`, what: 'term began' });
    if (until < today) changes.push({ ...nobody, at: `${until}T23:59:59.999Z`, what: 'term ended' });
  }
  return changes.sort(earlier);
}

/** By time, and what the log has in its order. */
function earlier(one: AgreementChange, other: AgreementChange): number {
  if (one.at !== other.at) return one.at < other.at ? -1 : 1;
  return (one.log?.index ?? -1) - (other.log?.index ?? -1);
}

async function signatures({ database }: PartyContext, agreement: string): Promise<Omit<AgreementChange, 'what'>[]> {
  const rows = await database
    .selectFrom('agreement_signature')
    .selectAll()
    .where('agreement', '=', agreement)
    .orderBy('signed_at')
    .orderBy('log_index')
    .execute();
  return rows.map(({ party, signed_at, log_epoch, log_index }) => ({
    ...nobody,
    at: signed_at,
    by: party,
    log: log_epoch === null || log_index === null ? null : { epoch: log_epoch, index: log_index },
  }));
}

async function notices({ database }: PartyContext, stored: StoredAgreement): Promise<AgreementChange[]> {
  const rows = await database.selectFrom('agreement_notice').selectAll().where('agreement', '=', stored.hash).execute();
  return rows.map(({ document, kept_at, person, log_epoch, log_index }) => {
    const { by, action, reason } = verifyNotice(parseDocument(document), stored);
    const log = { epoch: log_epoch, index: log_index };
    return { ...nobody, at: kept_at, what: past[action], by, person, reason, log };
  });
}
