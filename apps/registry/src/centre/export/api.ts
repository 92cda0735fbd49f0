import { contract, nothing, pageOf, pageQuery } from '@symbolon/service';
import { z } from 'zod';
import { exportFormats } from './exports.ts';

const ofExport = z.strictObject({ export: z.string().regex(/^[A-Za-z0-9_-]{22}$/, 'must be the id of an export') });
const info = z
  .strictObject({
    id: z.string(),
    module: z.string(),
    purpose: z.string(),
    format: z.enum(exportFormats),
    by: z.string(),
    at: z.string(),
    records: z.int(),
    files: z
      .array(z.strictObject({ name: z.string(), bytes: z.int() }))
      .describe('In the folder exports/ of the server; none once deleted'),
  })
  .meta({ id: 'RecordExport' });

export const exportRecords = contract({
  name: 'exportRecords',
  summary:
    "Writes a module's records into files, with ids of this export alone; each patient is told, with the purpose",
  action: 'record.export',
  method: 'POST',
  path: '/v1/exports',
  body: z.strictObject({
    module: z.string().min(1).max(31),
    purpose: z.string().min(10).max(1000).describe('Patients see it'),
    format: z.enum(exportFormats),
  }),
  answer: info,
});

export const listExports = contract({
  name: 'listExports',
  summary: 'Exports of records',
  action: 'record.export',
  method: 'GET',
  path: '/v1/exports',
  query: pageQuery,
  answer: pageOf(info),
});

export const readExport = contract({
  name: 'readExport',
  summary: 'Some bytes of a file of an export',
  action: 'record.export',
  method: 'GET',
  path: '/v1/exports/:export/files/:file',
  params: ofExport.extend({ file: z.string().regex(/^[A-Za-z][A-Za-z0-9_]{0,60}\.(ndjson|json|parquet)$/) }),
  query: z.strictObject({
    from: z.coerce
      .number()
      .int()
      .min(0)
      .max(2 ** 48)
      .default(0),
  }),
  answer: z.strictObject({ bytes: z.base64url().describe('None after the last') }),
  errors: ['not-found'],
});

export const deleteExport = contract({
  name: 'deleteExport',
  summary: 'Deletes the files of an export',
  action: 'record.export',
  method: 'DELETE',
  path: '/v1/exports/:export',
  params: ofExport,
  answer: nothing,
  errors: ['not-found'],
});
