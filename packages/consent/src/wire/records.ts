import { hashLabelled, u32, utf8 } from '@symbolon/crypto';
import { z } from 'zod';
import type { Registry } from '../pair/envelope.ts';
import { operations } from '../session/ticket.ts';
import { bytesOf, cardSignature, milliseconds } from './shapes.ts';

// What a client asks a centre about records, with a login's token, by the relation that the centre has seen a ticket of. What the physician may not
// read is not there: it is in no list, no count, and an address of it answers like one that never was.
//
// GET  /v1/relations/:relation/types                            record types of the module
// POST /v1/relations/:relation/records                          a record, with its first version
// GET  /v1/relations/:relation/records?type&after&limit         headers of what this physician may read, the newest first
// GET  /v1/relations/:relation/records/:record?version          a version; the newest if absent
// GET  /v1/relations/:relation/records/:record/versions         headers of all versions, the first first
// POST /v1/relations/:relation/records/:record/versions         another version, by the author of the record
// POST /v1/relations/:relation/records/:record/files            an image (DICOM part 10), by the author: bytes
// GET  /v1/relations/:relation/records/:record/files/:file      its bytes
//
// In a session `view` or `export`, which the patient's card has opened (shown for some minutes):
//
// GET  /v1/relations/:relation/view                             `patientView`
// POST /v1/relations/:relation/export { publicKey }             bytes: `patientExport` as JSON, sealed to a key of `parcelKey`

/** Longest text of a record's body, in characters. */
export const mostRecordCharacters = 65_536;
/** Longest attached file, in bytes. */
export const mostFileBytes = 16 * 2 ** 20;

/** A record, named by whoever makes it: doing it again with the same content changes nothing. */
export const recordId = bytesOf(16);
/** Also the name of the table that studies ask. */
export const recordTypeName = z.string().regex(/^[a-z][a-z0-9_]{0,39}$/, 'must be a name like blood_pressure');
/** A confidentiality group. */
export const groupName = z.string().regex(/^[a-z][a-z0-9-]{0,63}$/, 'must be the name of a group, like psychiatry');

/** Versions of a record, and of a type, count from 1. */
const versionNumber = z.int().min(1).max(1_000_000);
const body = z.string().min(2).max(mostRecordCharacters);

/** A new record. */
export const newRecord = z.strictObject({
  record: recordId,
  type: recordTypeName,
  typeVersion: versionNumber,
  group: groupName,
  /** JSON text, kept as it is written here. */
  body,
  /** The health professional's card over {@link recordText}; null where the record is not signed. */
  signature: cardSignature.nullable(),
});
export type NewRecord = z.output<typeof newRecord>;

/** Another version of a record; type and group stay. */
export const newVersion = z.strictObject({
  /** One more than that of the version it follows. */
  version: versionNumber.min(2),
  typeVersion: versionNumber,
  body,
  signature: cardSignature.nullable(),
});
export type NewVersion = z.output<typeof newVersion>;

/** What was taken out of a body, where its type says that identifiers are taken out and not refused: a place, and the rule. */
export const strippedPart = z.strictObject({ path: z.string(), rule: z.string() });

/** Answer to either. `draft`: the relation's enrolment came second; others see the record once the patient's card was here. */
export const recordStored = z.strictObject({
  record: recordId,
  version: versionNumber,
  recordedAt: milliseconds,
  draft: z.boolean(),
  stripped: z.array(strippedPart),
});
export type RecordStored = z.output<typeof recordStored>;

/** Answer to a file: its number within the record. */
export const fileStored = z.strictObject({ file: z.int().min(1) });

/** What a list says of a record's newest version. */
export const recordHeader = z.strictObject({
  record: recordId,
  version: versionNumber,
  type: recordTypeName,
  typeVersion: versionNumber,
  group: groupName,
  physician: z.string(),
  institution: z.string(),
  recordedAt: milliseconds,
  own: z.boolean(),
  draft: z.boolean(),
  signed: z.boolean(),
  files: z.int().min(0),
});
export type RecordHeader = z.output<typeof recordHeader>;

/** Answer: one page. `after` of the next is `next`. */
export const recordList = z.strictObject({ items: z.array(recordHeader), next: recordId.nullable() });
export type RecordList = z.output<typeof recordList>;

/** A version as it was written, with what proves who wrote it. */
export const recordRead = recordHeader.extend({
  body: z.string(),
  certificate: bytesOf(32).nullable(),
  signature: cardSignature.nullable(),
});
export type RecordRead = z.output<typeof recordRead>;

export const versionList = z.strictObject({
  items: z.array(
    z.strictObject({
      version: versionNumber,
      typeVersion: versionNumber,
      recordedAt: milliseconds,
      signed: z.boolean(),
    }),
  ),
});

/** Query of a list. */
export const recordQuery = z.strictObject({
  type: recordTypeName.optional(),
  after: recordId.optional(),
  limit: z.coerce.number().int().min(1).max(500).default(100),
});
/** Query of one record. */
export const versionQuery = z.strictObject({ version: z.coerce.number().int().min(1).max(1_000_000).optional() });

const relation = bytesOf(16);
/** Path parameters. */
export const ofRecord = z.strictObject({ relation, record: recordId });
export const ofFile = z.strictObject({ relation, record: recordId, file: z.coerce.number().int().min(1).max(1000) });

/** A record type: its newest version and what its bodies look like. */
export const recordType = z.strictObject({
  name: recordTypeName,
  version: versionNumber,
  /** JSON Schema, as text. */
  schema: z.string(),
});
export const recordTypes = z.strictObject({ types: z.array(recordType) });
export type RecordTypeShown = z.output<typeof recordType>;

/** What the health professional's card signs of a version: who reads it later knows that it is of this record, relation and registry. */
export function recordText(params: {
  readonly registry: Registry;
  /** 16 bytes each. */
  readonly relation: Uint8Array;
  readonly record: Uint8Array;
  readonly version: number;
  readonly type: string;
  readonly typeVersion: number;
  readonly group: string;
  readonly body: string;
}): Uint8Array {
  const { registry, relation, record, version, type, typeVersion, group, body } = params;
  const names = [registry.server, registry.module, type, group].map(utf8);
  return hashLabelled(
    'symbolon consent record',
    ...names,
    relation,
    record,
    u32(version),
    u32(typeVersion),
    utf8(body),
  );
}

/** What a patient sees with the card: one page of who read what. */
export const accessShown = z.strictObject({
  at: milliseconds,
  /** Physician, or `administration` where records left by an export. */
  by: z.string(),
  institution: z.string(),
  what: z.enum(['listed', 'read', 'exported', 'viewed']),
  record: recordId.nullable(),
  /** One of `consents`; null where it needed none. */
  session: bytesOf(16).nullable(),
  /** What allowed it: the author's own record, the patient's card, an emergency, the patient's own view, an export by the centre's administrators. */
  basis: z.enum(['own', 'consent', 'break-glass', 'patient', 'administration']),
  purpose: z.string(),
});
export type AccessShown = z.output<typeof accessShown>;

/** What the patient, or in an emergency a physician alone, has let somebody do. */
export const consentShown = z.strictObject({
  session: bytesOf(16),
  operation: z.enum(operations),
  physician: z.string(),
  institution: z.string(),
  groups: z.array(groupName),
  purpose: z.string(),
  at: milliseconds,
});

/** A study that used the patient's records. */
export const studyShown = z.strictObject({
  study: bytesOf(16),
  title: z.string(),
  purpose: z.string(),
  at: milliseconds,
});

/**
 * The patient's view of a registry: all of it, also what is withheld from the physician whose client shows it. Where the card's answer may have been known without
 * the card, only what that physician did and may read; `objected` is null then.
 */
export const patientView = z.strictObject({
  objected: z.boolean().nullable(),
  records: z.array(
    z.strictObject({
      record: recordId,
      type: recordTypeName,
      group: groupName,
      physician: z.string(),
      institution: z.string(),
      versions: z.int().min(1),
      recordedAt: milliseconds,
    }),
  ),
  consents: z.array(consentShown),
  accesses: z.array(accessShown),
  studies: z.array(studyShown),
});
export type PatientView = z.output<typeof patientView>;

/** Asks for an export, sealed to this key. */
export const exportRequest = z.strictObject({ publicKey: bytesOf(32) });

/** What an export holds beside the view: every version as it was written. Sealed by `sealParcel`, opened with the card. */
export const patientExport = patientView.extend({
  kind: z.literal('symbolon-patient-export'),
  version: z.literal(1),
  server: z.string(),
  module: z.string(),
  at: milliseconds,
  contents: z.array(
    z.strictObject({
      record: recordId,
      version: versionNumber,
      type: recordTypeName,
      typeVersion: versionNumber,
      recordedAt: milliseconds,
      body: z.string(),
    }),
  ),
  /** Images; without the bytes where all together are too long. */
  files: z.array(z.strictObject({ record: recordId, file: z.int().min(1), bytes: z.base64url().nullable() })),
});
export type PatientExport = z.output<typeof patientExport>;
