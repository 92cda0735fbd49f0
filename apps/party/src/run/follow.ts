import { fault, SymbolonError } from '@symbolon/crypto';
import type { ApiClient } from '@symbolon/service';
import { cancelJob, followJob, getJob } from '../api/jobs.ts';
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
  try {
    for await (const progress of client.follow(followJob, { params })) onProgress(progress);
  } finally {
    signal?.removeEventListener('abort', cancel);
  }
  const { state, run, error } = await client.call(getJob, { params });
  if (state === 'done' && run !== null) return run;
  if (error === null) throw fault('peer-gone', 'the server stopped before the run ended');
  const { code, message, culprit, hint } = error;
  throw new SymbolonError(code, message, { culprit, hint });
}
