import { z } from 'zod';
import { type Following, requestRun } from './run/follow.ts';
import type { StudyRunInfo } from './study/runs.ts';

const runSchema = z.object({ id: z.int(), agreement: z.string(), study: z.string(), attempt: z.string() }).loose();

/**
 * Asks the organisation's own running server for a study, and follows it to the end at all parties. Throws what ended the run, or `conflict` if
 * no server runs or it is busy.
 * @param params.agreement hash, or its first 6 or more characters
 * @param params.study its name in the agreement
 */
export async function requestStudy(
  homePath: string,
  { agreement, study, ...following }: { readonly agreement: string; readonly study: string } & Following,
): Promise<StudyRunInfo> {
  return (await requestRun(
    homePath,
    '/v1/studies',
    { agreement, study },
    runSchema,
    following,
  )) as unknown as StudyRunInfo;
}
