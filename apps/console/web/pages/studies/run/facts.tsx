import { Group, Text } from '@mantine/core';
import type { ReactNode } from 'react';

/** A few facts beside each other, each under its name. */
export function Facts({ facts }: { facts: readonly (readonly [name: string, value: ReactNode])[] }): ReactNode {
  return (
    <Group gap="xl" align="flex-start" component="dl" m={0}>
      {facts.map(([name, value]) => (
        <div key={name}>
          <Text component="dt" size="xs" c="dimmed">
            {name}
          </Text>
          <Text component="dd" m={0} size="sm" fw={550}>
            {value}
          </Text>
        </div>
      ))}
    </Group>
  );
}
