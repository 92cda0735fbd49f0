import { type PatientExport, type PatientView, sealParcel } from '@symbolon/consent';
import { base64url, fault, utf8 } from '@symbolon/crypto';
import type { Database, LogEvent, ServerLog } from '@symbolon/service';
import type { Context } from '../../context.ts';
import type { Grants, Relation, Scope } from '../../grants.ts';
import type { Author } from '../author.ts';
import { visibleRecords } from '../visible.ts';
import { allRecords, viewOf } from './view.ts';

/** Of the images of an export, all together. */
const mostImageBytes = 128 * 2 ** 20;

type Kept = Pick<Context, 'home' | 'database' | 'rng' | 'now'> & { readonly log: Pick<ServerLog, 'append'> };

/** What patients see and take along, at a physician's, in a session that their card has opened. */
export class PatientRights {
  readonly #context: Kept;
  readonly #grants: Grants;

  constructor(context: Kept, grants: Grants) {
    this.#context = context;
    this.#grants = grants;
  }

  /** Who read what, when and why, and which studies used it. Throws `forbidden` without the card. */
  async view(by: Author, id: string): Promise<PatientView> {
    const { database } = this.#context;
    const present = await this.#present(by, id, 'view');
    const view = await viewOf(database, present.relation, present.only);
    await this.#keep('viewed', present);
    return view;
  }

  /**
   * All of it, with every version of every record, sealed for the patient: neither the physician's client keeps the key, nor does this server know whose card
   * opens it. Throws `forbidden` without the card. @param publicKey of `parcelKey`
   */
  async export(by: Author, id: string, publicKey: Uint8Array): Promise<Uint8Array> {
    const { home, database, rng, now } = this.#context;
    const present = await this.#present(by, id, 'export');
    const { relation, only } = present;
    const registry = { server: home.card.id, module: relation.module };
    const content: PatientExport = {
      kind: 'symbolon-patient-export',
      version: 1,
      ...registry,
      at: now().getTime(),
      ...(await viewOf(database, relation, only)),
      ...(await contentsOf(database, relation, only)),
    };
    await this.#keep('exported', present);
    return sealParcel(publicKey, utf8(JSON.stringify(content)), registry, rng);
  }

  async #present(by: Author, id: string, kind: 'view' | 'export'): Promise<Present> {
    const relation = await this.#grants.relation(by, id);
    const { session, independent } = await this.#grants.patientPresent(relation, kind);
    return { kind, relation, session, only: independent ? undefined : await this.#grants.scope(relation) };
  }

  /** Before what was read leaves. What allows it is asked once more in the same transaction: after the time of the card, nothing does. */
  async #keep(what: 'viewed' | 'exported', { kind, relation, session, only }: Present): Promise<void> {
    const { log, now } = this.#context;
    const at = now().toISOString();
    const { module, id, physician: by, institution } = relation;
    const event: LogEvent = { kind: `patient-${what}`, module, relation: id, by, session, at };
    await log.append(event, async (within) => {
      const { independent } = await this.#grants.patientPresent(relation, kind, within);
      if (only === undefined && !independent) throw fault('forbidden', 'the session of the patient’s card has ended');
      const about = { module, relation: id, by, institution, what, record: null, session, at };
      const row = { ...about, basis: 'patient', purpose: '' } as const;
      await within.insertInto('record_access').values(row).execute();
    });
  }
}

/** A patient who is there with the card. */
interface Present {
  readonly kind: 'view' | 'export';
  readonly relation: Relation;
  readonly session: string;
  /** What is shown at most; all if undefined. */
  readonly only: Scope | undefined;
}

async function contentsOf(
  database: Database,
  relation: Relation,
  only: Scope | undefined,
): Promise<Pick<PatientExport, 'contents' | 'files'>> {
  const records = await (only === undefined ? allRecords(database, relation) : visibleRecords(database, only))
    .orderBy('record.id')
    .execute();
  const contents: PatientExport['contents'] = [];
  const files: PatientExport['files'] = [];
  let left = mostImageBytes;
  for (const { id, name: record, type } of records) {
    const versions = await database
      .selectFrom('record_version')
      .select(['version', 'type_version as typeVersion', 'recorded_at', 'body'])
      .where('record', '=', id)
      .orderBy('version')
      .execute();
    for (const { recorded_at, ...row } of versions) {
      contents.push({ record, type, ...row, recordedAt: Date.parse(recorded_at) });
    }
    const images = await database
      .selectFrom('record_file')
      .select('file')
      .where('record', '=', id)
      .orderBy('file')
      .execute();
    for (const { file } of images) {
      const bytes = left > 0 ? await imageOf(database, id, file) : undefined;
      left -= bytes?.length ?? 0;
      files.push({ record, file, bytes: bytes === undefined || left < 0 ? null : base64url(bytes) });
    }
  }
  return { contents, files };
}

async function imageOf(database: Database, record: number, file: number): Promise<Uint8Array | undefined> {
  const row = await database
    .selectFrom('record_file')
    .select('bytes')
    .where('record', '=', record)
    .where('file', '=', file)
    .executeTakeFirst();
  return row?.bytes;
}
