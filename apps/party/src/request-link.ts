import { apiClient, localClient, openHome } from '@symbolon/service';
import { getLinkRun, runLink } from './api/links.ts';
import type { RunInfo } from './link/runs.ts';
import { type Following, followRun } from './run/follow.ts';

/**
 * Asks the organisation's own running server to link, and follows it to the end. Throws what ended the run, or `conflict` if no server
 * runs or it is busy.
 * @param params.agreement hash, or its first 6 or more characters
 */
export async function requestLink(
  homePath: string,
  { agreement, ...following }: { readonly agreement: string } & Following,
): Promise<RunInfo> {
  const client = apiClient(localClient(openHome(homePath)));
  try {
    const run = await followRun(client, () => client.call(runLink, { body: { agreement } }), following);
    return await client.call(getLinkRun, { params: { run } });
  } finally {
    await client.close();
  }
}
