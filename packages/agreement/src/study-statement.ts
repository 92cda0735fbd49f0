import { fault, type SignedDocument, type SigningKey } from '@symbolon/crypto';
import { z } from 'zod';
import { attemptId, datasetName, type Frozen, hash, moment, organisationId } from './fields.ts';
import { purposeCode } from './purpose.ts';
import type { VerifiedAgreement } from './signing.ts';
import { requireAbout, statementKind } from './statement-kind.ts';

const count = z.int().min(0);

const studyRun = statementKind('study-run', {
  agreement: hash,
  /** Its name in the agreement, and what was made of it. */
  study: datasetName,
  studyHash: hash,
  /** Those who took part, in order: all of them sign. */
  parties: z.array(organisationId).min(2).max(5),
  /** Those who learn the result. */
  to: z.array(organisationId).min(1).max(5),
  /** Who started it, and what for, as it said then: what is paid follows from both. Absent in statements that are older. */
  initiator: organisationId.exactOptional(),
  purpose: purposeCode.nullable().exactOptional(),
  /** Id of the session that opened the result. */
  session: hash,
  /** How many there were, each with one-time keys of its own. */
  sessions: z.int().min(1),
  /** One hash of all their programs. */
  programs: hash,
  transcript: hash,
  /** Salted hash of what the run released; null where not all parties learn it. */
  released: hash.nullable(),
  /** By table of the study, then by holder. */
  rows: z.record(z.string(), z.record(organisationId, count)),
  attempt: attemptId,
  /** The attempt at the link whose pairs were joined; absent where no linkage was used. */
  link: attemptId.exactOptional(),
  date: moment,
});

/** What the parties of a study state about a run, all of them in the same words (PROTOCOLS §1). Hashes in base64url. */
export type StudyStatement = Frozen<z.output<typeof studyRun.shape>>;

/** Signs a statement; throws `bad-document` naming the field if it is malformed. */
export function signStudyStatement(
  statement: Omit<StudyStatement, 'kind' | 'version'>,
  key: SigningKey,
): SignedDocument {
  return studyRun.sign(statement, key);
}

/**
 * The statement of a run of a study under `verified`, if exactly the parties that it names have signed it. Throws what `verifyDocument`
 * throws, and `hash-mismatch` if it is about another agreement.
 */
export function verifyStudyStatement(doc: unknown, { agreement, hash: agreed }: VerifiedAgreement): StudyStatement {
  const statement = studyRun.read(doc);
  requireAbout(statement, agreed);
  const signers = statement.parties.map((id) => {
    const member = agreement.parties.find((party) => party.id === id);
    if (member === undefined) throw fault('document-signer', `${id} is not a party to the agreement`, { culprit: id });
    return member;
  });
  studyRun.requireSigned(doc, signers);
  return statement;
}
