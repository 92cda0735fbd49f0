import {
  allows,
  approvalRule,
  coversLink,
  type LinkAgreement,
  type LinkTerms,
  linkTerms,
  renewed,
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
import { refusedPlan } from './plan.ts';

/** What someone asks this party to do: a link. Row counts that are not known yet are left out; ask again when they are. */
export interface LinkRequest extends Asker {
  /** Hash of the agreement. */
  readonly agreement: string;
  readonly rows: { readonly a?: number; readonly b?: number };
}

export type LinkFacts = AgreementFacts;

/** The checked parameters of a link: nothing else may be used to run it. */
export interface LinkGrant extends SessionGrant {
  readonly grant: true;
  readonly agreement: LinkAgreement;
  /** The owner of table a is p0. */
  readonly index: 0 | 1;
  readonly table: 'a' | 'b';
  /** What is compared, which pairs count, and what is revealed. */
  readonly link: LinkTerms;
  /** Places of the parties that learn the result, ascending. */
  readonly learns: readonly (0 | 1)[];
  /** Id of the other holder of a table. */
  readonly peer: string;
  /** Rows that each table may have. */
  readonly maxRows: { readonly a: number; readonly b: number };
  readonly runsLeft: number;
}

/** What an agreement may say and no protocol does yet. A line goes when a link can do it. */
const notYet: readonly (readonly [says: string, where: (link: LinkTerms) => boolean])[] = [
  [
    'picks the best match of rows of both tables without blocking keys',
    ({ cardinality, prefer, blocking }) => cardinality === 'one-to-one' && prefer === 'best' && blocking === undefined,
  ],
];

/** What of an agreement links cannot do yet, in words that follow its name. */
export function unsupported(agreement: LinkAgreement): string[] {
  const link = linkTerms(agreement);
  return notYet.filter(([, where]) => where(link)).map(([says]) => says);
}

/** Places of the parties that learn the result of a link, ascending. */
export function learners({ tables: { a, b }, link }: LinkAgreement): (0 | 1)[] {
  return ([0, 1] as const).filter((place) => link.to.includes([a, b][place]!.party));
}

/** Whether a link may be run. Every rule is looked at each time, signatures included. */
export function authorizeLink(request: LinkRequest, facts: LinkFacts): LinkGrant | PartyRefusal {
  const force = inForce(request.agreement, facts);
  if (!force.grant) return force;
  const { agreement } = force;
  const own = facts.home.card.id;
  if (!coversLink(agreement)) {
    return refuse('agreement-limit', `The agreement "${agreement.title}" covers no link.`);
  }
  const { a, b } = agreement.tables;
  const table = a.party === own ? 'a' : b.party === own ? 'b' : undefined;
  if (table === undefined) {
    return refuse('agreement-party', `${own} holds neither table of the agreement "${agreement.title}".`);
  }
  const [beyond] = unsupported(agreement);
  if (beyond !== undefined) {
    return refuse('agreement-invalid', `The agreement "${agreement.title}" ${beyond}; links cannot do that yet.`);
  }
  const decision = allows(renewed(agreement, force.notices), {
    action: 'link',
    by: request.by,
    date: day(facts.now),
    rowsA: request.rows.a ?? 0,
    rowsB: request.rows.b ?? 0,
    runsSoFar: facts.runsSoFar,
  });
  if (!decision.grant) return decision;
  const refusal = refusedPlan(
    { what: 'the link', parties: [a.party, b.party], receivers: agreement.link.to, uses: [] },
    agreement,
    {
      ...{ by: request.by, self: own, purpose: request.purpose, same: true },
      approvals: countApprovals(facts.approvals, {
        hash: request.agreement,
        rule: approvalRule(agreement, 'link', own),
        askedBy: [request.by === own ? request.person : null],
      }),
    },
  );
  if (refusal !== undefined) return refusal;
  return {
    grant: true,
    hash: request.agreement,
    agreement,
    parties: membersOf(agreement, [a.party, b.party]),
    index: table === 'a' ? 0 : 1,
    table,
    link: decision.link,
    learns: learners(agreement),
    peer: table === 'a' ? b.party : a.party,
    keyService: agreement.keyService.id,
    pads: decision.pads,
    maxRows: { a: a.maxRows, b: b.maxRows },
    runsLeft: decision.runsLeft,
  };
}
