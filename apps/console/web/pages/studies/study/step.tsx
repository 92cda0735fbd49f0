import { Group, Stack, Text, ThemeIcon } from '@mantine/core';
import { IconCheck, IconPoint } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { texts } from '../../../texts/index.ts';

/** One of the things that must be so. */
export function Step({ title, done, children }: { title: string; done: boolean; children: ReactNode }): ReactNode {
  const Icon = done ? IconCheck : IconPoint;
  return (
    <Group wrap="nowrap" align="flex-start" gap="md">
      <ThemeIcon
        variant={done ? 'filled' : 'default'}
        radius="xl"
        size={28}
        role="img"
        aria-label={done ? texts.studies.next.done : texts.studies.next.open}
      >
        <Icon size={16} stroke={2} />
      </ThemeIcon>
      <Stack gap={6} align="flex-start" flex={1}>
        <Text fw={600} mt={2}>
          {title}
        </Text>
        <Text component="div" size="sm" maw={720}>
          {children}
        </Text>
      </Stack>
    </Group>
  );
}
