import { coversStudies } from '@symbolon/agreement';
import { SymbolonError } from '@symbolon/crypto';
import { reasonOf } from '../agreements/refused.ts';
import {
  authorizeStudy,
  granted,
  type PartyRefusal,
  type PlanUse,
  type StudyGrant,
  type StudyRequest,
} from '../authorize.ts';
import type { PartyContext } from '../context.ts';
import { withinQuota } from '../market/quota.ts';
import type { Asked } from './asked.ts';
import { findStudy } from './find.ts';
import type { BoundQuestion } from './question.ts';

/** A study that this party's own copy of the agreement grants, and what it makes of it. */
export interface Decided {
  readonly grant: StudyGrant;
  readonly own: BoundQuestion;
}

/**
 * Looks up what this party knows now and lets `authorizeStudy` decide. A refusal goes into the log and is thrown.
 * @param asked how a partner asks a study that the agreement does not list
 */
export async function decide(context: PartyContext, request: StudyRequest, asked?: Asked): Promise<Decided> {
  const { home, agreements, approvals, now } = context;
  const { agreement, study } = request;
  const stored = await agreements.find(agreement);
  const { found, own } = await foundOr(context, request, async () => {
    const known =
      stored !== undefined && coversStudies(stored.agreement)
        ? await findStudy(context, { hash: agreement, agreement: stored.agreement }, study, asked)
        : undefined;
    return { found: known, own: await known?.bind() };
  });
  const authorized = authorizeStudy(request, {
    home,
    stored,
    successors: await agreements.successors(agreement),
    own: own && { ...own, uses: usesOf(own) },
    approvals: found === undefined ? [] : await approvals.list(found.subject),
    askedBy: found?.askedBy ?? null,
    runsSoFar: (await found?.runs()) ?? 0,
    now: now(),
  });
  const decision = await withinQuota(context, authorized, stored, request.by);
  if (!decision.grant) {
    await refused(context, request, decision);
  }
  return { grant: granted(decision), own: own! };
}

/** What cannot be bound to the agreement, such as an attempt to get around its policies, is a refusal as others are. */
async function foundOr<T>(context: PartyContext, request: StudyRequest, find: () => Promise<T>): Promise<T> {
  try {
    return await find();
  } catch (error) {
    if (error instanceof SymbolonError) {
      await refused(context, request, { code: error.code, reason: reasonOf(error) });
    }
    throw error;
  }
}

async function refused(
  { log, logger }: PartyContext,
  { agreement, study, by }: StudyRequest,
  { code, reason }: Pick<PartyRefusal, 'code' | 'reason'>,
): Promise<void> {
  logger.warn({ agreement, study, by, code, reason }, 'refused a study');
  await log.append({ kind: 'study-refused', agreement, study, by, code, reason });
}

/** Where columns stand, by the tables' names in the agreement. */
function usesOf({ whole }: BoundQuestion): PlanUse[] {
  const { tables, uses } = whole.kind === 'study/1' ? whole : whole.rows;
  return uses.map((use) => ({ ...use, table: tables.find(({ alias }) => alias === use.table)!.name }));
}
