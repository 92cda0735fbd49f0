import { type ReactNode, useEffect } from 'react';
import { useAsk } from '../../api/queries.ts';
import { Try } from '../../parts/live.tsx';

/** How far a job is, until it is over. @param done called then */
export function Begun({ job, done }: { job: number; done?: ((run: number) => void) | undefined }): ReactNode {
  const begun = useAsk('getJob', { params: { job } }).data;
  useEffect(() => {
    if (begun?.state === 'done' && begun.run !== null) done?.(begun.run);
  }, [begun?.state]);
  return <Try job={begun} />;
}
