import type { UseQueryResult } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import type { Problem } from '../api/problem.ts';
import { Busy } from './busy.tsx';
import { ProblemNote } from './problem.tsx';

/** What a page needs to know of what it asked. */
export type Query<Data> = Pick<UseQueryResult<Data, Problem>, 'data' | 'error'>;

/** Shows what was asked for once it is there; until then that it comes, or why it does not. What is there stays when asking again fails. */
export function Asked<Data>({
  query,
  children,
}: {
  query: Query<Data>;
  children: (data: Data) => ReactNode;
}): ReactNode {
  if (query.data !== undefined) {
    return (
      <>
        {query.error?.code === 'offline' ? <ProblemNote error={query.error} /> : null}
        {children(query.data)}
      </>
    );
  }
  if (query.error !== null) return <ProblemNote error={query.error} />;
  return <Busy />;
}
