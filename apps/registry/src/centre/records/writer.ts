import { cardSigned, type NewRecord, type NewVersion, type RecordStored, recordText } from '@symbolon/consent';
import { base64url, fault, fromBase64url, sha256 } from '@symbolon/crypto';
import { type Database, isDuplicate, type WithinAppend } from '@symbolon/service';
import { type Context, policyOf } from '../context.ts';
import type { Grants, Relation } from '../grants.ts';
import type { Author } from './author.ts';
import { type Screened, screenBody } from './screen/body.ts';
import { screenDicom } from './screen/dicom.ts';
import type { RecordTypes } from './types/types.ts';
import { type VisibleRecord, visibleRecord } from './visible.ts';

/** Of one record. */
const mostFiles = 100;

/** What is the same of a first version and of a later one. */
type Written = Pick<NewRecord, 'record' | 'type' | 'typeVersion' | 'group' | 'body' | 'signature'> & {
  readonly version: number;
};

/** What physicians add. Nothing is overwritten; what comes again, as its answer was lost, is answered alike. */
export class RecordWriter {
  readonly #context: Pick<Context, 'home' | 'settings' | 'database' | 'log' | 'now'>;
  readonly #grants: Grants;
  readonly #types: RecordTypes;

  constructor(
    context: Pick<Context, 'home' | 'settings' | 'database' | 'log' | 'now'>,
    { grants, types }: { readonly grants: Grants; readonly types: RecordTypes },
  ) {
    this.#context = context;
    this.#grants = grants;
    this.#types = types;
  }

  /**
   * Adds a record. Throws `forbidden` to who may only read, `request-invalid` for a group that the module does not have, `conflict` for an old version of the
   * type, and what screening throws.
   */
  async add(by: Author, relationId: string, wanted: NewRecord): Promise<RecordStored> {
    const relation = await this.#writable(by, relationId);
    const { groups } = policyOf(this.#context.settings, by.module);
    if (!groups.includes(wanted.group)) {
      throw fault('request-invalid', `group: ${by.module} has no such group`, { culprit: 'group' });
    }
    const written = { ...wanted, version: 1 };
    const screened = await this.#screened(by, relation, written);
    const known = await this.#known(relation, written, screened);
    if (known !== undefined) return known;
    const at = this.#context.now().toISOString();
    const { record: name, type, group } = wanted;
    const { module, physician, institution } = relation;
    const insert: WithinAppend = async (within) => {
      await this.#still(relation, within);
      const row = {
        module,
        name,
        relation: relation.id,
        type,
        group,
        physician,
        institution,
        version: 1,
        recorded_at: at,
      };
      const { id } = await within.insertInto('record').values(row).returning('id').executeTakeFirstOrThrow();
      await this.#insertVersion(within, id, by, { ...written, text: screened.text, at });
    };
    try {
      await this.#append('record-added', relation, written, at, insert);
    } catch (error) {
      if (!isDuplicate(error)) throw error;
      return (await this.#known(relation, written, screened))!;
    }
    return stored(written, at, relation, screened);
  }

  /** Adds a version to an own record. Throws `forbidden` for another's, and `conflict` where it does not follow the newest. */
  async addVersion(by: Author, relationId: string, name: string, wanted: NewVersion): Promise<RecordStored> {
    const relation = await this.#writable(by, relationId);
    const record = await this.#own(relation, name);
    const written = { ...wanted, record: name, type: record.type, group: record.group };
    const screened = await this.#screened(by, relation, written);
    const known = await this.#known(relation, written, screened);
    if (known !== undefined) return known;
    const at = this.#context.now().toISOString();
    await this.#append('record-changed', relation, written, at, async (within) => {
      await this.#still(relation, within);
      const { numUpdatedRows } = await within
        .updateTable('record')
        .set({ version: written.version })
        .where('id', '=', record.id)
        .where('version', '=', written.version - 1)
        .executeTakeFirst();
      if (numUpdatedRows !== 1n) {
        throw fault('conflict', 'another version of this record is the newest', {
          hint: 'Read it, and change that one.',
        });
      }
      await this.#insertVersion(within, record.id, by, { ...written, text: screened.text, at });
    });
    return stored(written, at, relation, screened);
  }

  /** Adds an image to an own record. @returns its number; that of the same file, if it is there */
  async attach(by: Author, relationId: string, name: string, bytes: Uint8Array): Promise<{ file: number }> {
    const relation = await this.#writable(by, relationId);
    const { id: record } = await this.#own(relation, name);
    screenDicom(bytes);
    const { log, now } = this.#context;
    const [hash, added_at] = [base64url(sha256(bytes)), now().toISOString()];
    const { module } = relation;
    const event = {
      kind: 'record-file-added',
      module,
      relation: relation.id,
      by: by.physician,
      record: name,
      hash,
      at: added_at,
    };
    const there = (await this.#files(record)).find((file) => file.hash === hash);
    if (there !== undefined) return { file: there.file };
    let file = 0;
    await log.append(event, async (within) => {
      await this.#still(relation, within);
      const files = await this.#files(record, within);
      if (files.length >= mostFiles) throw fault('conflict', `a record has ${mostFiles} files at most`);
      file = files.length + 1;
      await within.insertInto('record_file').values({ record, file, hash, bytes, added_at }).execute();
    });
    return { file };
  }

  #files(record: number, within: Database = this.#context.database) {
    return within.selectFrom('record_file').select(['file', 'hash']).where('record', '=', record).execute();
  }

  async #writable(by: Author, id: string): Promise<Relation> {
    const relation = await this.#grants.relation(by, id);
    if (relation.writes) return relation;
    throw fault('forbidden', 'who came without the card, in an emergency, reads and adds nothing', {
      hint: "Begin a session with the patient's card, or relate to the patient first.",
    });
  }

  async #own(relation: Relation, name: string): Promise<VisibleRecord> {
    const { database } = this.#context;
    const record = await visibleRecord(database, await this.#grants.scope(relation), name);
    if (record.relation === relation.id) return record;
    throw fault('forbidden', 'a record is changed by its author alone', { hint: 'Add a record of your own.' });
  }

  /** The relation is there still: the patient may have had everything erased meanwhile. */
  async #still({ module, id, patient }: Relation, within: Database): Promise<void> {
    const row = await within
      .selectFrom('centre_relation')
      .select('patient')
      .where('module', '=', module)
      .where('id', '=', id)
      .executeTakeFirst();
    if (row?.patient !== patient) throw fault('conflict', 'this relation has just changed', { hint: 'Try again.' });
  }

  async #screened(by: Author, relation: Relation, written: Written): Promise<Screened> {
    const { module } = by;
    const { type: name, typeVersion, signature, body } = written;
    const type = (await this.#types.newest(module)).find((each) => each.name === name);
    if (type === undefined) throw fault('not-found', `${module} has no record type ${name}`, { culprit: 'type' });
    if (type.version !== typeVersion) {
      const hint = 'Ask for the record types again, and write it as the newest says.';
      throw fault('conflict', `version ${typeVersion} of ${name} is not the newest`, { culprit: 'typeVersion', hint });
    }
    if (signature !== null) this.#requireSigned(by, relation, written, signature);
    const { identifierMasks } = policyOf(this.#context.settings, module).records;
    return screenBody(type, { body, signed: signature !== null }, identifierMasks);
  }

  #requireSigned(by: Author, relation: Relation, written: Written, signature: string): void {
    const registry = { server: this.#context.home.card.id, module: by.module };
    const ids = { relation: fromBase64url(relation.id), record: fromBase64url(written.record) };
    if (cardSigned(by.key, recordText({ ...written, ...ids, registry }), fromBase64url(signature))) return;
    throw fault('bad-signature', "the health professional's card that is logged in has not signed this record", {
      culprit: 'signature',
    });
  }

  /** The answer of a version that is there already. Throws `conflict` where there is another. */
  async #known(relation: Relation, written: Written, screened: Screened): Promise<RecordStored | undefined> {
    const row = await this.#context.database
      .selectFrom('record')
      .innerJoin('record_version', 'record_version.record', 'record.id')
      .select(['relation', 'type', 'group', 'type_version', 'body', 'signature', 'record_version.recorded_at'])
      .where('module', '=', relation.module)
      .where('name', '=', written.record)
      .where('record_version.version', '=', written.version)
      .executeTakeFirst();
    if (row === undefined) return undefined;
    const same =
      row.relation === relation.id &&
      row.type === written.type &&
      row.group === written.group &&
      row.type_version === written.typeVersion &&
      row.body === screened.text &&
      (row.signature === null) === (written.signature === null);
    if (same) return stored(written, row.recorded_at, relation, screened);
    throw fault('conflict', 'this version is there already, and says something else', { culprit: 'record' });
  }

  async #append(
    kind: string,
    { module, id: relation, physician: by }: Relation,
    { record, version, type, group, signature }: Written,
    at: string,
    within: WithinAppend,
  ): Promise<void> {
    const what = { record, version, type, group, signed: signature !== null };
    await this.#context.log.append({ kind, module, relation, by, ...what, at }, within);
  }

  async #insertVersion(
    within: Database,
    record: number,
    by: Author,
    { version, typeVersion, text, signature, at }: Written & { readonly text: string; readonly at: string },
  ): Promise<void> {
    const certificate = signature === null ? null : by.certificate;
    if (certificate !== null) await keepCertificate(within, by);
    const proof = { certificate, signature: signature === null ? null : fromBase64url(signature) };
    const row = { record, version, type_version: typeVersion, body: text, ...proof, recorded_at: at };
    await within.insertInto('record_version').values(row).execute();
  }
}

/** Whoever is shown the signature later can check it. */
async function keepCertificate(
  within: Database,
  { module, physician, certificate: thumbprint }: Author,
): Promise<void> {
  const { certificate } = await within
    .selectFrom('physician_session')
    .select('certificate')
    .where('module', '=', module)
    .where('physician', '=', physician)
    .where('thumbprint', '=', thumbprint)
    .executeTakeFirstOrThrow(() => fault('unauthenticated', 'this login is over'));
  await within
    .insertInto('record_certificate')
    .values({ thumbprint, certificate })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

function stored({ record, version }: Written, at: string, { draft }: Relation, { stripped }: Screened): RecordStored {
  return { record, version, recordedAt: Date.parse(at), draft, stripped: [...stripped] };
}
