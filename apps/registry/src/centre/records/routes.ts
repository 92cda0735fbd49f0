import type { IncomingHttpHeaders } from 'node:http';
import { Readable } from 'node:stream';
import type { Card } from '@symbolon/agreement';
import {
  exportRequest,
  mostFileBytes,
  newRecord,
  newVersion,
  ofFile,
  ofRecord,
  type RecordTypeShown,
  recordQuery,
  relationParams,
  versionQuery,
} from '@symbolon/consent';
import { type ErrorCode, fromBase64url, SymbolonError } from '@symbolon/crypto';
import { ByteStream, type Route, route } from '@symbolon/service';
import { z } from 'zod';
import type { LoggedIn } from '../../common/logins.ts';
import type { Grants } from '../grants.ts';
import type { Failures } from '../sessions/failures.ts';
import type { PatientRights } from './patient/patients.ts';
import type { RecordReader } from './reader.ts';
import type { RecordTypes } from './types/types.ts';
import type { RecordWriter } from './writer.ts';

/** What somebody brings about who tries what is not theirs. */
const attempts: readonly ErrorCode[] = ['not-found', 'forbidden', 'bad-signature'];
/** Of text, with what JSON adds to it. */
const mostBodyBytes = 2 ** 19;
const image = z
  .instanceof(Uint8Array)
  .refine((bytes) => bytes.length <= mostFileBytes, `must be ${mostFileBytes} bytes at most`);

/**
 * What a client asks about records: see `wire/records.ts` of packages/consent.
 * @param authenticate says which physician asks; throws where none is logged in, or asks too often
 */
export function recordRoutes(
  of: {
    readonly grants: Grants;
    readonly types: RecordTypes;
    readonly reader: RecordReader;
    readonly writer: RecordWriter;
    readonly patients: PatientRights;
    readonly failures: Failures;
  },
  authenticate: (headers: IncomingHttpHeaders, client: Card) => Promise<LoggedIn>,
): Route<Card>[] {
  const { grants, types, reader, writer, patients, failures } = of;
  // What is refused to somebody is in the log, as what is not.
  const as = async <Result>(
    { headers, caller }: { readonly headers: IncomingHttpHeaders; readonly caller: Card },
    work: (by: LoggedIn) => Promise<Result>,
  ): Promise<Result> => {
    const by = await authenticate(headers, caller);
    try {
      return await work(by);
    } catch (error) {
      if (error instanceof SymbolonError)
        await failures.failed(by, 'record', error.code, attempts.includes(error.code));
      throw error;
    }
  };
  const client = route<Card>();
  const records = '/v1/relations/:relation/records';
  return [
    client({
      method: 'GET',
      path: '/v1/relations/:relation/types',
      params: relationParams,
      handle: (asked) =>
        as(asked, async (by) => {
          const { module } = await grants.relation(by, asked.params.relation);
          const newest = await types.newest(module);
          return {
            types: newest.map(({ name, version, text: schema }): RecordTypeShown => ({ name, version, schema })),
          };
        }),
    }),
    client({
      method: 'POST',
      path: records,
      params: relationParams,
      body: newRecord,
      bodyLimit: mostBodyBytes,
      handle: (asked) => as(asked, (by) => writer.add(by, asked.params.relation, asked.body)),
    }),
    client({
      method: 'GET',
      path: records,
      params: relationParams,
      query: recordQuery,
      handle: (asked) => as(asked, (by) => reader.list(by, asked.params.relation, asked.query)),
    }),
    client({
      method: 'GET',
      path: `${records}/:record`,
      params: ofRecord,
      query: versionQuery,
      handle: (asked) =>
        as(asked, (by) => reader.read(by, asked.params.relation, asked.params.record, asked.query.version)),
    }),
    client({
      method: 'GET',
      path: `${records}/:record/versions`,
      params: ofRecord,
      handle: (asked) => as(asked, (by) => reader.versions(by, asked.params.relation, asked.params.record)),
    }),
    client({
      method: 'POST',
      path: `${records}/:record/versions`,
      params: ofRecord,
      body: newVersion,
      bodyLimit: mostBodyBytes,
      handle: (asked) =>
        as(asked, (by) => writer.addVersion(by, asked.params.relation, asked.params.record, asked.body)),
    }),
    client({
      method: 'POST',
      path: `${records}/:record/files`,
      params: ofRecord,
      body: image,
      bodyLimit: mostFileBytes,
      handle: (asked) => as(asked, (by) => writer.attach(by, asked.params.relation, asked.params.record, asked.body)),
    }),
    client({
      method: 'GET',
      path: `${records}/:record/files/:file`,
      params: ofFile,
      handle: async (asked) => {
        const { relation, record, file } = asked.params;
        return whole(await as(asked, (by) => reader.file(by, relation, record, file)));
      },
    }),
    client({
      method: 'GET',
      path: '/v1/relations/:relation/view',
      params: relationParams,
      handle: (asked) => as(asked, (by) => patients.view(by, asked.params.relation)),
    }),
    client({
      method: 'POST',
      path: '/v1/relations/:relation/export',
      params: relationParams,
      body: exportRequest,
      bodyLimit: 1024,
      handle: async (asked) => {
        const publicKey = fromBase64url(asked.body.publicKey);
        return whole(await as(asked, (by) => patients.export(by, asked.params.relation, publicKey)));
      },
    }),
  ];
}

function whole(bytes: Uint8Array): ByteStream {
  return new ByteStream(Readable.from([bytes]), bytes.length);
}
