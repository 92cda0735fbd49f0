import { Badge } from '@mantine/core';
import type { ReactNode } from 'react';
import { texts } from '../texts/index.ts';

const colours: Readonly<Record<string, string>> = {
  active: 'green',
  signed: 'green',
  done: 'green',
  proposed: 'blue',
  countered: 'blue',
  running: 'blue',
  suspended: 'orange',
  revoked: 'red',
  declined: 'red',
  failed: 'red',
  aborted: 'red',
};

/** The state of an agreement, a run or a job. */
export function State({ state }: { state: string }): ReactNode {
  return (
    <Badge variant="outline" color={colours[state] ?? 'gray'} c="var(--mantine-color-text)" tt="none" fw={550}>
      {texts.common.states[state] ?? state}
    </Badge>
  );
}
