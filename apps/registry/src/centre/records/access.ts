import type { Database, LogEvent, ServerLog } from '@symbolon/service';
import { type Grants, mayRead, type RecordPlace, type Scope, type Window } from '../grants.ts';

/** What allowed an access. */
export interface Basis {
  readonly basis: 'own' | 'consent' | 'break-glass';
  /** Of the consent, or of the access without a card. */
  readonly session: string | null;
}

/** Why records may be shown; undefined if one of them may not. Of several reasons the one that weighs most. */
export function basisOf(scope: Scope, records: readonly RecordPlace[]): Basis | undefined {
  const reasons = records.map((record) => mayRead(scope, record));
  if (reasons.includes(undefined)) return undefined;
  const windows = reasons.filter((reason): reason is Window => reason !== 'own');
  const window = windows.find(({ kind }) => kind === 'break-glass') ?? windows[0];
  if (window === undefined) return { basis: 'own', session: null };
  return { basis: window.kind === 'break-glass' ? 'break-glass' : 'consent', session: window.session };
}

/** Who looks at what. */
export interface Access {
  readonly scope: Scope;
  readonly what: 'listed' | 'read';
  readonly records: readonly RecordPlace[];
  /** Name of the one that is read. */
  readonly record: string | null;
  readonly at: string;
}

/**
 * Keeps an access, for the patient and in the log, before what was read leaves. What allows it is asked once more in the same transaction: whoever withdraws
 * consent is sure that nothing is read from then on. Resolves to false if it is not allowed any more.
 */
export async function keepAccess(
  { log, grants }: { readonly log: Pick<ServerLog, 'append'>; readonly grants: Grants },
  { scope, what, records, record, at }: Access,
): Promise<boolean> {
  const reason = basisOf(scope, records);
  if (reason === undefined) return false;
  const { relation } = scope;
  const { module, physician: by, institution } = relation;
  const event: LogEvent = { kind: `record-${what}`, module, relation: relation.id, by, record, ...reason, at };
  let allowed = true;
  await log
    .append(event, async (within) => {
      const now = basisOf(await grants.scope(relation, within), records);
      allowed = now !== undefined;
      if (!allowed) throw new Withdrawn();
      const purpose = await purposeOf(within, reason.session);
      const row = { module, relation: relation.id, by, institution, what, record, ...reason, purpose, at };
      await within.insertInto('record_access').values(row).execute();
    })
    .catch((error: unknown) => {
      if (!(error instanceof Withdrawn)) throw error;
    });
  return allowed;
}

class Withdrawn extends Error {}

async function purposeOf(database: Database, session: string | null): Promise<string> {
  if (session === null) return '';
  const row = await database
    .selectFrom('centre_consent')
    .select('purpose')
    .where('session', '=', session)
    .executeTakeFirst();
  return row?.purpose ?? '';
}
