import { type ApiRoute, answer, page } from '@symbolon/service';
import { addDataset, getDataset, listDatasets } from '../api/datasets.ts';
import type { Organisation } from '../organisation.ts';

/** @param requireReadable throws where a visitor may not have the server read a source */
export function datasetRoutes({ data }: Organisation): ApiRoute[] {
  return [
    answer(listDatasets, async ({ query }) => page(await data.list(), query, ({ name }) => name)),
    answer(getDataset, ({ params }) => data.show(params.name)),
    answer(addDataset, ({ body }) => data.add(body.name, body.source)),
  ];
}
