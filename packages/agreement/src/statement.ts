import { addSignature, type SignedDocument, type SigningKey } from '@symbolon/crypto';
import { z } from 'zod';
import { requireLink } from './agreement.ts';
import { attemptId, type Frozen, hash, moment, organisationId } from './fields.ts';
import { purposeCode } from './purpose.ts';
import type { VerifiedAgreement } from './signing.ts';
import { requireAbout, statementKind } from './statement-kind.ts';

const count = z.int().min(0);

const run = statementKind('run', {
  agreement: hash,
  /** Who started it, and what for, as it said then: who opted out of that was left out. Absent in statements that are older. */
  initiator: organisationId.exactOptional(),
  purpose: purposeCode.nullable().exactOptional(),
  /** The session's id; of several, one hash of their ids in order. */
  session: hash,
  /** Each with one-time keys of its own. */
  sessions: z.int().min(1),
  program: hash,
  transcript: hash,
  /** Salted hash of what the run released; null where one party alone learns it. */
  released: hash.nullable(),
  rows: z.strictObject({ a: count, b: count }),
  /** null where one party alone learns it. */
  matches: count.nullable(),
  attempt: attemptId,
  date: moment,
});

/** What the parties of a link state about it, all of them in the same words (PROTOCOLS §1). Hashes in base64url. */
export type RunStatement = Frozen<z.output<typeof run.shape>>;

/** Signs a link's statement; throws `bad-document` naming the field if it is malformed. */
export function signStatement(statement: Omit<RunStatement, 'kind' | 'version'>, key: SigningKey): SignedDocument {
  return run.sign(statement, key);
}

/** Adds the signature of another party, which must have compared the statement with its own. */
export function cosignStatement(doc: SignedDocument, key: SigningKey): SignedDocument {
  return addSignature(doc, key);
}

/**
 * The statement of a link under `verified`, if both holders of the tables have signed it and nobody else. Throws what
 * `verifyDocument` throws, and `hash-mismatch` if it is about another agreement.
 */
export function verifyStatement(doc: unknown, { agreement, hash: agreed }: VerifiedAgreement): RunStatement {
  const { a, b } = requireLink(agreement).tables;
  const holders = agreement.parties.filter(({ id }) => [a.party, b.party].includes(id));
  run.requireSigned(doc, holders);
  const statement = run.read(doc);
  requireAbout(statement, agreed);
  return statement;
}
