import type { Purpose } from '@symbolon/agreement';
import { apiClient, localClient, openHome } from '@symbolon/service';
import { getStudyRun, runStudy } from './api/studies.ts';
import { type Following, followRun } from './run/follow.ts';
import type { StudyRunInfo } from './study/runs.ts';

/** The study that is asked for, and what for. */
export interface AskedStudy {
  readonly agreement: string;
  readonly study: string;
  readonly purpose?: Purpose | undefined;
}

/**
 * Asks the organisation's own running server for a study, and follows it to the end at all parties. Throws what ended the run, or `conflict` if
 * no server runs or it is busy.
 * @param params.agreement hash, or its first 6 or more characters
 * @param params.study its name in the agreement
 */
export async function requestStudy(
  homePath: string,
  { agreement, study, purpose, ...following }: AskedStudy & Following,
): Promise<StudyRunInfo> {
  const client = apiClient(localClient(openHome(homePath)));
  try {
    const run = await followRun(
      client,
      () => client.call(runStudy, { body: { agreement, study, purpose } }),
      following,
    );
    return await client.call(getStudyRun, { params: { run } });
  } finally {
    await client.close();
  }
}
