import { recordTypeName } from '@symbolon/consent';
import { contract } from '@symbolon/service';
import { z } from 'zod';
import { mostSchemaCharacters } from './types/schema.ts';

const ofModule = z.strictObject({ module: z.string().min(1).max(31) });
const type = z
  .strictObject({
    name: recordTypeName,
    version: z.int(),
    schema: z.string().describe('JSON Schema, as its author wrote it'),
  })
  .meta({ id: 'RecordType' });

export const listModules = contract({
  name: 'listModules',
  summary: 'The modules whose records are kept here, by id',
  action: 'record-type.read',
  method: 'GET',
  path: '/v1/modules',
  answer: z.strictObject({ modules: z.array(z.string()) }),
});

export const listRecordTypes = contract({
  name: 'listRecordTypes',
  summary: 'The newest version of each record type of a module',
  action: 'record-type.read',
  method: 'GET',
  path: '/v1/modules/:module/types',
  params: ofModule,
  answer: z.strictObject({ types: z.array(type) }),
});

export const addRecordType = contract({
  name: 'addRecordType',
  summary: 'Adds a record type, or its next version; records that are there keep theirs',
  action: 'record-type.add',
  method: 'POST',
  path: '/v1/modules/:module/types',
  params: ofModule,
  body: z.strictObject({ name: recordTypeName, schema: z.string().max(mostSchemaCharacters) }),
  bodyLimit: 4 * mostSchemaCharacters,
  answer: type,
  errors: ['record-type', 'conflict'],
});
