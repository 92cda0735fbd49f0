import { Button, PasswordInput, Stack, Text, TextInput, Title } from '@mantine/core';
import { type FormEvent, type ReactNode, useState } from 'react';
import { useDo } from '../../api/queries.ts';
import { ProblemNote } from '../../parts/problem.tsx';
import { texts } from '../../texts/index.ts';

const words = texts.login;

/** Sets a password with a code. @param done with the user whose it is */
export function SetUp({ done }: { done: (user: string) => void }): ReactNode {
  const [code, setCode] = useState('');
  const [password, setPassword] = useState('');
  const set = useDo('setUpPassword', ({ user }) => done(user));
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    set.mutate({ body: { code: code.trim(), password } });
  };
  return (
    <form onSubmit={submit}>
      <Stack>
        <Title order={1} fz={22}>
          {words.setupTitle}
        </Title>
        <Text size="sm">{words.setupIntro}</Text>
        <ProblemNote error={set.error} />
        <TextInput
          label={words.code}
          value={code}
          onChange={({ currentTarget }) => setCode(currentTarget.value)}
          required
          autoComplete="one-time-code"
        />
        <PasswordInput
          label={words.newPassword}
          value={password}
          onChange={({ currentTarget }) => setPassword(currentTarget.value)}
          autoComplete="new-password"
          required
        />
        <Button type="submit" loading={set.isPending}>
          {words.set}
        </Button>
      </Stack>
    </form>
  );
}
