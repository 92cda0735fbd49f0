import { approvedActions, roles } from '@symbolon/agreement';
import { topics } from '@symbolon/analytics';
import { z } from 'zod';

/** An agreement's hash, or its first 6 or more characters. */
export const agreementHash = z.string().regex(/^[A-Za-z0-9_-]{6,43}$/, 'must be 6 to 43 characters of a hash');
export const ofAgreement = z.strictObject({ hash: agreementHash });
export const ofStudy = z.strictObject({ hash: agreementHash, study: z.string().min(1).max(63) });
export const ofRun = z.strictObject({ run: z.coerce.number().int().min(1) });

/** A document, canonical JSON with signatures, in base64url. */
export const documentBody = z.strictObject({ document: z.base64url().min(1).max(262_144) });

/** What is said of a study: a sentence, what it is about, and the list that belongs to it. */
export const said = z
  .strictObject({
    about: z.enum(topics),
    by: z.array(z.string()).readonly().describe('Of `local`: ids of the parties that compute it from their own rows'),
    text: z.string(),
    items: z.array(z.string()).readonly(),
  })
  .meta({ id: 'Said' });

/** The number of a job, which stands for the run that a server is at. */
export const begun = z.strictObject({ job: z.int() });

const attempt = {
  id: z.int(),
  agreement: z.string().describe('Hash of the agreement'),
  attempt: z.string(),
  session: z.string().nullable(),
  state: z.enum(['running', 'done', 'failed', 'aborted']),
  error: z.string().nullable().describe('Code and message of what ended it'),
  startedAt: z.iso.datetime(),
  endedAt: z.iso.datetime().nullable(),
  openedAt: z.iso.datetime().nullable().describe("Since when it counts towards the agreement's runs"),
  logEpoch: z.int().nullable(),
  logIndex: z.int().nullable(),
};
const traffic = z.strictObject({ sent: z.number(), received: z.number(), answerKey: z.number() });
const seconds = {
  rounds: z.int(),
  bytes: traffic,
  seconds: z.number(),
  protocolSeconds: z.number(),
  phaseSeconds: z.record(z.string(), z.number()),
};

/** Sizes of tables that all parties of a study know: by alias and party. */
export const sizes = z.record(
  z.string(),
  z.record(z.string(), z.strictObject({ rows: z.int(), patients: z.int(), rowsPerPatient: z.int().exactOptional() })),
);

/** A run of a link. */
export const linkRun = z
  .strictObject({
    ...attempt,
    details: z
      .strictObject({
        rows: z.strictObject({ a: z.int(), b: z.int() }),
        matches: z.int().nullable(),
        initiator: z.string(),
        program: z.string(),
        data: z.string().exactOptional(),
        leftOut: z.int().exactOptional().describe('Own records that took no part, because people opted out'),
        sessions: z.int(),
        shards: z.int(),
        cut: z.int(),
        full: z
          .int()
          .exactOptional()
          .describe('Rows of a with as many partners as blocking gives: others may match them'),
        ...seconds,
      })
      .nullable(),
  })
  .meta({ id: 'LinkRun' });

/** A run of a study. */
export const studyRun = z
  .strictObject({
    ...attempt,
    study: z.string(),
    details: z
      .strictObject({
        initiator: z.string(),
        parties: z.array(z.string()),
        to: z.array(z.string()),
        studyHash: z.string(),
        sizes,
        leftOut: z
          .record(z.string(), z.int())
          .exactOptional()
          .describe('Own records that took no part, because people opted out, by the alias of the table'),
        sessions: z.int(),
        cut: z
          .record(z.string(), z.int())
          .exactOptional()
          .describe('Of joins by a rule: own rows of which the cap cut something, by the alias of the spoke'),
        ...seconds,
      })
      .nullable(),
  })
  .meta({ id: 'StudyRun' });

/** The statement that all parties of a run signed; null while there is none. */
export const statementAnswer = z.strictObject({
  statement: z.base64url().nullable().describe('Canonical JSON with signatures'),
});

/** That somebody has approved something, in one form. */
export const approval = z
  .strictObject({
    action: z.enum([...approvedActions, 'erase-event']),
    agreement: z.string(),
    name: z.string(),
    hash: z.string().describe('Of the form that was approved'),
    by: z.string(),
    kind: z.enum(['owner', 'user']),
    roles: z.array(z.enum(roles)),
    approvedAt: z.iso.datetime(),
  })
  .meta({ id: 'Approval' });

const value = z.string().nullable();
/** What a study released. */
export const releasedStudy = z
  .strictObject({
    columns: z.array(z.string()),
    rows: z.array(z.array(value)),
    cells: z.array(z.strictObject({ keys: z.array(value), values: z.array(value), suppressed: z.array(z.boolean()) })),
    totals: z.array(value),
    method: z.unknown().describe('Estimates, tests and notes of a method; null for a SELECT'),
  })
  .meta({ id: 'ReleasedStudy' });
