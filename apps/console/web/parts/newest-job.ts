import type { Answer } from '../api/operations.ts';
import { useAll } from '../api/queries.ts';
import { useSession } from '../api/session.tsx';

export type Job = Answer<'getJob'>;

/** The newest job that the server remembers of a study, or of a link where `study` is null, under an agreement, whoever began it. */
export function useNewestJob(agreement: string, study: string | null): Job | undefined {
  const { may } = useSession();
  const jobs = useAll('listJobs', {}, { enabled: may('job.list') });
  return jobs.data?.items.findLast((one) => one.agreement === agreement && one.study === study && one.sealed === null);
}
