import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fromBase64url } from '@symbolon/crypto';
import { centreApi as api } from '@symbolon/registry';
import type { ApiClient } from '@symbolon/service';
import type { Leaf } from '../command.ts';
import { withServer } from '../server.ts';
import { bytes, facts, number, table, UsageError } from '../ui.ts';

const listTypes: Leaf<object> = {
  name: 'list <module>',
  summary: 'record types of a module, the newest version of each',
  examples: ['symbolon centre type list hips', 'symbolon centre type list hips --json'],
  served: true,
  run: async ({ ui, at }, [module]) => {
    const params = { module: module! };
    const { types } = await withServer(at.home, at, (client) => client.call(api.listRecordTypes, { params }));
    if (types.length === 0) ui.say(`${module} has no record types: add one with symbolon centre type add.`);
    const rows = types.map(({ name, version, schema }) => [name, version, bytes(schema.length)]);
    return { json: types, text: types.length === 0 ? '' : table(['type', 'version', 'schema'], rows) };
  },
};

const addType: Leaf<object> = {
  name: 'add <module> <type> <file>',
  summary: 'add a record type from a JSON Schema, or its next version',
  description:
    'A schema says all that a record may hold: objects list their properties, texts are values of a list, days, or of a pattern; free text is declared by ' +
    'x-free-text. See docs/records.md. Records that are there keep the version they were written by.',
  examples: ['symbolon centre type add hips visit visit.schema.json'],
  served: true,
  run: async ({ at }, [module, name, file]) => {
    const input = { params: { module: module! }, body: { name: name!, schema: readFileSync(file!, 'utf8') } };
    const made = await withServer(at.home, at, (client) => client.call(api.addRecordType, input));
    return {
      json: made,
      text: facts([
        ['type', made.name],
        ['version', number(made.version)],
      ]),
    };
  },
};

/** `symbolon centre type`. */
export const type = [listTypes, addType] as Leaf<object>[];

const formats = api.exportRecords.answer.shape.format.options;
type Format = (typeof formats)[number];

const makeExport: Leaf<{ purpose: string; format: string }> = {
  name: 'make <module>',
  summary: "write a module's records into files, with ids of this export alone",
  description:
    'Writes into the folder exports/ of the server. Every patient whose records are in it is told, with the purpose; who objected to studies is left out.',
  examples: [
    'symbolon centre export make hips --format fhir-ndjson --purpose "Move to the national registry, decision 12/2026"',
  ],
  served: true,
  options: (command) =>
    command
      .requiredOption('--purpose <text>', 'why: patients see it')
      .option('--format <format>', formats.join(', '), 'ndjson'),
  run: async ({ at }, [module], { purpose, format }) => {
    if (!formats.includes(format as Format)) throw new UsageError(`a format is one of ${formats.join(', ')}`);
    const body = { module: module!, purpose, format: format as Format };
    const made = await withServer(at.home, at, (client) => client.call(api.exportRecords, { body }));
    return { json: made, text: exportText(made) };
  },
};

type Export = Awaited<ReturnType<typeof exportsOf>>[number];

const exportsOf = async (client: ApiClient) => (await client.call(api.listExports, { query: { limit: 1000 } })).items;

function exportText({ id, records, files }: Export): string {
  const rows = files.map((file): [string, string] => [file.name, bytes(file.bytes)]);
  return facts([['export', id], ['records', number(records)], ...rows]);
}

const listExports: Leaf<object> = {
  name: 'list',
  summary: 'exports that were made, and what is still there',
  examples: ['symbolon centre export list'],
  served: true,
  run: async ({ ui, at }) => {
    const found = await withServer(at.home, at, exportsOf);
    if (found.length === 0) ui.say('No exports.');
    const rows = found.map((one) => [
      one.id,
      one.at.slice(0, 16),
      one.module,
      one.format,
      one.by,
      one.records,
      one.files.length,
      one.purpose,
    ]);
    const head = ['export', 'at', 'module', 'format', 'by', 'records', 'files', 'purpose'];
    return { json: found, text: found.length === 0 ? '' : table(head, rows) };
  },
};

const fetchExport: Leaf<{ to: string }> = {
  name: 'fetch <export>',
  summary: 'copy the files of an export into a folder here',
  examples: ['symbolon centre export fetch 3q2-7wAAAAAAAAAAAAAAAA --to ./export'],
  served: true,
  options: (command) => command.requiredOption('--to <folder>', 'a folder that is not there yet'),
  run: async ({ at }, [id], { to }) => {
    const names = await withServer(at.home, at, async (client) => {
      const found = (await exportsOf(client)).find((one) => one.id === id);
      if (found === undefined)
        throw new UsageError(`there is no export ${id}`, 'List them: symbolon centre export list');
      mkdirSync(to, { mode: 0o700 });
      for (const { name } of found.files) await copyFile(client, { id: found.id, name }, join(to, name));
      return found.files.map(({ name }) => name);
    });
    return { json: names, text: names.map((name) => join(to, name)).join('\n') };
  },
};

async function copyFile(client: ApiClient, { id, name }: { id: string; name: string }, file: string): Promise<void> {
  writeFileSync(file, '', { mode: 0o600, flag: 'wx' });
  for (let from = 0; ; ) {
    const input = { params: { export: id, file: name }, query: { from } };
    const piece = fromBase64url((await client.call(api.readExport, input)).bytes);
    if (piece.length === 0) return;
    writeFileSync(file, piece, { flag: 'a' });
    from += piece.length;
  }
}

const deleteExport: Leaf<object> = {
  name: 'delete <export>',
  summary: 'delete the files of an export; that it was made stays known',
  examples: ['symbolon centre export delete 3q2-7wAAAAAAAAAAAAAAAA'],
  served: true,
  run: async ({ at }, [id]) => {
    await withServer(at.home, at, (client) => client.call(api.deleteExport, { params: { export: id! } }));
    return { json: { id } };
  },
};

/** `symbolon centre export`. */
export const exporting = [makeExport, listExports, fetchExport, deleteExport] as Leaf<object>[];
