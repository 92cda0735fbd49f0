import { Alert, Code, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import type { Problem } from '../api/problem.ts';
import { texts } from '../texts/index.ts';

const words = texts.common;

/** Why the server refused something, and what to do. Nothing where there is no error. */
export function ProblemNote({
  error,
  title = words.failed,
}: {
  error: Problem | null | undefined;
  title?: string;
}): ReactNode {
  if (error === null || error === undefined) return null;
  const offline = error.code === 'offline';
  return (
    <Alert color={offline ? 'yellow' : 'red'} title={offline ? words.offline : title} role="alert">
      {offline ? (
        <Text size="sm">{words.offlineHint}</Text>
      ) : (
        <>
          <Text size="sm">{error.message}</Text>
          {error.hint === undefined ? null : (
            <Text size="sm" mt={4}>
              <b>{words.whatToDo}:</b> {error.hint}
            </Text>
          )}
          <Code mt={6} bg="transparent" px={0}>
            {words.code(error.code)}
          </Code>
        </>
      )}
    </Alert>
  );
}
