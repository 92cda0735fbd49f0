import { authorizeOutsource, granted, type OutsourceGrant, type OutsourceRequest } from '../authorize.ts';
import type { PartyContext } from '../context.ts';
import { sealedRunsOf, withinQuota } from '../market/quota.ts';
import { subjectOf } from './questions.ts';

/**
 * Looks up what this organisation knows now and lets `authorizeOutsource` decide. A refusal goes into the log and is thrown.
 * @param question its number here, where one is asked @param isCounted whether the run is one that counts already, and goes on
 */
export async function decideSealed(
  context: PartyContext,
  request: OutsourceRequest,
  question?: number,
  isCounted = false,
): Promise<OutsourceGrant> {
  const { home, agreements, approvals, database, log, logger, now } = context;
  const { agreement, table, person } = request;
  const { count } = await database
    .selectFrom('sealed_run')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .where('agreement', '=', agreement)
    .where('opened_at', 'is not', null)
    .executeTakeFirstOrThrow();
  const stored = await agreements.find(agreement);
  const authorized = authorizeOutsource(request, {
    home,
    stored,
    successors: await agreements.successors(agreement),
    approvals: question === undefined ? [] : await approvals.list(subjectOf({ id: question, agreement })),
    runsSoFar: count - (isCounted ? 1 : 0),
    now: now(),
  });
  const by = stored && sealedRunsOf(stored.agreement);
  const asks = request.question !== undefined && by !== undefined;
  const decision = asks ? await withinQuota(context, authorized, stored, by, isCounted) : authorized;
  if (!decision.grant) {
    const { code, reason } = decision;
    logger.warn({ agreement, table, person, code, reason }, 'refused work on encrypted tables');
    await log.append({ kind: 'seal-refused', agreement, person, code, reason, ...(table === null ? {} : { table }) });
  }
  return granted(decision);
}
