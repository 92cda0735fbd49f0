import type { Database, ServerLog } from '@symbolon/service';

/**
 * Keeps the newest signed checkpoint of the own log, to hold the log against later: whoever rewrites entries in the database cannot sign
 * a checkpoint for them without the log key.
 */
export async function keepCheckpoint({ database, log }: { database: Database; log: ServerLog }): Promise<void> {
  const { origin, size } = log;
  const note = log.checkpoint();
  await database
    .insertInto('checkpoint')
    .values({ origin, size, note })
    .onConflict((conflict) => conflict.column('origin').doUpdateSet({ size, note }).where('checkpoint.size', '<', size))
    .execute();
}

/** The checkpoint that {@link keepCheckpoint} kept last. */
export async function keptCheckpoint({
  database,
  log,
}: {
  database: Database;
  log: ServerLog;
}): Promise<string | undefined> {
  const row = await database
    .selectFrom('checkpoint')
    .select('note')
    .where('origin', '=', log.origin)
    .executeTakeFirst();
  return row?.note;
}
