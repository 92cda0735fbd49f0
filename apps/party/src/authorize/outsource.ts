import {
  type Agreement,
  allowsOutsourced,
  approvalRule,
  askedTables,
  type OutsourcedPermission,
  type Purpose,
  renewed,
  type SealedMethod,
} from '@symbolon/agreement';
import { countApprovals } from '../approvals.ts';
import { type AgreementFacts, day, inForce, type PartyRefusal, refuse } from './force.ts';
import { type PlanUse, refusedPlan } from './plan.ts';

/** What somebody here wants to be done with encrypted tables. */
export interface OutsourceRequest {
  /** Hash of the agreement. */
  readonly agreement: string;
  /** Who of this organisation asks. */
  readonly person: string;
  /** The table's name in the agreement; null of what is about all. */
  readonly table: string | null;
  readonly rows?: number | undefined;
  /** What is asked of the table, as it is bound here; absent where it is only encrypted, sent or moved. */
  readonly question?: OutsourcedQuestion | undefined;
  readonly purpose?: Purpose | undefined;
}

/** A question, bound to this organisation's own copy of the agreement. */
export interface OutsourcedQuestion {
  readonly hash: string;
  readonly method: SealedMethod;
  readonly uses: readonly PlanUse[];
  /** Who of this organisation asked it first. */
  readonly askedBy: string;
}

/** The checked parameters: nothing else may be used. */
export interface OutsourceGrant {
  readonly grant: true;
  readonly hash: string;
  readonly agreement: Agreement;
  readonly terms: OutsourcedPermission['terms'];
  readonly runsLeft: number;
}

/**
 * Whether this organisation lets the server that an agreement names hold a table, or compute a question on it: agreement in force, own tables, within
 * rows and runs, by the columns' policies, approved by people here in just this form.
 */
export function authorizeOutsource(request: OutsourceRequest, facts: AgreementFacts): OutsourceGrant | PartyRefusal {
  const force = inForce(request.agreement, facts);
  if (!force.grant) return force;
  const { agreement } = force;
  const { id } = facts.home.card;
  const { table, rows, question, person } = request;
  const decision = allowsOutsourced(renewed(agreement, force.notices), {
    ...{ by: id, table, rows, method: question?.method },
    date: day(facts.now),
    runsSoFar: facts.runsSoFar,
  });
  if (!decision.grant) return decision;
  const { terms } = decision;
  const server = facts.home.partners.list().find((card) => card.id === terms.compute);
  if (server?.role !== 'compute') {
    return refuse('agreement-party', `${terms.compute} is no compute server that ${id} knows.`, terms.compute);
  }
  if (question !== undefined) {
    const refusal = refusedPlan(
      { what: 'the question', parties: [id, terms.compute], receivers: [id], uses: question.uses },
      {
        ...(agreement.purpose === undefined ? {} : { purpose: agreement.purpose }),
        studies: { tables: askedTables(terms) },
      },
      {
        ...{ by: id, self: id, purpose: request.purpose, same: true },
        approvals: countApprovals(facts.approvals, {
          hash: question.hash,
          rule: approvalRule(agreement, 'outsource', id),
          askedBy: [question.askedBy, person],
        }),
      },
    );
    if (refusal !== undefined) return refusal;
  }
  return { grant: true, hash: request.agreement, agreement, terms, runsLeft: decision.runsLeft };
}
