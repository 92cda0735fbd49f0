import { ActionIcon, Code, CopyButton, Group } from '@mantine/core';
import { IconCheck, IconCopy } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { texts } from '../texts/index.ts';

const words = texts.common;

/** The beginning of a hash or key, and a button that copies all of it. @param what it is, for screen readers */
export function Hash({ value, what, length = 10 }: { value: string; what: string; length?: number }): ReactNode {
  const short = value.length > length + 2 ? `${value.slice(0, length)}…` : value;
  return (
    <Group gap={4} wrap="nowrap" component="span" display="inline-flex">
      <Code title={value}>{short}</Code>
      <CopyButton value={value}>
        {({ copied, copy }) => {
          const Icon = copied ? IconCheck : IconCopy;
          return (
            <ActionIcon
              variant="subtle"
              color="gray"
              size="sm"
              aria-label={copied ? words.copied : `${words.copy}: ${what}`}
              onClick={copy}
            >
              <Icon size={14} stroke={1.6} />
            </ActionIcon>
          );
        }}
      </CopyButton>
    </Group>
  );
}
