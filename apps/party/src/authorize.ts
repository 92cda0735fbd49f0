import { type Agreement, allows, type LinkTerms, linkTerms, requireCards } from '@symbolon/agreement';
import { type ErrorCode, fault, SymbolonError } from '@symbolon/crypto';
import type { Home } from '@symbolon/service';
import type { StoredAgreement } from './agreements/store.ts';

/**
 * The one place where an agreement and a request meet. Whatever a peer, the key service or a user asks for, this party does
 * only what its own copy of the agreement grants; anything that is not granted here is refused.
 */

/** What someone asks this party to do. Row counts that are not known yet are left out; ask again when they are. */
export interface LinkRequest {
  /** Hash of the agreement. */
  readonly agreement: string;
  /** The organisation that asks: this one, or the partner whose certificate the connection showed. */
  readonly by: string;
  readonly rows: { readonly a?: number; readonly b?: number };
}

/** What this party's server knows at this moment. */
export interface LinkFacts {
  readonly home: Pick<Home, 'card' | 'partners'>;
  /** The agreement as it is kept here, if it is. */
  readonly stored: StoredAgreement | undefined;
  /** Agreements kept here that replace it. */
  readonly successors: readonly StoredAgreement[];
  /** Attempts under it that may have opened their result. */
  readonly runsSoFar: number;
  readonly now: Date;
}

/** The checked parameters of a link: nothing else may be used to run it. */
export interface LinkGrant {
  readonly grant: true;
  readonly hash: string;
  readonly agreement: Agreement;
  /** This party's place: the owner of table a is p0. */
  readonly index: 0 | 1;
  readonly table: 'a' | 'b';
  /** What is compared, which pairs count, and what is revealed. */
  readonly link: LinkTerms;
  /** Places of the parties that learn the result, ascending. */
  readonly learns: readonly (0 | 1)[];
  /** Id of the other holder of a table. */
  readonly peer: string;
  readonly keyService: string;
  readonly pads: Agreement['pads'];
  /** Rows that each table may have. */
  readonly maxRows: { readonly a: number; readonly b: number };
  readonly runsLeft: number;
}

/** Why not, in words that a privacy officer can act on. */
export interface LinkRefusal {
  readonly grant: false;
  readonly code: ErrorCode;
  readonly reason: string;
  readonly culprit?: string | undefined;
}

/** What an agreement may say and no protocol does yet. A line goes when a link can do it. */
const notYet: readonly (readonly [says: string, where: (link: LinkTerms) => boolean])[] = [
  [
    'picks the best match of rows of both tables',
    ({ cardinality, prefer }) => cardinality === 'one-to-one' && prefer === 'best',
  ],
];

/** What of an agreement links cannot do yet, in words that follow its name. */
export function unsupported(agreement: Agreement): string[] {
  const link = linkTerms(agreement);
  return notYet.filter(([, where]) => where(link)).map(([says]) => says);
}

/** Places of the parties that learn the result, ascending. */
export function learners({ tables: { a, b }, link }: Agreement): (0 | 1)[] {
  return ([0, 1] as const).filter((place) => link.to.includes([a, b][place]!.party));
}

/** Whether a link may be run. Every rule is looked at each time, signatures included. */
export function authorizeLink(request: LinkRequest, facts: LinkFacts): LinkGrant | LinkRefusal {
  const { home, stored, successors, runsSoFar, now } = facts;
  const own = home.card.id;
  if (stored === undefined) {
    return refuse('not-found', `There is no agreement ${request.agreement} at ${own}.`);
  }
  const { agreement, hash, missing } = stored;
  if (hash !== request.agreement) return refuse('agreement-altered', 'The agreement kept here has another content.');
  if (missing.length > 0) {
    return refuse(
      'agreement-unsigned',
      `The agreement "${agreement.title}" is not signed by ${missing.join(', ')}.`,
      missing[0],
    );
  }
  const strangers = refusalOf(() => requireCards(agreement, [home.card, ...home.partners.list()]));
  if (strangers !== undefined) return strangers;
  const successor = successors.find((next) => next.missing.length === 0);
  if (successor !== undefined) {
    return refuse(
      'agreement-superseded',
      `"${agreement.title}" has been replaced by ${successor.hash}; use the newest version.`,
    );
  }
  if (stored.exhausted) {
    return refuse(
      'agreement-limit',
      `The store of ${own} was recovered, so nobody knows how many runs "${agreement.title}" has had: none is left. Agree on a successor.`,
    );
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
    date: now.toISOString().slice(0, 10),
    rowsA: request.rows.a ?? 0,
    rowsB: request.rows.b ?? 0,
    runsSoFar,
  });
  if (!decision.grant) return decision;
  return {
    grant: true,
    hash,
    agreement,
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

/** What a partner, or nobody, may hand in: an agreement that names this organisation and whose members are who their cards say. */
export function authorizeAgreement(
  received: Pick<StoredAgreement, 'agreement' | 'signedBy'>,
  home: Pick<Home, 'card' | 'partners'>,
  by: string,
): { readonly grant: true } | LinkRefusal {
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
export function granted<Grant extends { readonly grant: true }>(decision: Grant | LinkRefusal): Grant {
  if (decision.grant) return decision;
  throw fault(decision.code, decision.reason, { culprit: decision.culprit });
}

function refuse(code: ErrorCode, reason: string, culprit?: string): LinkRefusal {
  return { grant: false, code, reason, culprit };
}

function refusalOf(check: () => void): LinkRefusal | undefined {
  try {
    check();
    return undefined;
  } catch (error) {
    if (!(error instanceof SymbolonError)) throw error;
    return refuse(error.code, `${error.message}.`, error.culprit);
  }
}
