import { type Client, localClient, openHome } from '@symbolon/service';
import { z } from 'zod';
import { type LinkProgress, phases } from './link/progress.ts';
import type { RunInfo } from './link/runs.ts';

const progressSchema = z.object({
  phase: z.enum(phases),
  text: z.string(),
  done: z.int(),
  of: z.int(),
  secondsLeft: z.number().nullable(),
});
const eventsSchema = z.object({ events: z.array(progressSchema), next: z.int(), ended: z.boolean() });
const runSchema = z.object({ id: z.int(), agreement: z.string(), attempt: z.string() }).loose();

/**
 * Asks the organisation's own running server to link, and follows it to the end. Throws what ended the run, or `conflict` if no server
 * runs or it is busy.
 * @param params.agreement hash, or its first 6 or more characters
 * @param params.signal cancels the run on both sides
 */
export async function requestLink(
  homePath: string,
  params: { agreement: string; onProgress?: (event: LinkProgress) => void; signal?: AbortSignal },
): Promise<RunInfo> {
  const { agreement, onProgress = () => undefined, signal } = params;
  const client = localClient(openHome(homePath));
  try {
    signal?.throwIfAborted();
    const started = await client.call('POST', '/v1/links', {
      body: { agreement },
      answer: z.object({ job: z.int() }),
    });
    const path = `/v1/links/${started.job}`;
    const cancel = (): void => void client.call('DELETE', path, { answer: z.undefined() }).catch(() => undefined);
    signal?.addEventListener('abort', cancel, { once: true });
    try {
      await follow(client, path, onProgress);
    } finally {
      signal?.removeEventListener('abort', cancel);
    }
    return (await client.call('GET', `${path}/result`, { answer: runSchema })) as unknown as RunInfo;
  } finally {
    await client.close();
  }
}

async function follow(client: Client, path: string, onProgress: (event: LinkProgress) => void): Promise<void> {
  for (let after = 0; ; ) {
    const { events, next, ended } = await client.call('GET', `${path}/events/${after}`, { answer: eventsSchema });
    for (const event of events) onProgress(event);
    if (ended && after === next) return;
    after = next;
  }
}
