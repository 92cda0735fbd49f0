import {
  allowsStudy,
  approvalRule,
  coversStudies,
  renewed,
  type StudyAgreement,
  type StudyPermission,
  type StudyQuestion,
} from '@symbolon/agreement';
import { countApprovals } from '../approvals.ts';
import {
  type AgreementFacts,
  type Asker,
  day,
  inForce,
  membersOf,
  type PartyRefusal,
  refuse,
  type SessionGrant,
} from './force.ts';
import { type PlanUse, refusedPlan } from './plan.ts';

/** What someone asks this party to do: a study. */
export interface StudyRequest extends Asker {
  /** Hash of the agreement. */
  readonly agreement: string;
  /** Its name in the agreement. */
  readonly study: string;
  /** What the asker's own copy of the study comes to, by hash; absent where it is this party that asks. */
  readonly studyHash?: string | undefined;
  /** By table and holder, as far as they are known. */
  readonly rows: Readonly<Record<string, Readonly<Record<string, number>>>>;
}

/** What this party's own copy of the agreement makes of a study. */
export interface OwnStudy {
  readonly studyHash: string;
  /** What it is to the agreement. */
  readonly question: StudyQuestion;
  /** Where columns stand in it, and how. */
  readonly uses: readonly PlanUse[];
  /** Ids of those who take part, in order: the holders of the hub, of the other tables, then who only receives. */
  readonly parties: readonly string[];
}

export interface StudyFacts extends AgreementFacts {
  /** Absent where the agreement does not list the study. */
  readonly own: OwnStudy | undefined;
  /** Who of this organisation asked it, where the agreement does not list it. */
  readonly askedBy: string | null;
}

/** The checked parameters of a study: nothing else may be used to run it. */
export interface StudyGrant extends SessionGrant {
  readonly grant: true;
  readonly agreement: StudyAgreement;
  readonly study: StudyPermission['study'];
  readonly studyHash: string;
  /** Places of the parties that learn the result, ascending. */
  readonly learns: readonly number[];
  readonly runsLeft: number;
}

/**
 * Whether a study may be run: listed, the same at whoever asks, approved by somebody here in just this form, within its runs, its term and
 * the agreed sizes.
 */
export function authorizeStudy(request: StudyRequest, facts: StudyFacts): StudyGrant | PartyRefusal {
  const force = inForce(request.agreement, facts);
  if (!force.grant) return force;
  const { agreement } = force;
  const { home, own } = facts;
  const id = home.card.id;
  if (!coversStudies(agreement)) {
    return refuse('agreement-limit', `The agreement "${agreement.title}" covers no studies.`);
  }
  const { by, study: name, rows } = request;
  const asked = { study: name, by, date: day(facts.now), rows: copied(rows), runsSoFar: facts.runsSoFar };
  const question = own?.question ?? { kind: 'study' };
  const decision = allowsStudy(renewed(agreement, force.notices), { action: 'study', question, ...asked });
  if (!decision.grant) return decision;
  if (own === undefined) return refuse('agreement-limit', `${id} cannot make anything of the study '${name}'.`);
  const refusal = refusedPlan(
    { what: `the study '${name}'`, parties: own.parties, receivers: decision.study.to, uses: own.uses },
    agreement,
    {
      ...{ by, self: id, purpose: request.purpose },
      same: request.studyHash === undefined || request.studyHash === own.studyHash,
      approvals: countApprovals(facts.approvals, {
        hash: own.studyHash,
        rule: approvalRule(agreement, question.kind, id),
        askedBy: [facts.askedBy, by === id ? request.person : null],
      }),
    },
  );
  if (refusal !== undefined) return refusal;
  return {
    grant: true,
    hash: request.agreement,
    agreement,
    study: decision.study,
    studyHash: own.studyHash,
    parties: membersOf(agreement, own.parties),
    index: own.parties.indexOf(id),
    learns: [...own.parties.keys()].filter((place) => decision.study.to.includes(own.parties[place]!)),
    keyService: agreement.keyService.id,
    pads: agreement.pads,
    runsLeft: decision.runsLeft,
  };
}

function copied(rows: StudyRequest['rows']): Record<string, Record<string, number>> {
  return Object.fromEntries(Object.entries(rows).map(([table, holders]) => [table, { ...holders }]));
}
