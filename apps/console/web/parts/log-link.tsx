import { Anchor } from '@mantine/core';
import type { ReactNode } from 'react';
import { Link } from 'wouter';

/** To an entry of the log. */
export function LogLink({ index, label }: { index: number; label?: string }): ReactNode {
  return (
    <Anchor component={Link} href={`/log/entries/${index}`} size="sm" underline="always">
      {label ?? index.toLocaleString('en')}
    </Anchor>
  );
}
