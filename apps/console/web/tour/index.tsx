import { lazy, type ReactNode, Suspense } from 'react';
import { useAsk } from '../api/queries.ts';

const Panel = lazy(() => import('./panel.tsx'));

/** The guided tour, at the servers of a demo; nothing anywhere else. */
export function Tour(): ReactNode {
  const asked = useAsk('getDemo', {}, { staleTime: Number.POSITIVE_INFINITY });
  if (asked.data?.demo == null) return null;
  return (
    <Suspense>
      <Panel demo={asked.data.demo} />
    </Suspense>
  );
}
