import type { AlertMessage } from '@symbolon/alerts';
import { base64url, sha256 } from '@symbolon/crypto';
import type { DatabaseSchema } from '@symbolon/service';
import type { Transaction } from 'kysely';
import type { PartyContext } from '../context.ts';
import { tellHooks } from './hook-queue.ts';
import type { Judgement } from './judge.ts';
import type { LiveAgreements } from './live.ts';

/** A message that may be kept. */
export interface Arrived extends Judgement {
  readonly message: AlertMessage;
  /** As its sender signed it. */
  readonly document: Uint8Array;
}

/** Thrown inside the transaction, so that nothing stands in the log. */
class Duplicate extends Error {}

/** Puts a message into the inbox, with its entry in the log and what hooks have to be told: one transaction. */
export async function keep(
  { log, now }: PartyContext,
  { message, document, keys, escalateMinutes }: Arrived,
  { hooks, live }: { readonly hooks: readonly string[]; readonly live: LiveAgreements },
): Promise<'taken' | 'duplicate'> {
  const { id, agreement, alert, event, from, retracts } = message;
  const logged = { agreement, alert, event, by: from, message: id, hash: base64url(sha256(document)) };
  try {
    await log.append({ kind: 'alert-received', ...logged }, async (transaction, index) => {
      if (await isHere(transaction, id)) throw new Duplicate();
      await live.require(transaction, agreement);
      const at = now();
      const takenBack = await retractionOf(transaction, message);
      const escalates = escalateMinutes !== null && takenBack === null;
      await transaction
        .insertInto('alert_inbox')
        .values({
          ...{ id, sender: from, agreement, alert, class: event, document },
          keys: JSON.stringify(keys),
          event_at: message.time,
          received_at: at.toISOString(),
          escalate_at: escalates ? new Date(at.getTime() + escalateMinutes * 60_000).toISOString() : null,
          retracts: retracts ?? null,
          retracted_by: takenBack,
          log_epoch: log.epoch,
          log_index: index,
        })
        .execute();
      if (retracts !== undefined) await takeBack(transaction, message, retracts);
      if (takenBack === null) {
        await tellHooks(transaction, {
          alert: id,
          occasion: retracts === undefined ? 'received' : 'retracted',
          hooks,
          at,
        });
      }
    });
    return 'taken';
  } catch (error) {
    if (error instanceof Duplicate) return 'duplicate';
    throw error;
  }
}

async function isHere(transaction: Transaction<DatabaseSchema>, id: string): Promise<boolean> {
  const row = await transaction.selectFrom('alert_inbox').select('id').where('id', '=', id).executeTakeFirst();
  return row !== undefined;
}

/** What takes the message back and came before it, if something did. */
async function retractionOf(
  transaction: Transaction<DatabaseSchema>,
  { id, from, agreement, alert }: AlertMessage,
): Promise<string | null> {
  const row = await transaction
    .selectFrom('alert_inbox')
    .select('id')
    .where('retracts', '=', id)
    .where('sender', '=', from)
    .where('agreement', '=', agreement)
    .where('alert', '=', alert)
    .executeTakeFirst();
  return row?.id ?? null;
}

/** A sender takes back what it told itself, by the same alert. What was taken back is not raised any more. */
async function takeBack(
  transaction: Transaction<DatabaseSchema>,
  { id, from, agreement, alert }: AlertMessage,
  retracts: string,
): Promise<void> {
  await transaction
    .updateTable('alert_inbox')
    .set({ retracted_by: id, escalate_at: null })
    .where('id', '=', retracts)
    .where('sender', '=', from)
    .where('agreement', '=', agreement)
    .where('alert', '=', alert)
    .where('retracted_by', 'is', null)
    .execute();
}
