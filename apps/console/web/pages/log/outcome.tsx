import { Alert, Text } from '@mantine/core';
import { IconCircleCheck, IconCircleX } from '@tabler/icons-react';
import type { ReactNode } from 'react';

/** What a verification came to. */
export function Outcome({ ok, title, children }: { ok: boolean; title: string; children?: ReactNode }): ReactNode {
  const Icon = ok ? IconCircleCheck : IconCircleX;
  return (
    <Alert
      color={ok ? 'green' : 'red'}
      variant="outline"
      role={ok ? 'status' : 'alert'}
      icon={<Icon size={22} aria-hidden />}
      title={
        <Text component="span" fw={650} c="var(--mantine-color-text)">
          {title}
        </Text>
      }
    >
      {children}
    </Alert>
  );
}
