import { type RecordRead, type RecordStored, recordText } from '@symbolon/consent';
import { base64url, fault, fromBase64url } from '@symbolon/crypto';
import type { Practice } from './practice.ts';

/** What a health professional writes down. */
export interface Written {
  /** Name of the record's type. */
  readonly type: string;
  /** Confidentiality group. */
  readonly group: string;
  /** JSON text. */
  readonly body: string;
}

/**
 * Adds a record, signed by the health professional's card, to a relation that the centre knows. The record is named here, so that asking again does
 * not add it twice. Throws `not-found` for a type that the module does not have, and what the centre says of the body.
 */
export async function addRecord(practice: Practice, relation: string, written: Written): Promise<RecordStored> {
  const { registry, centre, rng } = practice;
  const { type, group, body } = written;
  const typeVersion = await newestVersion(practice, relation, type);
  const record = rng(16);
  const said = { type, typeVersion, group, body };
  const text = recordText({ registry, relation: fromBase64url(relation), record, version: 1, ...said });
  const signature = base64url(await practice.sign(text));
  return centre.store(relation, { record: base64url(record), ...said, signature });
}

async function newestVersion({ centre }: Practice, relation: string, name: string): Promise<number> {
  const types = await centre.types(relation);
  const type = types.find((one) => one.name === name);
  if (type !== undefined) return type.version;
  throw fault('not-found', `this registry has no records of the type '${name}'`, {
    culprit: name,
    hint: `It has: ${types.map((one) => one.name).join(', ') || 'none yet'}.`,
  });
}

/** All records that the physician may read now, the newest first. Each that is read stands in the patient's view. */
export async function readRecords(practice: Practice, relation: string, type?: string): Promise<RecordRead[]> {
  const headers = await practice.centre.records(relation, type);
  const read: RecordRead[] = [];
  for (const { record } of headers) read.push(await practice.centre.record(relation, record));
  return read;
}
