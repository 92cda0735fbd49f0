import { contract, nothing, pageOf, pageQuery } from '@symbolon/service';
import { z } from 'zod';
import { agreementHash, begun } from './shapes.ts';

const number = z.coerce.number().int().min(1);
const ofKey = z.strictObject({ key: number });
const ofTable = z.strictObject({ table: number });
const tableKind = z.enum(['exact', 'features']).describe('Totals are computed of exact tables, scores of features');
const passphrase = z.string().min(1).max(1024);

const key = z
  .strictObject({
    id: z.int(),
    agreement: z.string(),
    key: z.string().describe('Names it: a hash of what the server gets; random where it gets nothing'),
    kind: tableKind,
    state: z.enum(['active', 'retired', 'destroyed']),
    why: z.string().nullable(),
    open: z.boolean().describe('A process of this server holds its secret'),
    tables: z.array(z.int()),
    madeBy: z.string(),
    madeAt: z.iso.datetime(),
  })
  .meta({
    id: 'SealKey',
    description: 'A key pair of encrypted tables. The secret is in the folder, under a passphrase.',
  });

const table = z
  .strictObject({
    id: z.int(),
    agreement: z.string(),
    name: z.string(),
    kind: tableKind,
    key: z.int(),
    table: z.string().describe('Its id at the compute server'),
    state: z.enum(['encrypting', 'encrypted', 'uploaded', 'replaced', 'retired', 'deleted']),
    columns: z.array(z.string()),
    rows: z.int().nullable(),
    leftOut: z.int().nullable().describe('Records that took no part, because people opted out'),
    replaces: z.int().nullable(),
    madeBy: z.string(),
    madeAt: z.iso.datetime(),
  })
  .meta({ id: 'SealedTable' });

export const makeSealKey = contract({
  name: 'makeSealKey',
  summary: 'Makes a key pair for encrypted tables of an agreement, and opens it',
  action: 'seal.key',
  method: 'POST',
  path: '/v1/seal-keys',
  body: z.strictObject({ agreement: agreementHash, kind: tableKind.default('exact'), passphrase }),
  answer: key,
  errors: ['not-found', 'password-weak', 'agreement-limit', 'agreement-party'],
});

export const listSealKeys = contract({
  name: 'listSealKeys',
  summary: 'Keys of encrypted tables, by number',
  action: 'seal.list',
  method: 'GET',
  path: '/v1/seal-keys',
  query: pageQuery,
  answer: pageOf(key),
});

export const unlockSealKey = contract({
  name: 'unlockSealKey',
  summary: 'Opens a key with its passphrase, until it is locked or nobody has used it for a while',
  action: 'seal.unlock',
  method: 'POST',
  path: '/v1/seal-keys/:key/unlocking',
  params: ofKey,
  body: z.strictObject({ passphrase }),
  repeatable: true,
  answer: key,
  errors: ['not-found', 'passphrase-wrong', 'seal-key'],
});

export const lockSealKey = contract({
  name: 'lockSealKey',
  summary: 'Forgets the secret of a key',
  action: 'seal.lock',
  method: 'DELETE',
  path: '/v1/seal-keys/:key/unlocking',
  params: ofKey,
  answer: nothing,
  errors: ['not-found'],
});

export const rotateSealKey = contract({
  name: 'rotateSealKey',
  summary: 'Begins to move all tables of a key to another, then destroys it; or goes on with that. Both are open',
  action: 'seal.rotate',
  method: 'POST',
  path: '/v1/seal-keys/:key/rotation',
  params: ofKey,
  body: z.strictObject({ to: z.int().min(1) }),
  answer: begun,
  errors: ['not-found', 'seal-key', 'conflict'],
});

export const encryptTable = contract({
  name: 'encryptTable',
  summary: 'Begins to encrypt a data set as an agreement says; follow its job',
  action: 'seal.encrypt',
  method: 'POST',
  path: '/v1/sealed-tables',
  body: z.strictObject({
    agreement: agreementHash,
    name: z.string().min(1).max(63).describe('Of the table, in the agreement'),
    key: z.int().min(1),
    cuts: z
      .record(z.string().max(63), z.array(z.string().max(64)).min(1).max(256))
      .default({})
      .describe('By column: where bands of numbers and dates begin, so that conditions can tell them apart'),
    features: z
      .array(z.string().min(1).max(63))
      .min(1)
      .max(256)
      .optional()
      .describe('Columns from which scores are to be computed; absent for a table of which totals are'),
  }),
  answer: begun,
  errors: ['not-found', 'seal-key', 'table-layout', 'conflict'],
});

export const listSealedTables = contract({
  name: 'listSealedTables',
  summary: 'Encrypted tables, by number',
  action: 'seal.list',
  method: 'GET',
  path: '/v1/sealed-tables',
  query: pageQuery,
  answer: pageOf(table),
});

export const uploadTable = contract({
  name: 'uploadTable',
  summary: 'Begins to send an encrypted table to its server, or goes on with it; follow its job',
  action: 'seal.upload',
  method: 'POST',
  path: '/v1/sealed-tables/:table/upload',
  params: ofTable,
  answer: begun,
  errors: ['not-found', 'conflict'],
});

export const removeSealedTable = contract({
  name: 'removeSealedTable',
  summary: 'Deletes an encrypted table, here and at its server',
  action: 'seal.remove',
  method: 'DELETE',
  path: '/v1/sealed-tables/:table',
  params: ofTable,
  answer: nothing,
  errors: ['not-found', 'conflict'],
});

export const sealedTableContracts = [
  makeSealKey,
  listSealKeys,
  unlockSealKey,
  lockSealKey,
  rotateSealKey,
  encryptTable,
  listSealedTables,
  uploadTable,
  removeSealedTable,
];
