import { type ApprovalRule, approvalRule } from '@symbolon/agreement';
import { base64url, fault, sha256 } from '@symbolon/crypto';
import { type Also, keepCheckpoint, ownerOf, type Person } from '@symbolon/service';
import { type ApprovalCount, type ApprovalSubject, countApprovals } from './approvals.ts';
import { authorizePerson } from './authorize.ts';
import type { PartyContext } from './context.ts';

/** A run that is done, by its number here. */
export interface ReleasableRun {
  readonly id: number;
  /** What it was of, where its number is none of those that links and studies have. */
  readonly of?: string;
  /** Hash of the agreement. */
  readonly agreement: string;
  /** That all parties signed; null where the run did not come to its end. */
  readonly statement: Uint8Array | null;
}

/**
 * Holds that somebody may see what a run left here. Where the agreement asks for it, people look at a result before others of this
 * organisation get it: whoever has a role to approve it sees it, everybody else once enough have.
 *
 * @param reader the owner of the folder, if absent
 * @throws SymbolonError `unapproved`
 */
export async function requireReleased(
  context: PartyContext,
  run: ReleasableRun,
  reader: Person | undefined,
): Promise<void> {
  const { database, home } = context;
  const { rule, given, needed } = await countReleases(context, run);
  if (given >= needed) return;
  const { roles } = reader ?? (await ownerOf(database));
  if (roles.some((role) => rule.roles.includes(role))) return;
  const who = rule.roles.join(' or ');
  throw fault(
    'unapproved',
    `the result of run ${run.id} is shown once ${needed} of ${home.card.id} (${who}) have looked at it and approved it; ${given} have`,
    {
      culprit: home.card.id,
    },
  );
}

/** Who has approved that a run's result is shown, and how many it takes: nobody where the agreement asks for none, or there is no result. */
export async function countReleases(
  { agreements, approvals, home }: PartyContext,
  run: ReleasableRun,
): Promise<ApprovalCount & { readonly rule: ApprovalRule; readonly by: readonly string[] }> {
  const { agreement } = await agreements.get(run.agreement);
  const rule = approvalRule(agreement, 'release', home.card.id);
  if (rule.people === 0 || run.statement === null) return { rule, by: [], given: 0, needed: 0 };
  const hash = hashOf(run.statement);
  const listed = await approvals.list(subjectOf(run));
  const by = listed.filter((one) => one.hash === hash).map((one) => one.by);
  return { rule, by, ...countApprovals(listed, { hash, rule, askedBy: [] }) };
}

/** Approves that a run's result is shown to all who may read results. @param person the owner of the folder, if absent */
export async function approveRelease(
  context: PartyContext,
  run: ReleasableRun,
  person: Person | undefined,
  also?: Also,
): Promise<void> {
  if (run.statement === null) throw fault('conflict', `run ${run.id} has no result to release`);
  const approver = person ?? (await ownerOf(context.database));
  authorizePerson(approver, 'release.approve');
  await context.approvals.approve(subjectOf(run), hashOf(run.statement), approver, also);
  await keepCheckpoint(context);
}

/** Takes back what {@link approveRelease} approved, whoever did. Who has read the result has read it. */
export async function withdrawRelease(
  context: PartyContext,
  run: ReleasableRun,
  person: Person | undefined,
): Promise<void> {
  const who = person ?? (await ownerOf(context.database));
  authorizePerson(who, 'release.approve');
  await context.approvals.withdraw(subjectOf(run), who.id);
  await keepCheckpoint(context);
}

function subjectOf({ agreement, id, of }: ReleasableRun): ApprovalSubject {
  return { action: 'release', agreement, name: of === undefined ? String(id) : `${of} ${id}` };
}

function hashOf(statement: Uint8Array): string {
  return base64url(sha256(statement));
}
