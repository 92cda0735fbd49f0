import { type Card, recordText } from '@symbolon/consent';
import { base64url, fromBase64url } from '@symbolon/crypto';
import { playedCard } from '../../../../../packages/consent/test/cards.ts';
import { RecordReader } from '../../../src/centre/records/reader.ts';
import { RecordTypes } from '../../../src/centre/records/types/types.ts';
import { RecordWriter } from '../../../src/centre/records/writer.ts';
import { type Physician, Stage } from '../stage.ts';

/** A record type of tests. */
export const visitSchema = {
  type: 'object',
  additionalProperties: false,
  required: ['score'],
  properties: {
    score: { type: 'integer', minimum: 0, maximum: 100 },
    side: { type: 'string', enum: ['left', 'right'], 'x-policy': 'group' },
    note: { type: 'string', 'x-free-text': true, maxLength: 200 },
  },
};

/** A centre with records, and patients' cards. */
export class Archive {
  readonly stage: Stage;
  readonly types: RecordTypes;
  readonly reader: RecordReader;
  readonly writer: RecordWriter;
  readonly #cards = new Map<string, Card>();

  private constructor(stage: Stage) {
    this.stage = stage;
    this.types = new RecordTypes(stage.context);
    this.reader = new RecordReader(stage.context, stage.grants);
    this.writer = new RecordWriter(stage.context, { grants: stage.grants, types: this.types });
  }

  /** @param params as `Stage.open` */
  static async open(params: Parameters<typeof Stage.open>[0] = {}): Promise<Archive> {
    const archive = new Archive(await Stage.open(params));
    for (const module of ['hips', 'knees']) await archive.addType(module, 'visit', visitSchema);
    return archive;
  }

  addType(module: string, name: string, schema: unknown) {
    return this.types.add({ module, name, schema: JSON.stringify(schema), by: 'owner' });
  }

  /** A physician who is logged in. */
  async physician(name: string, institution?: string, module = 'hips'): Promise<Physician> {
    const physician = { ...this.stage.physician(name, institution), module };
    const at = this.stage.context.now().toISOString();
    await this.stage.context.database
      .insertInto('physician_session')
      .values({
        ...{ id: `session of ${name}`, module, physician: name, installation: physician.installation },
        ...{ thumbprint: physician.certificate, certificate: new Uint8Array([1, 2, 3]), opened_at: at, used_at: at },
      })
      .execute();
    return physician;
  }

  /** A patient's own. */
  card(patient: string): Card {
    const card = this.#cards.get(patient) ?? playedCard('P-256');
    this.#cards.set(patient, card);
    return card;
  }

  relation(patient: string, by: Physician): string {
    return this.stage.relation(patient, by);
  }

  /** Adds a record. */
  async add(
    patient: string,
    by: Physician,
    more: { score?: number; group?: string; type?: string; body?: unknown } = {},
  ) {
    const { group = 'general', type = 'visit', body = { score: more.score ?? 50 } } = more;
    const record = base64url(this.stage.rng(16));
    const wanted = { record, type, typeVersion: 1, group, body: JSON.stringify(body), signature: null };
    return this.writer.add(by, this.relation(patient, by), wanted);
  }

  /** The health professional's card signs a version. */
  async signed<
    Wanted extends { record: string; version: number; type: string; typeVersion: number; group: string; body: string },
  >(patient: string, by: Physician, wanted: Wanted): Promise<string> {
    const text = recordText({
      ...wanted,
      registry: this.stage.registry(by),
      relation: fromBase64url(this.relation(patient, by)),
      record: fromBase64url(wanted.record),
    });
    return base64url(await by.card.sign(text));
  }

  /** Names of the records that a physician sees of a patient. */
  async seen(patient: string, by: Physician): Promise<string[]> {
    const { items } = await this.reader.list(by, this.relation(patient, by), { limit: 500 });
    return items.map(({ record }) => record);
  }
}
