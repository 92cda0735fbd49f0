import { Group, Paper, Stack, Text } from '@mantine/core';
import { IconChevronRight, IconCircleCheck } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { Link } from 'wouter';
import { texts } from '../texts/index.ts';

/** Something that waits for whoever is logged in. */
export interface Thing {
  readonly href: string;
  readonly title: string;
  readonly why: string;
}

/** What waits, each with the way to where it is done. */
export function Things({ things }: { things: readonly Thing[] }): ReactNode {
  if (things.length === 0) {
    return (
      <Paper withBorder p="lg">
        <Group gap="sm">
          <IconCircleCheck size={22} stroke={1.6} aria-hidden color="var(--mantine-color-teal-6)" />
          <Text>{texts.home.waiting.none}</Text>
        </Group>
      </Paper>
    );
  }
  return (
    <Stack gap="xs">
      {things.map(({ href, title, why }) => (
        <Paper key={`${href} ${title}`} withBorder p="md" component={Link} href={href} c="inherit" td="none">
          <Group justify="space-between" wrap="nowrap">
            <div>
              <Text fw={600}>{title}</Text>
              <Text size="sm" c="dimmed">
                {why}
              </Text>
            </div>
            <IconChevronRight size={20} stroke={1.6} aria-hidden style={{ flexShrink: 0 }} />
          </Group>
        </Paper>
      ))}
    </Stack>
  );
}
