import type { Purpose } from '@symbolon/agreement';
import { apiClient, localClient, openHome } from '@symbolon/service';
import { getLinkRun, runLink } from './api/links.ts';
import type { RunInfo } from './link/runs.ts';
import { type Following, followRun } from './run/follow.ts';

/** The agreement whose link is asked for, and what for. */
export interface AskedLink {
  readonly agreement: string;
  readonly purpose?: Purpose | undefined;
}

/**
 * Asks the organisation's own running server to link, and follows it to the end. Throws what ended the run, or `conflict` if no server
 * runs or it is busy.
 * @param params.agreement hash, or its first 6 or more characters
 */
export async function requestLink(
  homePath: string,
  { agreement, purpose, ...following }: AskedLink & Following,
): Promise<RunInfo> {
  const client = apiClient(localClient(openHome(homePath)));
  try {
    const run = await followRun(client, () => client.call(runLink, { body: { agreement, purpose } }), following);
    return await client.call(getLinkRun, { params: { run } });
  } finally {
    await client.close();
  }
}
