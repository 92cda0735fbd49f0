import { base64url, fault } from '@symbolon/crypto';
import { type Also, eraseEvent, type Person } from '@symbolon/service';
import type { Approval, ApprovalSubject } from './approvals.ts';
import { authorizePerson } from './authorize.ts';
import type { PartyContext } from './context.ts';

/** What became of a wish to erase what an entry of the log says. */
export interface Erasure {
  /** False: another person has to ask for it, too. */
  readonly erased: boolean;
  readonly askedBy: readonly string[];
}

/**
 * Erases event and salt of an entry of the own log, for good, once two different users have asked for it; the entry's hash and all proofs stay.
 *
 * @param wanted.reason kept in the log: it must not repeat what is erased
 * @throws SymbolonError `forbidden`, `not-found`, `conflict` where it is erased already, `legal-hold` while any hold stands: nobody can tell what it is about
 */
export async function eraseEntry(
  context: PartyContext,
  { index, reason }: { readonly index: number; readonly reason: string },
  person: Person,
  also?: Also<Erasure>,
): Promise<Erasure> {
  const { approvals, log, holds } = context;
  if (person.kind !== 'user') {
    throw fault(
      'forbidden',
      'two people erase what an entry of the log says, and whoever opens the folder is not known to be one of them',
      {
        culprit: person.id,
        hint: 'Make two users who may (`symbolon user add --role privacy-officer`); each logs in (`symbolon login`) and asks for it.',
      },
    );
  }
  authorizePerson(person, 'log.erase');
  await log.refresh();
  const { entry, event } = await log.store.entry(index);
  if (event === null) throw fault('conflict', `the event of entry ${index} is erased already`);
  const subject = subjectOf(log.epoch, index);
  const hash = base64url(entry);
  let askedBy: string[] = [];
  const otherOf = (): string | undefined => askedBy.find((id) => id !== person.id);
  await approvals.approve(subject, hash, person, async (transaction) => {
    askedBy = askersOf(await approvals.list(subject, transaction), hash);
    if (otherOf() === undefined) await also?.(transaction, { erased: false, askedBy });
  });
  const other = otherOf();
  if (other === undefined) return { erased: false, askedBy };
  await eraseEvent(log, index, [other, person.id], reason, async (transaction) => {
    await holds.requireNone(transaction, 'any');
    await also?.(transaction, { erased: true, askedBy });
  });
  return { erased: true, askedBy };
}

/** Entries of the log that one person has asked to erase, and that a second has not. */
export async function pendingErasures({
  approvals,
  log,
}: Pick<PartyContext, 'approvals' | 'log'>): Promise<{ index: number; by: string[] }[]> {
  await log.refresh();
  const pending: { index: number; by: string[] }[] = [];
  for (const name of await approvals.names('erase-event', '')) {
    const [epoch, index] = name.split('/').map(Number) as [number, number];
    if (epoch !== log.epoch) continue;
    const { entry, event } = await log.store.entry(index);
    const by = askersOf(await approvals.list(subjectOf(epoch, index)), base64url(entry));
    if (event !== null && by.length > 0) pending.push({ index, by });
  }
  return pending.sort((a, b) => a.index - b.index);
}

function subjectOf(epoch: number, index: number): ApprovalSubject {
  return { action: 'erase-event', agreement: '', name: `${epoch}/${index}` };
}

function askersOf(approvals: readonly Approval[], hash: string): string[] {
  return approvals.filter((one) => one.kind === 'user' && one.hash === hash).map(({ by }) => by);
}
