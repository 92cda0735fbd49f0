import { Alert, Button, Stack, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import type { Answer } from '../../api/operations.ts';
import { Hash } from '../../parts/hash.tsx';
import { Moment } from '../../parts/moment.tsx';
import { texts } from '../../texts/index.ts';

const words = texts.people.code;

/** The code with which somebody sets a password. It is shown now and never again. */
export function Code({ made, done }: { made: Answer<'addUser'>; done: () => void }): ReactNode {
  const { id, code, expiresAt } = made;
  return (
    <Alert
      color="teal"
      variant="outline"
      role="status"
      title={
        <Text component="span" fw={650} c="var(--mantine-color-text)">
          {words.title(id)}
        </Text>
      }
    >
      <Stack gap="sm" align="flex-start">
        <Text size="sm">{words.once}</Text>
        <Hash value={code} what={words.title(id)} length={64} />
        <Text size="sm">
          {words.until} <Moment at={expiresAt} />
        </Text>
        <Button variant="default" onClick={done}>
          {words.done}
        </Button>
      </Stack>
    </Alert>
  );
}
