import {
  type AgreementState,
  claimedAgreement,
  hasLapsed,
  lastOf,
  type Notice,
  noticeReason,
  requireCards,
  requireNext,
  signNotice,
  standingOf,
  verifyNotice,
} from '@symbolon/agreement';
import {
  documentBytes,
  equalBytes,
  fault,
  parseCanonical,
  parseDocument,
  type SignedDocument,
  SymbolonError,
} from '@symbolon/crypto';
import { type Also, checked, keepCheckpoint, type WithinAppend } from '@symbolon/service';
import type { PartyContext } from '../context.ts';
import { moment } from '../run/messages.ts';
import { deliver, queue } from './deliveries.ts';
import { lifecycleOf } from './state.ts';
import type { StoredAgreement } from './store.ts';

type Action = Notice['action'];

/** How the log calls what a notice does. */
const eventKinds = {
  suspend: 'agreement-suspended',
  resume: 'agreement-resumed',
  revoke: 'agreement-revoked',
  decline: 'agreement-declined',
  lapse: 'agreement-lapses',
} as const satisfies Record<Action, string>;

/** States in which what this organisation has signed can be stopped. */
const stoppable: ReadonlySet<AgreementState> = new Set(['proposed', 'countered', 'signed', 'active', 'suspended']);

/** Why, and who of this organisation says so. */
export interface Saying {
  readonly reason: string;
  readonly person: string;
}

/**
 * Says something about an agreement on behalf of this organisation: a signed notice, kept in one transaction with its entry in the log, from when on it
 * holds here. Work under the agreement stops, and all other parties are told until they have heard. What would replace the agreement and is
 * signed here too stops, or goes on, with it. Saying again what holds already changes nothing.
 *
 * @throws SymbolonError `conflict` where it cannot be said now
 */
export async function say(
  context: PartyContext,
  name: string,
  action: Action,
  saying: Saying,
  also?: Also,
): Promise<void> {
  const { agreements } = context;
  checked(noticeReason, saying.reason, 'reason');
  const stored = await agreements.get(name);
  // What is open goes first: once the agreement itself is stopped, nothing can come into its place.
  if (action !== 'decline' && action !== 'lapse') {
    for (const version of await agreements.successors(stored.hash)) {
      const due = await owed(context, version, action).catch(() => false);
      if (due && version.missing.length > 0) await give(context, version, action, saying);
    }
  }
  if (await owed(context, stored, action)) await give(context, stored, action, { ...saying, also });
  for (const { hash } of [stored, ...(await agreements.successors(stored.hash))]) {
    if (!(await context.changes.tell(hash))) await deliver(context);
  }
}

/** Whether a notice has to be given for it; false where it holds already. */
async function owed(
  { home, agreements, now }: PartyContext,
  stored: StoredAgreement,
  action: Action,
): Promise<boolean> {
  const own = home.card.id;
  const { title } = stored.agreement;
  const last = standingOf(stored.notices, own)?.action;
  if (last === action || (action === 'lapse' && hasLapsed(stored.notices, own))) return false;
  const { state, version } = await lifecycleOf(agreements, stored, now());
  const refuse = (why: string, hint?: string): never => {
    throw fault('conflict', `"${title}" ${why}`, { hint });
  };
  if (action === 'resume') {
    if (last === 'suspend' && stoppable.has(state)) return true;
    if (state === 'suspended')
      return refuse(`is suspended, but not by ${own}`, 'Only who has suspended it can resume it.');
    return last === undefined && state !== 'revoked' ? false : refuse(`is ${state}, not suspended`);
  }
  const signed = stored.signedBy.includes(own);
  if (action === 'decline') {
    if (signed) refuse('is signed here', 'What is signed can be revoked: symbolon agreement revoke');
    if (state === 'draft') refuse('is a draft', 'Delete it: symbolon agreement discard');
    if (state !== 'proposed' && state !== 'countered') refuse(`is ${state} already`);
    return true;
  }
  if (!signed)
    refuse(
      `is not signed here, so there is nothing to ${action}`,
      'A proposal can be declined: symbolon agreement decline',
    );
  if (state === 'amended')
    refuse(
      `has been replaced by ${version}`,
      `To ${action} the newest version: symbolon agreement ${action} ${version!.slice(0, 8)}`,
    );
  if (!stoppable.has(state)) refuse(`is ${state} already`);
  if (action === 'lapse' && stored.agreement.renewal === undefined) {
    refuse(`is not renewed: it ends on ${stored.agreement.term.until}`);
  }
  return true;
}

// Of another process, or another request, that says something of the same agreement at the same time.
const mostTries = 5;

async function give(
  context: PartyContext,
  stored: StoredAgreement,
  action: Action,
  saying: Saying & { readonly also?: Also | undefined },
): Promise<void> {
  const { home, log, agreements, now } = context;
  const own = home.card.id;
  let current = stored;
  for (let tries = 1; ; tries++) {
    const last = lastOf(current.notices, own);
    const at = [moment(now), last?.at ?? ''].toSorted().at(-1)!;
    const document = signNotice(
      { agreement: stored.hash, by: own, action, reason: saying.reason, sequence: (last?.sequence ?? 0) + 1, at },
      home.signingKey,
    );
    try {
      await append(context, current, document, saying.person, saying.also);
      await keepCheckpoint(context);
      return;
    } catch (error) {
      if (!(error instanceof SymbolonError && error.code === 'notice-order') || tries === mostTries) throw error;
      await log.refresh();
      current = await agreements.get(stored.hash);
      if (!(await owed(context, current, action))) return;
    }
  }
}

/**
 * Takes what another party has said, whoever brings it: its author's signature counts. Taken before, it is only confirmed.
 *
 * @throws SymbolonError `not-found` for an agreement that is not here, `notice-order`, `document-signer`, `agreement-party`, …
 */
export async function take(context: PartyContext, file: Uint8Array, by: string): Promise<Notice> {
  const { home, agreements, changes } = context;
  const document = parseDocument(file);
  const stored = await agreements.find(claimedAgreement(document));
  if (stored === undefined) throw fault('not-found', 'there is no agreement here that this notice is about');
  const { agreement } = stored;
  if (by !== home.card.id && !agreement.parties.some(({ id }) => id === by)) {
    throw fault('agreement-party', `${by} is no party to the agreement "${agreement.title}"`, { culprit: by });
  }
  requireCards(agreement, [home.card, ...home.partners.list()]);
  const notice = verifyNotice(document, stored);
  const known = stored.notices.find(({ by: author, sequence }) => author === notice.by && sequence === notice.sequence);
  if (known === undefined || !equalBytes(documentBytes(document), await kept(context, notice))) {
    if (notice.by === home.card.id) {
      throw fault('notice-order', 'this organisation gives its notices itself', { culprit: by });
    }
    await append(context, stored, document, null);
    await keepCheckpoint(context);
  }
  await changes.tell(stored.hash);
  return notice;
}

/** The notice into the log and the store, in one transaction that holds it against what is there. */
async function append(
  context: PartyContext,
  { hash, agreement }: StoredAgreement,
  document: SignedDocument,
  person: string | null,
  also?: Also,
): Promise<void> {
  const { home, log, agreements, now } = context;
  const own = home.card.id;
  const notice = verifyNotice(document, { agreement, hash });
  const { by, action, sequence } = notice;
  const within: WithinAppend = async (transaction, index) => {
    const here = agreements.within(transaction);
    const { notices, signedBy } = await here.get(hash);
    requireNext(notice, { before: notices, signed: signedBy.includes(by), now: now() });
    await here.keepNotice(notice, document, { epoch: log.epoch, index }, person);
    const others = agreement.parties.map(({ id }) => id).filter((id) => id !== own);
    if (by === own) await queue(transaction, { agreement: hash, sequence, partners: others, now: now() });
    await also?.(transaction);
  };
  const whose = person === null ? { by } : { by, person };
  const event = {
    kind: eventKinds[action],
    agreement: hash,
    ...whose,
    notice: parseCanonical(documentBytes(document)),
  };
  await log.append(event, within);
}

async function kept({ database }: PartyContext, { agreement, by, sequence }: Notice): Promise<Uint8Array> {
  const { document } = await database
    .selectFrom('agreement_notice')
    .select('document')
    .where('agreement', '=', agreement)
    .where('party', '=', by)
    .where('sequence', '=', sequence)
    .executeTakeFirstOrThrow();
  return document;
}
