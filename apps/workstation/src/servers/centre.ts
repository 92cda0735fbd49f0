import {
  type Answer,
  type Challenge,
  challengeAnswer,
  challengeIn,
  type Draft,
  type NewRecord,
  type NewVersion,
  type PatientView,
  patientView,
  type RecordHeader,
  type RecordRead,
  type RecordStored,
  type RecordTypeShown,
  recordList,
  recordRead,
  recordStored,
  recordTypes,
  type SessionAnswer,
  type SessionOutcome,
  sessionOutcome,
  signAnswer,
  timeAnswer,
} from '@symbolon/consent';
import { base64url } from '@symbolon/crypto';
import type { Line } from './line.ts';
import type { Professional } from './login.ts';

const mostExportBytes = 256 << 20;

/** What is asked of a central server. It knows patients by numbers of its own, and physicians' relations to them. */
export class CentreClient {
  readonly line: Line;

  constructor(line: Line) {
    this.line = line;
  }

  /** Shows a ticket. The same ticket again gives the same challenge. */
  async open(ticket: string): Promise<Challenge> {
    return challengeIn(await this.line.ask('POST', '/v1/sessions', { body: { ticket }, answer: challengeAnswer }));
  }

  /** Answers a challenge; the health professional's card signs, again where the connection broke. The same answer again has the same outcome. */
  answer(draft: Draft, professional: Professional): Promise<SessionOutcome> {
    const session = base64url(draft.answer.session);
    return this.line.askSigned(`/v1/sessions/${session}/answer`, sessionOutcome, {
      open: () => this.line.ask('GET', '/v1/time', { answer: timeAnswer }),
      sign: async (exporter) => wireAnswer(await signAnswer(draft, professional, exporter)),
    });
  }

  async types(relation: string): Promise<readonly RecordTypeShown[]> {
    const { types } = await this.line.ask('GET', `/v1/relations/${relation}/types`, { answer: recordTypes });
    return types;
  }

  /** Headers of all records that this physician may read, the newest first. */
  async records(relation: string, type?: string): Promise<RecordHeader[]> {
    const found: RecordHeader[] = [];
    for (let after: string | null | undefined; after !== null; ) {
      const query = new URLSearchParams({
        ...(type === undefined ? {} : { type }),
        ...(after === undefined ? {} : { after }),
      });
      const path = `/v1/relations/${relation}/records?${query}`;
      const { items, next } = await this.line.ask('GET', path, { answer: recordList });
      found.push(...items);
      after = next;
    }
    return found;
  }

  /** @param version the newest if absent */
  record(relation: string, record: string, version?: number): Promise<RecordRead> {
    const query = version === undefined ? '' : `?version=${version}`;
    return this.line.ask('GET', `/v1/relations/${relation}/records/${record}${query}`, { answer: recordRead });
  }

  store(relation: string, record: NewRecord): Promise<RecordStored> {
    return this.line.ask('POST', `/v1/relations/${relation}/records`, { body: record, answer: recordStored });
  }

  /** What the patient sees, once the card has opened it. */
  view(relation: string): Promise<PatientView> {
    return this.line.ask('GET', `/v1/relations/${relation}/view`, { answer: patientView });
  }

  /** All that the patient takes along, sealed to this key. */
  export(relation: string, publicKey: Uint8Array): Promise<Uint8Array> {
    const body = { publicKey: base64url(publicKey) };
    return this.line.bytes('POST', `/v1/relations/${relation}/export`, { body, maxBytes: mostExportBytes });
  }

  storeVersion(relation: string, record: string, version: NewVersion): Promise<RecordStored> {
    const path = `/v1/relations/${relation}/records/${record}/versions`;
    return this.line.ask('POST', path, { body: version, answer: recordStored });
  }
}

function wireAnswer({ session: _, clientKey, secret, pairs, signature, ...said }: Answer): SessionAnswer {
  return {
    ...said,
    groups: [...said.groups],
    clientKey: base64url(clientKey),
    secret: secret === null ? null : base64url(secret),
    pairs: pairs === null ? null : base64url(pairs),
    signature: base64url(signature),
  };
}
