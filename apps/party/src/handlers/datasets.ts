import { realpathSync } from 'node:fs';
import { isAbsolute, relative } from 'node:path';
import { fault } from '@symbolon/crypto';
import { type ApiRoute, answer, page, type Visit } from '@symbolon/service';
import {
  addDataset,
  getDataset,
  listDataPlaces,
  listDatasets,
  type NamedSource,
  removeDataset,
  uploadDataset,
} from '../api/datasets.ts';
import type { PartySettings } from '../config.ts';
import type { PartyContext } from '../context.ts';
import type { DataSource } from '../data/source.ts';
import { dataFiles } from '../datasets/places.ts';
import { addUploaded } from '../datasets/uploaded.ts';
import type { Organisation } from '../organisation.ts';

type Places = Pick<PartySettings, 'dataFolders' | 'databases'>;

/** @param context its settings say which files and tables may be named over the network */
export function datasetRoutes({ data }: Organisation, context: PartyContext): ApiRoute[] {
  const places = context.settings;
  const most = places.uploadMegabytes * 1e6;
  return [
    answer(listDatasets, async ({ query }) => page(await data.list(), query, ({ name }) => name)),
    answer(getDataset, ({ params }) => data.show(params.name)),
    answer(listDataPlaces, async () => ({
      files: dataFiles(places.dataFolders),
      databases: Object.keys(places.databases).sort(),
      uploadBytes: most,
    })),
    answer(
      addDataset,
      ({ body, visit, also }) => data.add(body.name, reachableSource(body.source, visit, places), also),
      (_, { body }) => data.show(body.name),
    ),
    answer(uploadDataset, ({ params: { name }, query: { kind }, upload, also }) =>
      addUploaded(context, { name, kind, most }, upload!, also),
    ),
    answer(removeDataset, ({ params, also }) => data.remove(params.name, also)),
  ];
}

/** The source that is meant. Throws `forbidden`, and `not-found` for a database that the settings do not name. */
export function reachableSource(source: NamedSource, visit: Visit, { dataFolders, databases }: Places): DataSource {
  if (!('database' in source)) {
    requireReachable(source, visit, dataFolders);
    return source;
  }
  const { database, ...rest } = source;
  const url = Object.hasOwn(databases, database) ? databases[database] : undefined;
  if (url !== undefined) return { ...rest, url };
  throw fault('not-found', `the settings of the server name no database '${database}'`, {
    culprit: database,
    hint: 'Whoever keeps the server adds it to `databases` in symbolon.json.',
  });
}

/** Over the network nobody has the server open any file it can, or connect to any address. Throws `forbidden`. */
export function requireReachable(source: DataSource, { address }: Visit, folders: readonly string[]): void {
  if (address === 'local') return;
  if ('path' in source && folders.some((folder) => isWithin(source.path, folder))) return;
  throw fault('forbidden', 'this source may not be named over the network', {
    culprit: 'source',
    hint: 'Name a file in one of the server’s `dataFolders`, or ask whoever keeps the server to add this source there.',
  });
}

function isWithin(path: string, folder: string): boolean {
  try {
    const way = relative(realpathSync(folder), realpathSync(path));
    return way !== '' && !way.startsWith('..') && !isAbsolute(way);
  } catch {
    return false;
  }
}
