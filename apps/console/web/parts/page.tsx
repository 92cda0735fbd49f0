import { Group, Stack, Text, Title } from '@mantine/core';
import type { ReactNode } from 'react';
import { HelpLink } from './help.tsx';

/** The frame of a page: what it is, what it is for, where that is explained, what can be done. */
export function Page({
  title,
  lead,
  actions,
  children,
}: {
  title: string;
  lead?: string;
  actions?: ReactNode;
  children: ReactNode;
}): ReactNode {
  return (
    <Stack gap="lg" maw={1200}>
      <Group justify="space-between" align="flex-start">
        <div className="page-title">
          <Group gap={6} wrap="nowrap" align="flex-start">
            <Title order={1} fz={26}>
              {title}
            </Title>
            <HelpLink />
          </Group>
          {lead === undefined ? null : (
            <Text c="dimmed" maw={720}>
              {lead}
            </Text>
          )}
        </div>
        {actions === undefined ? null : <Group gap="xs">{actions}</Group>}
      </Group>
      {children}
    </Stack>
  );
}

/** A part of a page under a heading of its own. */
export function Section({
  title,
  actions,
  children,
}: {
  title: string;
  actions?: ReactNode;
  children: ReactNode;
}): ReactNode {
  return (
    <Stack gap="sm" component="section" aria-label={title}>
      <Group justify="space-between">
        <Title order={2} fz={18}>
          {title}
        </Title>
        {actions}
      </Group>
      {children}
    </Stack>
  );
}
