import { fault } from '@symbolon/crypto';
import type { ServerLog, WithinAppend } from './log.ts';

/**
 * Erases event and salt of an entry, for good: its salted hash stays, so the tree and every checkpoint of it do too, and nobody can tell
 * from the hash what the event was. That it was done, and by whom, is an entry of its own, in the same transaction. Throws `conflict`
 * unless two different people ask for it or where the event is erased already, `not-found` where there is no such entry.
 *
 * Copies elsewhere (backups, exports, what partners were shown) are not erased.
 * @param index entry of the newest epoch
 * @param by ids of those who ask; that they are who they say, and may, is for the caller to hold
 * @param reason kept in the log: it must not repeat what is erased
 * @param allowed throws, in that transaction, where something forbids it
 */
export async function eraseEvent(
  log: ServerLog,
  index: number,
  by: readonly [string, string],
  reason: string,
  allowed: WithinAppend = async () => undefined,
): Promise<void> {
  if (new Set(by).size !== 2) {
    throw fault('conflict', 'an event of the log is erased by two different people', { culprit: by[0] });
  }
  const { event } = await log.store.entry(index);
  if (event === null) throw fault('conflict', `the event of entry ${index} is erased already`);
  const { epoch } = log;
  await log.append({ kind: 'event-erased', entry: index, by: [...by].sort(), reason }, async (transaction, at) => {
    await allowed(transaction, at);
    const { numUpdatedRows } = await transaction
      .updateTable('log_entry')
      .set({ event: null, salt: null })
      .where('epoch', '=', epoch)
      .where('index', '=', index)
      .where('event', 'is not', null)
      .executeTakeFirst();
    if (numUpdatedRows !== 1n) throw fault('conflict', `the event of entry ${index} is erased already`);
  });
}
