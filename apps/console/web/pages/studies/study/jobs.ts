import type { Answer } from '../../../api/operations.ts';
import { useAll } from '../../../api/queries.ts';
import { useSession } from '../../../api/session.tsx';

export type Job = Answer<'getJob'>;

/** The newest job of this study that the server remembers, whoever began it. */
export function useNewestJob(agreement: string, study: string): Job | undefined {
  const { may } = useSession();
  const jobs = useAll('listJobs', {}, { enabled: may('job.list') });
  return jobs.data?.items.findLast((one) => one.agreement === agreement && one.study === study);
}
