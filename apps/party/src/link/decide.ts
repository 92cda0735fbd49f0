import { authorizeLink, granted, type LinkGrant, type LinkRequest } from '../authorize.ts';
import type { PartyContext } from '../context.ts';
import { withinQuota } from '../market/quota.ts';

/** Looks up what this party knows now and lets `authorizeLink` decide. A refusal goes into the log and is thrown. */
export async function decide(context: PartyContext, request: LinkRequest): Promise<LinkGrant> {
  const { home, agreements, approvals, runs, now, log, logger } = context;
  const stored = await agreements.find(request.agreement);
  const authorized = authorizeLink(request, {
    home,
    stored,
    successors: await agreements.successors(request.agreement),
    approvals: await approvals.list({ action: 'link', agreement: request.agreement, name: '' }),
    runsSoFar: await runs.opens(request.agreement),
    now: now(),
  });
  const decision = await withinQuota(context, authorized, stored, request.by);
  if (!decision.grant) {
    const { code, reason } = decision;
    logger.warn({ agreement: request.agreement, by: request.by, code, reason }, 'refused a link');
    await log.append({ kind: 'link-refused', agreement: request.agreement, by: request.by, code, reason });
  }
  return granted(decision);
}
