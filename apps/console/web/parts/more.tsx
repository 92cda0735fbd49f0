import { Button } from '@mantine/core';
import type { ReactNode } from 'react';
import { texts } from '../texts/index.ts';

/** Below a list that goes on: asks for its next page. */
export function More({
  list: { hasNextPage, isFetchingNextPage, fetchNextPage },
}: {
  list: { hasNextPage: boolean; isFetchingNextPage: boolean; fetchNextPage: () => unknown };
}): ReactNode {
  if (!hasNextPage) return null;
  return (
    <Button variant="default" loading={isFetchingNextPage} onClick={() => void fetchNextPage()} w="fit-content">
      {texts.common.more}
    </Button>
  );
}
