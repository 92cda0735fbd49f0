import { type ApiRoute, answer } from '@symbolon/service';
import * as api from '../api/agreement-changes.ts';
import type { Organisation } from '../organisation.ts';

export function agreementChangeRoutes({ agreements }: Pick<Organisation, 'agreements'>): ApiRoute[] {
  type Saying = Omit<typeof api.suspendAgreement, 'action'> & { readonly action: string };
  const say = (contract: Saying, action: 'suspend' | 'resume' | 'lapse' | 'revoke' | 'decline') =>
    answer(
      contract,
      ({ params, body: { reason }, caller, also }) =>
        agreements[action](params.hash, { reason, person: caller.id }, also),
      (_, { params }) => agreements.show(params.hash),
    );
  return [
    say(api.suspendAgreement, 'suspend'),
    say(api.resumeAgreement, 'resume'),
    say(api.lapseAgreement, 'lapse'),
    say(api.revokeAgreement, 'revoke'),
    say(api.declineAgreement, 'decline'),
    answer(
      api.counterAgreement,
      ({ params, body, also }) => agreements.counter(params.hash, body.changes, also),
      (hash: string) => agreements.show(hash),
    ),
    answer(api.agreementHistory, async ({ params }) => ({ changes: await agreements.history(params.hash) })),
  ];
}
