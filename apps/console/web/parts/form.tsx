import { Button, Group, Stack } from '@mantine/core';
import type { ReactNode } from 'react';
import type { Problem } from '../api/problem.ts';
import { ProblemNote } from './problem.tsx';

/**
 * Fields below each other, why they were refused, and the button that sends them.
 * @param sending what `useDo` says of it
 * @param said below the fields: what came of it
 */
export function Form({
  label,
  sending: { error, isPending },
  disabled = false,
  width = 720,
  submit,
  said,
  children,
}: {
  label: string;
  sending: { readonly error: Problem | null; readonly isPending: boolean };
  disabled?: boolean;
  width?: number;
  submit: () => void;
  said?: ReactNode;
  children: ReactNode;
}): ReactNode {
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      <Stack maw={width}>
        {children}
        <ProblemNote error={error} />
        {said}
        <Group>
          <Button type="submit" loading={isPending} disabled={disabled}>
            {label}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
