import { contract, nothing, pageOf, pageQuery } from '@symbolon/service';
import { z } from 'zod';

/** How a data set may be called. */
export const datasetName = z.string().regex(/^[a-z][a-z0-9_-]{0,62}$/, 'must be small letters, digits, - and _');
const postgres = { kind: z.literal('postgres'), url: z.string().min(1).max(2048) };
const kinds = ['csv', 'parquet', 'ndjson'] as const;
const file = z.strictObject({ kind: z.enum(kinds), path: z.string().min(1).max(4096) });
const table = z.string().min(1).max(255);
const query = z.string().min(1).max(65_536);
const source = z
  .union([file, z.strictObject({ ...postgres, table }), z.strictObject({ ...postgres, query })])
  .meta({ id: 'DataSource', description: 'Where records are; the password of a database is never shown.' });

const dataset = z
  .strictObject({
    name: datasetName,
    source,
    uploaded: z.literal(true).exactOptional().describe('Its file was sent to this server, and is deleted with it'),
    columns: z.array(
      z.strictObject({
        name: z.string(),
        type: z.enum(['text', 'number', 'date', 'boolean']),
        format: z.enum(['YYYY-MM-DD', 'DD-MM-YYYY', 'MM-DD-YYYY', 'YYYYMMDD']).exactOptional(),
        nulls: z.int(),
        min: z.string().exactOptional(),
        max: z.string().exactOptional(),
        scale: z.int().exactOptional(),
        maxLength: z.int().exactOptional(),
      }),
    ),
    rows: z.int().describe('Records without a fault'),
    problems: z.array(
      z.strictObject({ file: z.string(), row: z.int(), column: z.string().nullable(), message: z.string() }),
    ),
    problemCount: z.int(),
    notes: z.array(z.string()).describe('How the source was understood, in sentences'),
    addedAt: z.iso.datetime(),
  })
  .meta({ id: 'Dataset' });

const configured = { kind: z.literal('postgres'), database: z.string().min(1).max(63) };
/** What people name over the network: a table of a database that the server's settings name, too. */
const namedSource = z
  .union([source, z.strictObject({ ...configured, table }), z.strictObject({ ...configured, query })])
  .meta({ id: 'NamedDataSource' });

/** {@link namedSource}. */
export type NamedSource = z.output<typeof namedSource>;

export const listDatasets = contract({
  name: 'listDatasets',
  summary: 'The data sets of this organisation, by name',
  action: 'dataset.list',
  method: 'GET',
  path: '/v1/datasets',
  query: pageQuery,
  answer: pageOf(dataset),
});

export const getDataset = contract({
  name: 'getDataset',
  summary: 'One data set: where it is and what was found there, never a record',
  action: 'dataset.show',
  method: 'GET',
  path: '/v1/datasets/:name',
  params: z.strictObject({ name: datasetName }),
  answer: dataset,
  errors: ['not-found'],
});

export const addDataset = contract({
  name: 'addDataset',
  summary: 'Names a table; its records are read once and stay where they are',
  action: 'dataset.add',
  method: 'POST',
  path: '/v1/datasets',
  body: z.strictObject({ name: datasetName, source: namedSource }),
  answer: dataset,
  errors: ['data-malformed', 'config-invalid'],
});

/** The kinds of files that can be sent, and the data set that one becomes. */
export const uploadDataset = contract({
  name: 'uploadDataset',
  summary: 'Sends a file, which becomes a data set: it is kept in the folder of the organisation, and read once',
  action: 'dataset.add',
  method: 'POST',
  path: '/v1/datasets/:name/file',
  params: z.strictObject({ name: datasetName }),
  query: z.strictObject({ kind: z.enum(kinds) }),
  upload: true,
  unkeyed: true,
  answer: dataset,
  errors: ['data-malformed', 'legal-hold', 'storage-full'],
});

export const removeDataset = contract({
  name: 'removeDataset',
  summary:
    'Forgets a data set that no agreement names; a file that was sent to this server is deleted, any other stays',
  action: 'dataset.remove',
  method: 'DELETE',
  path: '/v1/datasets/:name',
  params: z.strictObject({ name: datasetName }),
  answer: nothing,
  errors: ['not-found', 'conflict', 'legal-hold'],
});

export const listDataPlaces = contract({
  name: 'listDataPlaces',
  summary: 'Files and databases of which people may make data sets, as the settings of the server say',
  action: 'dataset.add',
  method: 'GET',
  path: '/v1/data-places',
  answer: z.strictObject({
    files: z.array(
      z.strictObject({ path: z.string(), kind: z.enum(kinds), bytes: z.int(), changedAt: z.iso.datetime() }),
    ),
    databases: z.array(z.string()),
    uploadBytes: z.int().describe('Largest file that may be sent; 0: none'),
  }),
});

export const datasetContracts = [listDatasets, getDataset, addDataset, uploadDataset, removeDataset, listDataPlaces];
