import { type Client, localClient, openHome } from '@symbolon/service';
import { z } from 'zod';
import { type Progress, phases } from './progress.ts';

const progressSchema = z.object({
  phase: z.enum(phases),
  text: z.string(),
  done: z.int(),
  of: z.int(),
  secondsLeft: z.number().nullable(),
});
const eventsSchema = z.object({ events: z.array(progressSchema), next: z.int(), ended: z.boolean() });

/** What a command wants to hear of a run, and how it may end it. */
export interface Following {
  readonly onProgress?: ((event: Progress) => void) | undefined;
  /** Cancels the run at all its parties. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Asks the organisation's own running server for a run, and follows it to the end. Throws what ended the run, or `conflict` if no server runs
 * or it is busy.
 * @param path where such runs are asked for
 * @param answer the shape of its result
 */
export async function requestRun<Answer extends z.ZodType>(
  homePath: string,
  path: string,
  body: object,
  answer: Answer,
  { onProgress = () => undefined, signal }: Following,
): Promise<z.output<Answer>> {
  const client = localClient(openHome(homePath));
  try {
    signal?.throwIfAborted();
    const { job } = await client.call('POST', path, { body, answer: z.object({ job: z.int() }) });
    const run = `${path}/${job}`;
    const cancel = (): void => void client.call('DELETE', run, { answer: z.undefined() }).catch(() => undefined);
    signal?.addEventListener('abort', cancel, { once: true });
    try {
      await follow(client, run, onProgress);
    } finally {
      signal?.removeEventListener('abort', cancel);
    }
    return await client.call('GET', `${run}/result`, { answer });
  } finally {
    await client.close();
  }
}

async function follow(client: Client, path: string, onProgress: (event: Progress) => void): Promise<void> {
  for (let after = 0; ; ) {
    const { events, next, ended } = await client.call('GET', `${path}/events/${after}`, { answer: eventsSchema });
    for (const event of events) onProgress(event);
    if (ended && after === next) return;
    after = next;
  }
}
