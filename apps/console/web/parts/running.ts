import { useAll } from '../api/queries.ts';
import { useSession } from '../api/session.tsx';

/** The job that runs a study, or a link where `study` is null, under an agreement now, whoever began it; undefined while none does. */
export function useRunning(agreement: string, study: string | null): number | undefined {
  const { may } = useSession();
  const jobs = useAll('listJobs', {}, { enabled: may('job.list') });
  return jobs.data?.items.find(
    (one) => one.state === 'running' && one.agreement === agreement && one.study === study && one.sealed === null,
  )?.id;
}
