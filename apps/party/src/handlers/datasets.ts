import { realpathSync } from 'node:fs';
import { isAbsolute, relative } from 'node:path';
import { fault } from '@symbolon/crypto';
import { type ApiRoute, answer, page, type Visit } from '@symbolon/service';
import { addDataset, getDataset, listDatasets } from '../api/datasets.ts';
import type { DataSource } from '../data/source.ts';
import type { Organisation } from '../organisation.ts';

/** @param folders whose files may be named over the network */
export function datasetRoutes({ data }: Organisation, folders: readonly string[]): ApiRoute[] {
  return [
    answer(listDatasets, async ({ query }) => page(await data.list(), query, ({ name }) => name)),
    answer(getDataset, ({ params }) => data.show(params.name)),
    answer(
      addDataset,
      ({ body, visit, also }) => {
        requireReachable(body.source, visit, folders);
        return data.add(body.name, body.source, also);
      },
      (_, { body }) => data.show(body.name),
    ),
  ];
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
