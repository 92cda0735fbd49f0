import {
  type Agreement,
  allows,
  allowsStudy,
  coversLink,
  coversStudies,
  type FixedStudy,
  type LinkAgreement,
  type LinkTerms,
  linkTerms,
  type Member,
  requireCards,
  type StudyAgreement,
  stopped,
} from '@symbolon/agreement';
import { type ErrorCode, fault, SymbolonError } from '@symbolon/crypto';
import type { Home } from '@symbolon/service';
import type { StoredAgreement } from './agreements/store.ts';

/**
 * The one place where an agreement and a request meet. Whatever a peer, the key service or a user asks for, this party does
 * only what its own copy of the agreement grants; anything that is not granted here is refused.
 */

/** What this party's server knows of an agreement at this moment. */
interface AgreementFacts {
  readonly home: Pick<Home, 'card' | 'partners'>;
  /** The agreement as it is kept here, if it is. */
  readonly stored: StoredAgreement | undefined;
  /** Versions kept here that stand in its place, or want to. */
  readonly successors: readonly StoredAgreement[];
  /** Attempts at what is asked that may have opened their result. */
  readonly runsSoFar: number;
  readonly now: Date;
}

/** What both kinds of grant say of the sessions that may be run. */
export interface SessionGrant {
  /** Of the agreement. */
  readonly hash: string;
  /** p0 … pN−1. */
  readonly parties: readonly Member[];
  /** This party's place among them. */
  readonly index: number;
  readonly keyService: string;
  readonly pads: Agreement['pads'];
}

/** Why not, in words that a privacy officer can act on. */
export interface PartyRefusal {
  readonly grant: false;
  readonly code: ErrorCode;
  readonly reason: string;
  readonly culprit?: string | undefined;
}

/** What someone asks this party to do: a link. Row counts that are not known yet are left out; ask again when they are. */
export interface LinkRequest {
  /** Hash of the agreement. */
  readonly agreement: string;
  /** The organisation that asks: this one, or the partner whose certificate the connection showed. */
  readonly by: string;
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

/** What someone asks this party to do: a study. */
export interface StudyRequest {
  /** Hash of the agreement. */
  readonly agreement: string;
  /** Its name in the agreement. */
  readonly study: string;
  /** What the asker's own copy of the study comes to, by hash; absent where it is this party that asks. */
  readonly studyHash?: string | undefined;
  readonly by: string;
  /** By table and holder, as far as they are known. */
  readonly rows: Readonly<Record<string, Readonly<Record<string, number>>>>;
}

/** What this party's own copy of the agreement makes of a study. */
export interface OwnStudy {
  readonly studyHash: string;
  /** Ids of those who take part, in order: the holders of the hub, of the other tables, then who only receives. */
  readonly parties: readonly string[];
}

export interface StudyFacts extends AgreementFacts {
  /** Absent where the agreement does not list the study. */
  readonly own: OwnStudy | undefined;
  /** Hash of the study that somebody at this party has approved under this agreement and name. */
  readonly approved: string | undefined;
}

/** The checked parameters of a study: nothing else may be used to run it. */
export interface StudyGrant extends SessionGrant {
  readonly grant: true;
  readonly agreement: StudyAgreement;
  readonly study: FixedStudy;
  readonly studyHash: string;
  /** Places of the parties that learn the result, ascending. */
  readonly learns: readonly number[];
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
  const decision = allows(agreement, {
    action: 'link',
    by: request.by,
    date: day(facts.now),
    rowsA: request.rows.a ?? 0,
    rowsB: request.rows.b ?? 0,
    runsSoFar: facts.runsSoFar,
  });
  if (!decision.grant) return decision;
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

/**
 * Whether a study may be run: listed, the same at whoever asks, approved by somebody here in just this form, within its runs, its term and
 * the agreed sizes.
 */
export function authorizeStudy(request: StudyRequest, facts: StudyFacts): StudyGrant | PartyRefusal {
  const force = inForce(request.agreement, facts);
  if (!force.grant) return force;
  const { agreement } = force;
  const { home, own, approved } = facts;
  const id = home.card.id;
  if (!coversStudies(agreement)) {
    return refuse('agreement-limit', `The agreement "${agreement.title}" covers no studies.`);
  }
  const { by, study: name, rows } = request;
  const asked = { study: name, by, date: day(facts.now), rows: copied(rows), runsSoFar: facts.runsSoFar };
  const decision = allowsStudy(agreement, { action: 'study', ...asked });
  if (!decision.grant) return decision;
  if (own === undefined) return refuse('agreement-limit', `${id} cannot make anything of the study '${name}'.`);
  const index = own.parties.indexOf(id);
  for (const party of [id, by]) {
    if (own.parties.includes(party)) continue;
    const reason = `${party} neither holds data of the study '${name}' nor receives its result.`;
    return refuse('agreement-party', reason, party);
  }
  if (request.studyHash !== undefined && request.studyHash !== own.studyHash) {
    const differ = `what ${by} makes of the study '${name}' is not what ${id} makes of it`;
    return refuse('peer-disagrees', `By their hashes, ${differ}: their versions of Symbolon may differ.`, by);
  }
  if (approved === undefined) {
    return refuse('study-unapproved', `Nobody at ${id} has approved the study '${name}'.`, id);
  }
  if (approved !== own.studyHash) {
    return refuse('study-unapproved', `What was approved at ${id} is another form of the study '${name}'.`, id);
  }
  return {
    grant: true,
    hash: request.agreement,
    agreement,
    study: decision.study,
    studyHash: own.studyHash,
    parties: membersOf(agreement, own.parties),
    index,
    learns: [...own.parties.keys()].filter((place) => decision.study.to.includes(own.parties[place]!)),
    keyService: agreement.keyService.id,
    pads: agreement.pads,
    runsLeft: decision.runsLeft,
  };
}

/** Whether an agreement binds here and now, as all its parties signed it. */
function inForce(
  hash: string,
  { home, stored, successors }: AgreementFacts,
): { readonly grant: true; readonly agreement: Agreement } | PartyRefusal {
  const own = home.card.id;
  if (stored === undefined) return refuse('not-found', `There is no agreement ${hash} at ${own}.`);
  const { agreement, missing } = stored;
  if (stored.hash !== hash) return refuse('agreement-altered', 'The agreement kept here has another content.');
  if (missing.length > 0) {
    return refuse(
      'agreement-unsigned',
      `The agreement "${agreement.title}" is not signed by ${missing.join(', ')}.`,
      missing[0],
    );
  }
  const strangers = refusalOf(() => requireCards(agreement, [home.card, ...home.partners.list()]));
  if (strangers !== undefined) return strangers;
  const stop = stopped({ verified: stored, notices: stored.notices, successors });
  if (stop !== undefined) return refuse(stop.code, stop.reason, stop.culprit);
  if (stored.exhausted) {
    return refuse(
      'agreement-limit',
      `The store of ${own} was recovered, so nobody knows how many runs "${agreement.title}" has had: none is left. Agree on a successor.`,
    );
  }
  return { grant: true, agreement };
}

/** What a partner, or nobody, may hand in: an agreement that names this organisation and whose members are who their cards say. */
export function authorizeAgreement(
  received: Pick<StoredAgreement, 'agreement' | 'signedBy'>,
  home: Pick<Home, 'card' | 'partners'>,
  by: string,
): { readonly grant: true } | PartyRefusal {
  const { agreement, signedBy } = received;
  if (!agreement.parties.some(({ id }) => id === home.card.id)) {
    return refuse('agreement-party', `The agreement "${agreement.title}" does not name ${home.card.id}.`);
  }
  if (by !== home.card.id && !agreement.parties.some(({ id }) => id === by)) {
    return refuse('agreement-party', `The agreement "${agreement.title}" does not name ${by}, who sent it.`, by);
  }
  if (signedBy.length === 0) {
    return refuse('agreement-unsigned', `Nobody has signed the agreement "${agreement.title}".`, by);
  }
  return refusalOf(() => requireCards(agreement, [home.card, ...home.partners.list()])) ?? { grant: true };
}

/** The grant, or the refusal as an error. */
export function granted<Grant extends { readonly grant: true }>(decision: Grant | PartyRefusal): Grant {
  if (decision.grant) return decision;
  throw fault(decision.code, decision.reason, { culprit: decision.culprit });
}

function membersOf({ parties }: Agreement, ids: readonly string[]): Member[] {
  return ids.map((id) => parties.find((party) => party.id === id)!);
}

function day(now: Date): string {
  return now.toISOString().slice(0, 10);
}

function copied(rows: StudyRequest['rows']): Record<string, Record<string, number>> {
  return Object.fromEntries(Object.entries(rows).map(([table, holders]) => [table, { ...holders }]));
}

function refuse(code: ErrorCode, reason: string, culprit?: string): PartyRefusal {
  return { grant: false, code, reason, culprit };
}

function refusalOf(check: () => void): PartyRefusal | undefined {
  try {
    check();
    return undefined;
  } catch (error) {
    if (!(error instanceof SymbolonError)) throw error;
    return refuse(error.code, `${error.message}.`, error.culprit);
  }
}
