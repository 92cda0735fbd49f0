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
import { fromBase64url } from '@symbolon/crypto';
import { ByteStream, type Route, route } from '@symbolon/service';
import { z } from 'zod';
import type { LoggedIn } from '../../common/logins.ts';
import type { Grants } from '../grants.ts';
import type { PatientRights } from './patient/patients.ts';
import type { RecordReader } from './reader.ts';
import type { RecordTypes } from './types/types.ts';
import type { RecordWriter } from './writer.ts';

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
  },
  authenticate: (headers: IncomingHttpHeaders, client: Card) => Promise<LoggedIn>,
): Route<Card>[] {
  const { grants, types, reader, writer, patients } = of;
  const client = route<Card>();
  const records = '/v1/relations/:relation/records';
  return [
    client({
      method: 'GET',
      path: '/v1/relations/:relation/types',
      params: relationParams,
      handle: async ({ headers, caller, params: { relation } }) => {
        const { module } = await grants.relation(await authenticate(headers, caller), relation);
        const newest = await types.newest(module);
        return { types: newest.map(({ name, version, text: schema }): RecordTypeShown => ({ name, version, schema })) };
      },
    }),
    client({
      method: 'POST',
      path: records,
      params: relationParams,
      body: newRecord,
      bodyLimit: mostBodyBytes,
      handle: async ({ headers, caller, params: { relation }, body }) =>
        writer.add(await authenticate(headers, caller), relation, body),
    }),
    client({
      method: 'GET',
      path: records,
      params: relationParams,
      query: recordQuery,
      handle: async ({ headers, caller, params: { relation }, query }) =>
        reader.list(await authenticate(headers, caller), relation, query),
    }),
    client({
      method: 'GET',
      path: `${records}/:record`,
      params: ofRecord,
      query: versionQuery,
      handle: async ({ headers, caller, params: { relation, record }, query: { version } }) =>
        reader.read(await authenticate(headers, caller), relation, record, version),
    }),
    client({
      method: 'GET',
      path: `${records}/:record/versions`,
      params: ofRecord,
      handle: async ({ headers, caller, params: { relation, record } }) =>
        reader.versions(await authenticate(headers, caller), relation, record),
    }),
    client({
      method: 'POST',
      path: `${records}/:record/versions`,
      params: ofRecord,
      body: newVersion,
      bodyLimit: mostBodyBytes,
      handle: async ({ headers, caller, params: { relation, record }, body }) =>
        writer.addVersion(await authenticate(headers, caller), relation, record, body),
    }),
    client({
      method: 'POST',
      path: `${records}/:record/files`,
      params: ofRecord,
      body: image,
      bodyLimit: mostFileBytes,
      handle: async ({ headers, caller, params: { relation, record }, body }) =>
        writer.attach(await authenticate(headers, caller), relation, record, body),
    }),
    client({
      method: 'GET',
      path: `${records}/:record/files/:file`,
      params: ofFile,
      handle: async ({ headers, caller, params: { relation, record, file } }) => {
        const bytes = await reader.file(await authenticate(headers, caller), relation, record, file);
        return whole(bytes);
      },
    }),
    client({
      method: 'GET',
      path: '/v1/relations/:relation/view',
      params: relationParams,
      handle: async ({ headers, caller, params: { relation } }) =>
        patients.view(await authenticate(headers, caller), relation),
    }),
    client({
      method: 'POST',
      path: '/v1/relations/:relation/export',
      params: relationParams,
      body: exportRequest,
      bodyLimit: 1024,
      handle: async ({ headers, caller, params: { relation }, body: { publicKey } }) =>
        whole(await patients.export(await authenticate(headers, caller), relation, fromBase64url(publicKey))),
    }),
  ];
}

function whole(bytes: Uint8Array): ByteStream {
  return new ByteStream(Readable.from([bytes]), bytes.length);
}
