import { Badge } from '@mantine/core';
import type { ReactNode } from 'react';
import { texts } from '../../texts/index.ts';

const colours: Readonly<Record<string, string>> = { open: 'blue', escalated: 'red', acknowledged: 'green' };

/** What became of an alert. */
export function AlertState({ state }: { state: string }): ReactNode {
  return (
    <Badge variant="outline" color={colours[state] ?? 'gray'} c="var(--mantine-color-text)" tt="none" fw={550}>
      {texts.alerts.states[state] ?? state}
    </Badge>
  );
}
