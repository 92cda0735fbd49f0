import { type Licence, lapseDay, lastDay, type UseStatement, verifyUseStatement } from '@symbolon/agreement';
import { parseDocument } from '@symbolon/crypto';
import type { Database } from '@symbolon/service';
import type { StoredAgreement } from '../agreements/store.ts';
import type { PartyContext } from '../context.ts';

/** A use of a licence as this party knows it: a run that opened its result, by its signed statement. */
export interface KnownUse {
  /** Number of the run here; those on encrypted tables have numbers of their own. */
  readonly run: number;
  readonly statement: UseStatement;
  /** The signed statement, canonical bytes. */
  readonly document: Uint8Array;
  /** Where the own log says so; null while it does not. */
  readonly log: { readonly epoch: number; readonly index: number } | null;
}

/** All uses of a licence, the oldest first: studies, then questions to encrypted tables. Every statement is verified again. */
export async function usesOf(database: Database, licence: StoredAgreement): Promise<KnownUse[]> {
  const columns = ['id', 'statement', 'log_epoch', 'log_index'] as const;
  const studies = await database
    .selectFrom('run')
    .select(columns)
    .where('agreement', '=', licence.hash)
    .where('state', '=', 'done')
    .where('study', 'is not', null)
    .orderBy('id')
    .execute();
  const sealed = await database
    .selectFrom('sealed_run')
    .select(columns)
    .where('agreement', '=', licence.hash)
    .where('state', '=', 'done')
    .orderBy('id')
    .execute();
  return [...studies, ...sealed].flatMap(({ id, statement: document, log_epoch: epoch, log_index: index }) => {
    if (document === null) return [];
    const log = epoch === null || index === null ? null : { epoch, index };
    return [{ run: id, statement: verifyUseStatement(parseDocument(document), licence), document, log }];
  });
}

/** The last day of a licence that was revoked, that another version took the place of, or that is not to be renewed; null if it is none of these. */
export async function endOf(
  { database, agreements }: Pick<PartyContext, 'database' | 'agreements'>,
  { hash, notices, agreement: { term, renewal } }: StoredAgreement,
): Promise<string | null> {
  const revoked = notices.filter(({ action }) => action === 'revoke').map(({ at }) => at.slice(0, 10));
  const replaced: string[] = [];
  for (const version of await agreements.successors(hash)) {
    if (version.missing.length > 0) continue;
    const { at } = await database
      .selectFrom('agreement_signature')
      .select(({ fn }) => fn.max('signed_at').as('at'))
      .where('agreement', '=', version.hash)
      .executeTakeFirstOrThrow();
    replaced.push(at.slice(0, 10));
  }
  const lapse = lapseDay(notices);
  const lapsed = lapse === null ? [] : [lastDay(term, renewal, lapse)];
  return [...revoked, ...replaced, ...lapsed].sort()[0] ?? null;
}

/** What an owner is told of a use. */
export interface UseLine {
  readonly licence: string;
  readonly title: string;
  readonly licensee: string;
  readonly run: number;
  /** Its name; of a question to an encrypted table the table's. */
  readonly study: string;
  readonly sealed?: true;
  readonly initiator: string | null;
  readonly purpose: string | null;
  /** Ids of those who learnt the result. */
  readonly to: readonly string[];
  readonly date: string;
  readonly log: { readonly epoch: number; readonly index: number } | null;
}

/** {@link usesOf} in short. */
export function useLine(hash: string, { title, licence }: Licence, { run, statement, log }: KnownUse): UseLine {
  const { date, purpose = null } = statement;
  const what =
    statement.kind === 'study-run'
      ? { study: statement.study, initiator: statement.initiator ?? null, to: statement.to }
      : { study: statement.name, initiator: licence.licensee, to: [statement.owner], sealed: true as const };
  return { licence: hash, title, licensee: licence.licensee, run, ...what, purpose, date, log };
}
