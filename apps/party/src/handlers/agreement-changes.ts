import { type ApiRoute, answer } from '@symbolon/service';
import * as api from '../api/agreement-changes.ts';
import type { Organisation } from '../organisation.ts';

export function agreementChangeRoutes({ agreements }: Pick<Organisation, 'agreements'>): ApiRoute[] {
  const saying = (caller: { readonly id: string }, { reason }: { readonly reason: string }) => ({
    reason,
    person: caller.id,
  });
  const shown = (_: unknown, { params }: { readonly params: { readonly hash: string } }) =>
    agreements.show(params.hash);
  return [
    answer(
      api.suspendAgreement,
      ({ params, body, caller, also }) => agreements.suspend(params.hash, saying(caller, body), also),
      shown,
    ),
    answer(
      api.resumeAgreement,
      ({ params, body, caller, also }) => agreements.resume(params.hash, saying(caller, body), also),
      shown,
    ),
    answer(
      api.lapseAgreement,
      ({ params, body, caller, also }) => agreements.lapse(params.hash, saying(caller, body), also),
      shown,
    ),
    answer(
      api.revokeAgreement,
      ({ params, body, caller, also }) => agreements.revoke(params.hash, saying(caller, body), also),
      shown,
    ),
    answer(
      api.declineAgreement,
      ({ params, body, caller, also }) => agreements.decline(params.hash, saying(caller, body), also),
      shown,
    ),
    answer(
      api.counterAgreement,
      ({ params, body, also }) => agreements.counter(params.hash, body.changes, also),
      (hash: string) => agreements.show(hash),
    ),
    answer(api.agreementHistory, async ({ params }) => ({ changes: await agreements.history(params.hash) })),
  ];
}
