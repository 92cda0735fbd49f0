import { canonicalBytes, equalBytes, fault, type SignedDocument, type SigningKey } from '@symbolon/crypto';
import { z } from 'zod';
import { money } from './commerce.ts';
import { attemptId, columnName, datasetName, date, type Frozen, hash, moment, organisationId } from './fields.ts';
import { isLicence } from './licence.ts';
import { usageOf, verifyUseStatement } from './licence-usage.ts';
import { purposeCode } from './purpose.ts';
import type { VerifiedAgreement } from './signing.ts';
import { statementKind } from './statement-kind.ts';

/** A calendar month, YYYY-MM. */
export const calendarMonth = z.string().regex(/^\d{4}-(0[1-9]|1[0-2])$/, 'must be a month, YYYY-MM');

const monthly = statementKind('licence-statement', {
  /** Its id: hash of the agreement. */
  licence: hash,
  /** Who states it: any of its parties. */
  issuer: organisationId,
  issued: moment,
  /** Its last day, where it was revoked or replaced, or is not to be renewed; else null. */
  ended: date.nullable(),
  month: calendarMonth,
  currency: z.string().max(3).nullable(),
  runs: z
    .array(
      z.strictObject({
        attempt: attemptId,
        study: z.union([datasetName, columnName]),
        studyHash: hash,
        /** It was a question to an encrypted table, of this name. */
        sealed: z.literal(true).exactOptional(),
        initiator: organisationId.nullable(),
        purpose: purposeCode.nullable(),
        date: moment,
        amount: money,
      }),
    )
    .max(100_000),
  fee: money,
  sum: money,
  total: money,
  split: z.record(organisationId, money),
});

/** The shape of a statement. */
export const licenceStatementFields = monthly.shape;

/** What one party of a licence states of a month, to be paid or compared; see `usageOf`. */
export type LicenceStatement = Frozen<z.output<typeof licenceStatementFields>>;

/** Signs a statement; throws `bad-document` naming the field if it is malformed. */
export function signLicenceStatement(
  statement: Omit<LicenceStatement, 'kind' | 'version'>,
  key: SigningKey,
): SignedDocument {
  return monthly.sign(statement, key);
}

/**
 * The statement of a party of a licence, if it signed it and every figure follows from the signed statements of the runs that come with it. Which
 * runs there were is for whoever reads it to compare with its own.
 *
 * @param runs documents, one for each run that is listed
 * @throws SymbolonError what `verifyDocument` throws; `hash-mismatch` for another licence; `peer-disagrees` naming the issuer where figures and runs differ
 */
export function verifyLicenceStatement(
  doc: unknown,
  licence: VerifiedAgreement,
  runs: readonly unknown[],
): LicenceStatement {
  const { agreement, hash: agreed } = licence;
  const claimed = monthly.read(doc);
  const { kind: _kind, version: _version, licence: about, issuer, issued: _issued, ended, ...figures } = claimed;
  if (about !== agreed) throw fault('hash-mismatch', 'the statement is about another licence');
  const member = agreement.parties.find(({ id }) => id === issuer);
  if (member === undefined)
    throw fault('document-signer', `${issuer} is not a party to the licence`, { culprit: issuer });
  monthly.requireSigned(doc, [member]);
  if (!isLicence(agreement)) throw fault('hash-mismatch', `"${agreement.title}" is not a licence`);
  const statements = runs.map((run) => verifyUseStatement(run, licence));
  const computed = usageOf(agreement, figures.month, statements, ended);
  const complete = statements.length === computed.runs.length;
  if (complete && equalBytes(canonicalBytes(computed), canonicalBytes(figures))) return claimed;
  throw fault(
    'peer-disagrees',
    `the figures of ${issuer} for ${figures.month} do not follow from the runs that were signed`,
    {
      culprit: issuer,
    },
  );
}
