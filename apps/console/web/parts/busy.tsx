import { Center, Loader } from '@mantine/core';
import type { ReactNode } from 'react';
import { texts } from '../texts/index.ts';

/** Something is on its way. */
export function Busy(): ReactNode {
  return (
    <Center mih={160} role="status" aria-label={texts.common.loading}>
      <Loader type="dots" />
    </Center>
  );
}
