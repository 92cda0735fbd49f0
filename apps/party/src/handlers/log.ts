import { base64url, parseCanonical } from '@symbolon/crypto';
import { type ApiRoute, answer, numberCursor, pageFrom } from '@symbolon/service';
import * as api from '../api/log.ts';
import type { Erasure } from '../erase-entry.ts';
import type { Organisation } from '../organisation.ts';

export function logRoutes({ log, audit }: Organisation): ApiRoute[] {
  return [
    answer(api.listLogEntries, async ({ query: { after, limit } }) => {
      const first = after === undefined ? 0 : numberCursor(after) + 1;
      const records = await log.store.entries(first, first + limit + 1);
      const entries = records.map(({ event }, i) => ({ index: first + i, event: eventOf(event) }));
      return pageFrom(entries, limit, ({ index }) => index);
    }),
    answer(api.getLogEntry, async ({ params: { index } }) => {
      await log.refresh();
      const { event, salt } = await log.store.entry(index);
      return {
        index,
        event: eventOf(event),
        document: event && base64url(event),
        salt: salt && base64url(salt),
        proof: log.inclusionProof(index).map(base64url),
        checkpoint: log.checkpoint(),
      };
    }),
    answer(
      api.eraseLogEntry,
      ({ params, body, caller, also }) => audit.erase(params.index, body.reason, caller, also),
      async (made: Erasure) => made,
    ),
    answer(api.getLogCheckpoint, async () => ({ checkpoint: log.checkpoint() })),
    answer(api.verifyLog, () => audit.verify()),
  ];
}

function eventOf(event: Uint8Array | null): Record<string, unknown> | null {
  return event === null ? null : (parseCanonical(event) as Record<string, unknown>);
}
