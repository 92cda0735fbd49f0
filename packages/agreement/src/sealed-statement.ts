import { fault, type SignedDocument, type SigningKey } from '@symbolon/crypto';
import { z } from 'zod';
import { columnName, type Frozen, hash, moment, organisationId } from './fields.ts';
import { purposeCode } from './purpose.ts';
import type { VerifiedAgreement } from './signing.ts';
import { requireAbout, statementKind } from './statement-kind.ts';

const id = z.base64url().length(22);

const sealedRun = statementKind('sealed-run', {
  agreement: hash,
  /** Whose table it is, who signs this, and who computed. */
  owner: organisationId,
  compute: organisationId,
  /** The table's name in the agreement, its id at the server, the hash of its manifest, and its key pair. */
  name: columnName,
  table: id,
  manifest: hash,
  key: id,
  rows: z.int().min(1),
  /** What was approved, what the server was asked, and what it returned. */
  question: hash,
  circuit: hash,
  returned: hash,
  /** Salted hash of what the run released. */
  released: hash,
  /** Whether the same was computed here from the rows in the clear; false where they are not there any more. */
  recomputed: z.boolean(),
  purpose: purposeCode.nullable(),
  date: moment,
});

/** What the owner of an encrypted table states about a question that another computed on it. Hashes in base64url. */
export type SealedStatement = Frozen<z.output<typeof sealedRun.shape>>;

/** Signs a statement; throws `bad-document` naming the field if it is malformed. */
export function signSealedStatement(
  statement: Omit<SealedStatement, 'kind' | 'version'>,
  key: SigningKey,
): SignedDocument {
  return sealedRun.sign(statement, key);
}

/** The statement of a run under `verified`, if the owner that the agreement names has signed it. Throws what `verifyDocument` throws, and `hash-mismatch`. */
export function verifySealedStatement(doc: unknown, { agreement, hash: agreed }: VerifiedAgreement): SealedStatement {
  const statement = sealedRun.read(doc);
  requireAbout(statement, agreed);
  const { outsourcing, parties } = agreement;
  const owner = parties.find((party) => party.id === statement.owner);
  if (owner === undefined || outsourcing?.owner !== owner.id || outsourcing.compute !== statement.compute) {
    throw fault('document-signer', `${statement.owner} lets nobody compute under this agreement`, {
      culprit: statement.owner,
    });
  }
  sealedRun.requireSigned(doc, [owner]);
  return statement;
}
