import { authorizeOutsource, granted, type OutsourceGrant, type OutsourceRequest } from '../authorize.ts';
import type { PartyContext } from '../context.ts';
import { subjectOf } from './questions.ts';

/**
 * Looks up what this organisation knows now and lets `authorizeOutsource` decide. A refusal goes into the log and is thrown.
 * @param question its number here, where one is asked
 */
export async function decideSealed(
  context: PartyContext,
  request: OutsourceRequest,
  question?: number,
): Promise<OutsourceGrant> {
  const { home, agreements, approvals, database, log, logger, now } = context;
  const { agreement, table, person } = request;
  const { count } = await database
    .selectFrom('sealed_run')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .where('agreement', '=', agreement)
    .where('opened_at', 'is not', null)
    .executeTakeFirstOrThrow();
  const decision = authorizeOutsource(request, {
    home,
    stored: await agreements.find(agreement),
    successors: await agreements.successors(agreement),
    approvals: question === undefined ? [] : await approvals.list(subjectOf({ id: question, agreement })),
    runsSoFar: count,
    now: now(),
  });
  if (!decision.grant) {
    const { code, reason } = decision;
    logger.warn({ agreement, table, person, code, reason }, 'refused work on encrypted tables');
    await log.append({ kind: 'seal-refused', agreement, person, code, reason, ...(table === null ? {} : { table }) });
  }
  return granted(decision);
}
