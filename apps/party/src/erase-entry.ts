import { base64url, fault } from '@symbolon/crypto';
import { eraseEvent, type Person } from '@symbolon/service';
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
 * @param reason kept in the log: it must not repeat what is erased
 * @throws SymbolonError `forbidden`, `not-found`, `conflict` where it is erased already, `legal-hold` while any hold stands: nobody can tell what it is about
 */
export async function eraseEntry(
  context: PartyContext,
  index: number,
  reason: string,
  person: Person,
): Promise<Erasure> {
  const { approvals, log, holds } = context;
  authorizePerson(person, 'log.erase');
  if (person.kind !== 'user') {
    throw fault('forbidden', 'an entry of the log is erased by two users who have logged in', { culprit: person.id });
  }
  await log.refresh();
  const { entry, event } = await log.store.entry(index);
  if (event === null) throw fault('conflict', `the event of entry ${index} is erased already`);
  const subject = { action: 'erase-event', agreement: '', name: `${log.epoch}/${index}` } as const;
  await approvals.approve(subject, base64url(entry), person);
  const asked = (await approvals.list(subject)).filter(
    ({ hash, kind }) => kind === 'user' && hash === base64url(entry),
  );
  const askedBy = [...new Set(asked.map(({ by }) => by))];
  const other = askedBy.find((id) => id !== person.id);
  if (other === undefined) return { erased: false, askedBy };
  await eraseEvent(log, index, [other, person.id], reason, (transaction) => holds.requireNone(transaction, 'any'));
  return { erased: true, askedBy };
}
