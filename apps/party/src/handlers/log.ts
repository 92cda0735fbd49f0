import { type ApiRoute, answer } from '@symbolon/service';
import * as api from '../api/log.ts';
import type { Erasure } from '../erase-entry.ts';
import type { Organisation } from '../organisation.ts';

export function auditRoutes({ audit }: Organisation): ApiRoute[] {
  return [
    answer(
      api.eraseLogEntry,
      ({ params, body, caller, also }) => audit.erase(params.index, body.reason, caller, also),
      async (made: Erasure) => made,
    ),
    answer(api.verifyLog, () => audit.verify()),
  ];
}
