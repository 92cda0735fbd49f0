import { coversStudies } from '@symbolon/agreement';
import { authorizeStudy, granted, type StudyGrant, type StudyRequest } from '../authorize.ts';
import type { PartyContext } from '../context.ts';
import { type BoundQuestion, bindListed } from './question.ts';

/** A study that this party's own copy of the agreement grants, and what it makes of it. */
export interface Decided {
  readonly grant: StudyGrant;
  readonly own: BoundQuestion;
}

/** Looks up what this party knows now and lets `authorizeStudy` decide. A refusal goes into the log and is thrown. */
export async function decide(context: PartyContext, request: StudyRequest): Promise<Decided> {
  const { home, agreements, studyRuns, approvals, now, log, logger } = context;
  const { agreement, study } = request;
  const stored = await agreements.find(agreement);
  const own = stored === undefined ? undefined : await bound(stored.agreement, study);
  const decision = authorizeStudy(request, {
    home,
    stored,
    successors: await agreements.successors(agreement),
    own,
    approved: (await approvals.find(agreement, study))?.hash,
    runsSoFar: await studyRuns.counts(agreement, study),
    now: now(),
  });
  if (!decision.grant) {
    const { code, reason } = decision;
    logger.warn({ agreement, study, by: request.by, code, reason }, 'refused a study');
    await log.append({ kind: 'study-refused', agreement, study, by: request.by, code, reason });
  }
  return { grant: granted(decision), own: own! };
}

async function bound(
  agreement: Parameters<typeof coversStudies>[0],
  study: string,
): Promise<BoundQuestion | undefined> {
  if (!coversStudies(agreement)) return undefined;
  const listed = agreement.studies.list.find(({ name }) => name === study);
  return listed && bindListed(agreement, listed);
}
