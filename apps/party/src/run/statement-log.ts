import { parseCanonical } from '@symbolon/crypto';
import { keepCheckpoint } from '@symbolon/service';
import type { PartyContext } from '../context.ts';

/** The kinds of log entries that hold the statement of a run. */
export type StatementKind = 'link-done' | 'study-done';

/** Puts the statement of a finished run into the log, and notes where. */
export async function logStatement(
  context: PartyContext,
  kind: StatementKind,
  id: number,
  statement: Uint8Array,
): Promise<void> {
  const { log, runs } = context;
  await log.append({ kind, statement: parseCanonical(statement) }, (transaction, index) =>
    runs.logged(transaction, id, log.epoch, index),
  );
  await keepCheckpoint(context);
  // In the background: nothing waits for a witness.
  void context.witnesses.round();
}
