import { fault, SymbolonError } from '@symbolon/crypto';
import type { ApiClient } from '@symbolon/service';
import { cancelJob, followJob, getJob, type JobInfo } from '../api/jobs.ts';
import type { Progress } from './progress.ts';

/** What a command wants to hear of a run, and how it may end it. */
export interface Following {
  readonly onProgress?: ((event: Progress) => void) | undefined;
  /** Cancels the run at all its parties. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Follows a run on a server to its end. Throws what ended it.
 * @param begin asks the server for the run
 * @returns the number of the run
 */
export async function followRun(
  client: ApiClient,
  begin: () => Promise<{ readonly job: number }>,
  { onProgress = () => undefined, signal }: Following,
): Promise<number> {
  signal?.throwIfAborted();
  const params = await begin();
  const cancel = (): void => void client.call(cancelJob, { params }).catch(() => undefined);
  if (signal?.aborted === true) cancel();
  signal?.addEventListener('abort', cancel, { once: true });
  let ended: JobInfo;
  try {
    for await (const progress of client.follow(followJob, { params })) onProgress(progress);
    ended = await client.call(getJob, { params });
  } catch (error) {
    // It was there to begin the run.
    if (error instanceof SymbolonError && error.code === 'conflict') throw stopped(error);
    throw error;
  } finally {
    signal?.removeEventListener('abort', cancel);
  }
  const { state, run, error } = ended;
  if (state === 'done' && run !== null) return run;
  if (error === null) throw stopped();
  const { code, message, culprit, hint } = error;
  throw new SymbolonError(code, message, { culprit, hint });
}

function stopped(cause?: SymbolonError): SymbolonError {
  return fault('peer-gone', 'the server stopped before the run ended', { culprit: cause?.culprit, cause });
}
