import type { Card } from '@symbolon/agreement';
import { fault } from '@symbolon/crypto';
import { circuitSchema, recordForms, relinBytes, scoreModelSchema, signatureBytes } from '@symbolon/fhe';
import { ByteStream, bytesBody, Quota, type Route, route } from '@symbolon/service';
import { z } from 'zod';
import type { Context } from './context.ts';
import type { Jobs } from './jobs.ts';
import type { Tables } from './tables.ts';

const tableId = z.string().regex(/^[A-Za-z0-9_-]{22}$/, 'must be the id of a table');
const ofTable = z.strictObject({ table: tableId });
const number = z
  .string()
  .regex(/^(0|[1-9]\d{0,8})$/)
  .transform(Number);
/** Lengths of a ciphertext as it is uploaded; the manifest says which of them its table has. */
const uploads = Object.values(recordForms).map(({ bytes }) => signatureBytes + bytes);
const document = z.strictObject({
  payload: z.base64url().max(2 ** 20),
  signatures: z.array(z.strictObject({ protected: z.base64url().max(512), signature: z.base64url().max(128) })).max(1),
});

/** All that the owner of tables can ask, over mutual TLS. Nothing here takes or gives anything that is not encrypted. */
export function ownerRoutes(context: Context, { tables, jobs }: { tables: Tables; jobs: Jobs }): Route<Card>[] {
  const owner = route<Card>();
  const quota = new Quota(context.settings.maxRequestsPerMinute, context.now);
  const count = ({ id, role }: Card): void => {
    if (role !== 'party') throw fault('peer-refused', `${id} is no organisation that holds data`, { culprit: id });
    if (!quota.take(id)) throw fault('peer-refused', `${id} asks too often; try again in a minute`, { culprit: id });
  };
  return [
    owner({
      method: 'POST',
      path: '/v1/tables',
      body: z.strictObject({ manifest: document }),
      bodyLimit: 2 ** 21,
      handle: async ({ caller, body }) => {
        count(caller);
        return tables.begin(caller, body.manifest);
      },
    }),
    owner({
      method: 'GET',
      path: '/v1/tables',
      handle: async ({ caller }) => {
        count(caller);
        return { tables: await tables.list(caller) };
      },
    }),
    owner({
      method: 'GET',
      path: '/v1/tables/:table',
      params: ofTable,
      handle: async ({ caller, params }) => {
        count(caller);
        return tables.show(caller, params.table);
      },
    }),
    owner({
      method: 'DELETE',
      path: '/v1/tables/:table',
      params: ofTable,
      handle: async ({ caller, params }) => {
        count(caller);
        await tables.remove(caller, params.table);
        return {};
      },
    }),
    owner({
      method: 'POST',
      path: '/v1/tables/:table/keys',
      params: ofTable,
      body: bytesBody(relinBytes),
      bodyLimit: relinBytes,
      handle: async ({ caller, params, body }) => {
        count(caller);
        await tables.keepKeys(caller, params.table, body);
        return {};
      },
    }),
    owner({
      method: 'GET',
      path: '/v1/tables/:table/columns/:column/missing',
      params: z.strictObject({ table: tableId, column: number }),
      handle: async ({ caller, params }) => {
        count(caller);
        return { chunks: await tables.missing(caller, params.table, params.column) };
      },
    }),
    owner({
      method: 'POST',
      path: '/v1/tables/:table/columns/:column/chunks/:chunk',
      params: z.strictObject({ table: tableId, column: number, chunk: number }),
      body: z.union(uploads.map(bytesBody)),
      bodyLimit: Math.max(...uploads),
      handle: async ({ caller, params: { table, column, chunk }, body }) => {
        await tables.keep(caller, table, { column, chunk }, body);
        return {};
      },
    }),
    owner({
      method: 'GET',
      path: '/v1/tables/:table/columns/:column/chunks/:chunk',
      params: z.strictObject({ table: tableId, column: number, chunk: number }),
      handle: async ({ caller, params: { table, column, chunk } }) => {
        const bytes = await tables.upload(caller, table, { column, chunk });
        return new ByteStream(pieces(bytes), bytes.length);
      },
    }),
    owner({
      method: 'POST',
      path: '/v1/tables/:table/questions',
      params: ofTable,
      body: z.union([z.strictObject({ circuit: circuitSchema }), z.strictObject({ model: scoreModelSchema })]),
      bodyLimit: 2 ** 22,
      handle: async ({ caller, params, body }) => {
        count(caller);
        return jobs.ask(caller, params.table, 'model' in body ? body.model : body.circuit);
      },
    }),
    owner({
      method: 'GET',
      path: '/v1/questions/:job',
      params: z.strictObject({ job: number }),
      handle: async ({ caller, params }) => jobs.show(caller, params.job),
    }),
    owner({
      method: 'GET',
      path: '/v1/questions/:job/parts/:part',
      params: z.strictObject({ job: number, part: number }),
      handle: async ({ caller, params }) => {
        count(caller);
        const bytes = await jobs.results(caller, params.job, params.part);
        return new ByteStream(pieces(bytes), bytes.length);
      },
    }),
  ];
}

async function* pieces(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += 65_536) yield bytes.subarray(at, at + 65_536);
}
