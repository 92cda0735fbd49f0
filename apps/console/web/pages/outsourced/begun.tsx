import { type ReactNode, useEffect } from 'react';
import { Problem } from '../../api/problem.ts';
import { useAsk } from '../../api/queries.ts';
import { Live } from '../../parts/live.tsx';
import { ProblemNote } from '../../parts/problem.tsx';

/** How far a job is, until it is over. @param done called then */
export function Begun({ job, done }: { job: number; done?: ((run: number) => void) | undefined }): ReactNode {
  const { state, error, run } = useAsk('getJob', { params: { job } }).data ?? {};
  useEffect(() => {
    if (state === 'done' && run != null) done?.(run);
  }, [state]);
  if (error != null) {
    const { code, message, hint, culprit } = error;
    return <ProblemNote error={new Problem(code, message, { hint, ...(culprit === undefined ? {} : { culprit }) })} />;
  }
  return state === 'running' ? <Live job={job} /> : null;
}
