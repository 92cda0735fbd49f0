import {
  type Licence,
  type LicenceStatement,
  type LicenceUsage,
  signLicenceStatement,
  usageOf,
  useId,
  verifyAgreement,
  verifyLicenceStatement,
  verifyUseStatement,
} from '@symbolon/agreement';
import { fault, fromBase64url, parseCanonical, parseDocument, type SignedDocument } from '@symbolon/crypto';
import { type Also, openArchive, proveEntry } from '@symbolon/service';
import { z } from 'zod';
import type { StoredAgreement } from '../agreements/store.ts';
import type { PartyContext } from '../context.ts';
import { type RunProof, verifyRunProofs } from './proofs.ts';
import { endOf, type KnownUse, usesOf } from './uses.ts';

const document = z.strictObject({
  payload: z.string().max(400_000),
  signatures: z.array(z.strictObject({ protected: z.string().max(4096), signature: z.string().max(512) })).max(16),
});

/** A statement with all that it follows from: it can be verified by anybody who knows the keys of its parties. */
export const statementFile = z.strictObject({
  kind: z.literal('licence-statement-file'),
  version: z.literal(1),
  /** The signed licence. */
  licence: document,
  statement: document,
  runs: z
    .array(
      z.strictObject({
        /** Of a study signed by all its parties, of a question to an encrypted table by the owner. */
        statement: document,
        /** That the issuer's log holds it, as `symbolon audit prove` writes it; null while it does not. */
        proof: z.string().max(400_000).nullable(),
      }),
    )
    .max(10_000),
});

/** See {@link statementFile}. */
export type StatementFile = z.output<typeof statementFile>;

/** What a licence came to in a month, by the runs that this party knows. */
export async function usageHere(
  context: PartyContext,
  { stored, licence }: { readonly stored: StoredAgreement; readonly licence: Licence },
  month: string,
): Promise<{ readonly usage: LicenceUsage; readonly uses: readonly KnownUse[]; readonly ended: string | null }> {
  const { database, now } = context;
  if (stored.missing.length > 0) {
    throw fault('agreement-unsigned', `"${licence.title}" is not signed by ${stored.missing.join(', ')}`);
  }
  if (month > now().toISOString().slice(0, 7)) throw fault('request-invalid', `the month ${month} has not begun`);
  const ended = await endOf(context, stored);
  const all = await usesOf(database, stored);
  const usage = usageOf(
    licence,
    month,
    all.map(({ statement }) => statement),
    ended,
  );
  const attempts = usage.runs.map(({ attempt }) => attempt);
  const uses = all
    .filter(({ statement }) => attempts.includes(useId(statement)))
    .sort((a, b) => attempts.indexOf(useId(a.statement)) - attempts.indexOf(useId(b.statement)));
  return { usage, uses, ended };
}

/** States a month of a licence, signed, with the cosigned statement of each run and its proof from the own log. */
export async function state(
  context: PartyContext,
  found: { readonly stored: StoredAgreement; readonly licence: Licence },
  month: string,
  also?: Also<StatementFile['statement']>,
): Promise<StatementFile> {
  const { home, now, log } = context;
  const { stored } = found;
  const { usage, ended } = await usageHere(context, found, month);
  const issued = `${now().toISOString().slice(0, 19)}Z`;
  const statement = copied(
    signLicenceStatement({ licence: stored.hash, issuer: home.card.id, issued, ended, ...usage }, home.signingKey),
  );
  const event = { kind: 'licence-stated', licence: stored.hash, month, total: usage.total };
  await log.append(event, async (transaction) => also?.(transaction, statement));
  return fileOf(context, stored, statement);
}

/** A statement of this party with all that it follows from. */
export async function fileOf(
  context: PartyContext,
  stored: StoredAgreement,
  statement: StatementFile['statement'],
): Promise<StatementFile> {
  const { runs: listed } = parseCanonical(fromBase64url(statement.payload)) as unknown as LicenceStatement;
  const uses = await usesOf(context.database, stored);
  const runs: StatementFile['runs'] = [];
  for (const { attempt } of listed) {
    const use = uses.find((one) => useId(one.statement) === attempt)!;
    runs.push({ statement: copied(parseDocument(use.document)), proof: await proofOf(context, use) });
  }
  return { kind: 'licence-statement-file', version: 1, licence: copied(stored.document), statement, runs };
}

function copied({ payload, signatures }: SignedDocument): StatementFile['statement'] {
  return { payload, signatures: signatures.map((signature) => ({ ...signature })) };
}

async function proofOf({ home, database }: PartyContext, { log }: KnownUse): Promise<string | null> {
  if (log === null) return null;
  return proveEntry(await openArchive(home, database, log.epoch), log.index);
}

/** A statement file that was verified, and what differs from what is known here. */
export interface VerifiedStatement {
  readonly statement: LicenceStatement;
  /** Attempts in it that are not known here, and known ones of that month that are not in it; null where the licence is not known here. */
  readonly unknown: readonly string[] | null;
  readonly missing: readonly string[] | null;
  /** Where the issuer's log holds each run; null where the key of its log is not known here. */
  readonly proofs: readonly RunProof[] | null;
}

/**
 * Verifies what another party, or this one, has stated: its signature, those of the licence and of every run, every figure, and that the issuer's log
 * holds every run. Where the licence is known here the runs are compared too. Throws `bad-document`, `bad-signature`, `peer-disagrees`, …
 */
export async function verifyStatementFile(context: PartyContext, value: unknown): Promise<VerifiedStatement> {
  const file = statementFile.safeParse(value);
  if (!file.success) {
    const [issue] = file.error.issues;
    throw fault('bad-document', `${issue!.path.join('.') || 'statement'}: ${issue!.message}`);
  }
  const { licence, statement, runs } = file.data;
  const verified = verifyAgreement(licence);
  if (verified.missing.length > 0) {
    throw fault('agreement-unsigned', `the licence is not signed by ${verified.missing.join(', ')}`);
  }
  const stated = verifyLicenceStatement(
    statement,
    verified,
    runs.map((run) => run.statement),
  );
  const attempts = runs.map((run) => ({ ...run, of: verifyUseStatement(run.statement, verified) }));
  const proofs = verifyRunProofs(context.home, stated.issuer, attempts);
  const stored = await context.agreements.find(verified.hash);
  if (stored === undefined) return { statement: stated, unknown: null, missing: null, proofs };
  const known = (await usesOf(context.database, stored))
    .map((use) => use.statement)
    .filter(({ date }) => date.slice(0, 7) === stated.month)
    .map(useId);
  const listed = stated.runs.map(({ attempt }) => attempt);
  return {
    statement: stated,
    unknown: listed.filter((attempt) => !known.includes(attempt)),
    missing: known.filter((attempt) => !listed.includes(attempt)),
    proofs,
  };
}
