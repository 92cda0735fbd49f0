import type { Contract } from '@symbolon/service';
import { datasetContracts } from './datasets.ts';

/** Every operation of an organisation's API. A topic's contracts stand in a file of their own; their handlers are in `routes.ts` or in the topic's folder. */
export const contracts: readonly Contract[] = [...datasetContracts];
