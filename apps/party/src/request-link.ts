import { z } from 'zod';
import type { RunInfo } from './link/runs.ts';
import { type Following, requestRun } from './run/follow.ts';

const runSchema = z.object({ id: z.int(), agreement: z.string(), attempt: z.string() }).loose();

/**
 * Asks the organisation's own running server to link, and follows it to the end. Throws what ended the run, or `conflict` if no server
 * runs or it is busy.
 * @param params.agreement hash, or its first 6 or more characters
 */
export async function requestLink(
  homePath: string,
  { agreement, ...following }: { readonly agreement: string } & Following,
): Promise<RunInfo> {
  return (await requestRun(homePath, '/v1/links', { agreement }, runSchema, following)) as unknown as RunInfo;
}
