import { type ApiRoute, answer } from '@symbolon/service';
import * as api from '../api/agreement-changes.ts';
import type { Organisation } from '../organisation.ts';

export function agreementChangeRoutes({ agreements }: Pick<Organisation, 'agreements'>): ApiRoute[] {
  const saying = (caller: { readonly id: string }, { reason }: { readonly reason: string }) => ({
    reason,
    person: caller.id,
  });
  return [
    answer(api.suspendAgreement, ({ params, body, caller }) => agreements.suspend(params.hash, saying(caller, body))),
    answer(api.resumeAgreement, ({ params, body, caller }) => agreements.resume(params.hash, saying(caller, body))),
    answer(api.lapseAgreement, ({ params, body, caller }) => agreements.lapse(params.hash, saying(caller, body))),
    answer(api.revokeAgreement, ({ params, body, caller }) => agreements.revoke(params.hash, saying(caller, body))),
    answer(api.declineAgreement, ({ params, body, caller }) => agreements.decline(params.hash, saying(caller, body))),
    answer(api.counterAgreement, ({ params, body }) => agreements.counter(params.hash, body.changes)),
    answer(api.agreementHistory, async ({ params }) => ({ changes: await agreements.history(params.hash) })),
  ];
}
