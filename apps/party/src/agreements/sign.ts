import {
  type ApprovedAction,
  approvalRule,
  cosignAgreement,
  maySign,
  requireCards,
  signAgreement,
} from '@symbolon/agreement';
import { fault } from '@symbolon/crypto';
import {
  type Also,
  type DatabaseSchema,
  keepCheckpoint,
  ownerOf,
  type Person,
  type WithinAppend,
} from '@symbolon/service';
import type { Transaction } from 'kysely';
import { type Approval, countApprovals } from '../approvals.ts';
import { authorizePerson } from '../authorize.ts';
import type { PartyContext } from '../context.ts';
import { signingFacts } from './state.ts';
import type { StoredAgreement } from './store.ts';

/** What of an agreement itself people approve: that it is signed, that its link is run, that its alerts are told. */
export const approvable = ['sign', 'link', 'alerts'] as const satisfies readonly ApprovedAction[];
/** One of {@link approvable}. */
export type AgreementApproval = (typeof approvable)[number];

/**
 * Signs an agreement for this organisation: what is signed binds. Where the agreement asks for two people here, who signs is one of them, and another
 * has approved it. Runs at: each party.
 *
 * @returns whether it is signed now and was not before
 * @throws SymbolonError `unapproved`, `agreement-superseded` where another version was signed in the same place, `agreement-revoked`, …
 */
export async function sign(
  context: PartyContext,
  stored: StoredAgreement,
  person: Person | undefined,
  also?: Also,
): Promise<boolean> {
  const { home, agreements, log, now } = context;
  const { agreement, hash } = stored;
  const own = home.card.id;
  requireCards(agreement, [home.card, ...home.partners.list()]);
  if (stored.exhausted) {
    throw fault(
      'agreement-limit',
      `"${agreement.title}" was known here before this store was recovered: draft it anew`,
    );
  }
  if (stored.signedBy.includes(own)) return false;
  const signer = person ?? (await ownerOf(context.database));
  authorizePerson(signer, 'agreement.sign');
  const event = { kind: 'agreement-signed', agreement: hash, title: agreement.title, person: signer.id };
  let repeated = false;
  const within: WithinAppend = async (transaction, index) => {
    const here = agreements.within(transaction);
    const current = await here.get(hash);
    repeated = current.signedBy.includes(own);
    // Of two who sign at the same time, one finds it signed.
    if (repeated) throw fault('conflict', `"${agreement.title}" is signed here already`);
    await requireSigners(context, stored, signer, transaction);
    const permission = maySign(agreement, await signingFacts(here, current, own, now()));
    if (!permission.grant) throw fault(permission.code, permission.reason);
    const { document } = current;
    const signed =
      document.signatures.length === 0
        ? signAgreement(agreement, home.signingKey)
        : cosignAgreement(document, home.signingKey);
    await here.keep(signed, { logged: { epoch: log.epoch, index } });
    await also?.(transaction);
  };
  try {
    await log.append(event, within);
  } catch (error) {
    if (!repeated) throw error;
  }
  return true;
}

/** Approves that an agreement is signed here, or that its link is run. @param person the owner of the folder, if absent */
export async function approve(
  context: PartyContext,
  { hash }: StoredAgreement,
  action: AgreementApproval,
  person: Person | undefined,
  also?: Also,
): Promise<void> {
  const approver = person ?? (await ownerOf(context.database));
  authorizePerson(approver, 'agreement.approve');
  await context.approvals.approve({ action, agreement: hash, name: '' }, hash, approver, also);
  await keepCheckpoint(context);
}

/** Takes back what {@link approve} approved, whoever did: whoever may approve may also stop it. */
export async function withdrawApproval(
  context: PartyContext,
  { hash }: StoredAgreement,
  action: AgreementApproval,
  person: Person | undefined,
): Promise<void> {
  const { id } = person ?? (await ownerOf(context.database));
  await context.approvals.withdraw({ action, agreement: hash, name: '' }, id);
  await keepCheckpoint(context);
}

/** Who signs counts as one who approves. */
async function requireSigners(
  { approvals, home, now }: PartyContext,
  { agreement, hash }: StoredAgreement,
  signer: Person,
  transaction: Transaction<DatabaseSchema>,
): Promise<void> {
  const rule = approvalRule(agreement, 'sign', home.card.id);
  const subject = { action: 'sign', agreement: hash, name: '' } as const;
  const { kind, id: by, roles } = signer;
  const own: Approval = { ...subject, hash, by, kind, roles, approvedAt: now().toISOString() };
  const { given, needed } = countApprovals([...(await approvals.list(subject, transaction)), own], {
    hash,
    rule,
    askedBy: [],
  });
  if (given >= needed) return;
  throw fault(
    'unapproved',
    `"${agreement.title}" asks for ${needed} ${needed === 1 ? 'person' : 'people'} of ${home.card.id} who agree that it is signed (${rule.roles.join(' or ')}); with ${by} there ${given === 1 ? 'is' : 'are'} ${given}`,
    { culprit: by },
  );
}
