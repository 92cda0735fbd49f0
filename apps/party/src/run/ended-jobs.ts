import { fault } from '@symbolon/crypto';
import type { Database } from '@symbolon/service';
import type { JobInfo } from '../api/jobs.ts';
import type { PartyContext } from '../context.ts';
import { type End, failureOf } from './job.ts';

/** Writes how a job ended, for those who ask when this process is gone. */
export async function keepEnd(
  { database, logger }: Pick<PartyContext, 'database' | 'logger'>,
  id: number,
  end: End,
): Promise<void> {
  const change = 'run' in end ? { run: end.run } : { error: JSON.stringify(failureOf(end.error)) };
  try {
    await database.updateTable('job').set(change).where('id', '=', id).execute();
  } catch (error) {
    logger.warn({ job: id, err: error }, 'how a job ended could not be written');
  }
}

/** How a job ended that this process does not know of. Throws `not-found`. */
export async function endedJob(database: Database, id: number): Promise<JobInfo> {
  const row = await database.selectFrom('job').selectAll().where('id', '=', id).executeTakeFirst();
  if (row === undefined) throw fault('not-found', `this server was asked for no run ${id}`);
  const { agreement, study, initiator, run, error } = row;
  const sealed = row.sealed as JobInfo['sealed'];
  const common = { id, agreement, study, sealed, initiator, progress: null };
  if (run !== null) return { ...common, state: 'done', run, error: null };
  const failure = error === null ? failureOf(cutOff) : (JSON.parse(error) as JobInfo['error']);
  return { ...common, state: 'failed', run: null, error: failure };
}

const cutOff = fault('peer-gone', 'the server stopped before the run ended', {
  hint: 'The list of runs says what came of it. Ask for a new one, with a new idempotency key.',
});
