import { Anchor, Button, Center, Divider, Paper, PasswordInput, Stack, Text, TextInput, Title } from '@mantine/core';
import { type FormEvent, type ReactNode, useState } from 'react';
import { pathOf } from '../../api/operations.ts';
import { logInWithPasskey } from '../../api/passkeys.ts';
import { Problem } from '../../api/problem.ts';
import { useAsk } from '../../api/queries.ts';
import { logIn } from '../../api/session.tsx';
import { Mark } from '../../parts/mark.tsx';
import { ProblemNote } from '../../parts/problem.tsx';
import { texts } from '../../texts/index.ts';
import { SetUp } from './set-up.tsx';

const words = texts.login;

/** The way in: a password, or a code that sets one. */
export default function Login(): ReactNode {
  const [settingUp, setSettingUp] = useState(false);
  const [welcome, setWelcome] = useState<string>();
  return (
    <Center component="main" mih="100vh" p="md">
      <Paper withBorder p="xl" w={380}>
        <Stack>
          <Mark size={40} />
          {settingUp ? (
            <SetUp
              done={(user) => {
                setWelcome(user);
                setSettingUp(false);
              }}
            />
          ) : (
            <>
              <Enter welcome={welcome} />
              <OtherWays />
            </>
          )}
          <Divider />
          <Anchor component="button" type="button" size="sm" onClick={() => setSettingUp(!settingUp)}>
            {settingUp ? words.backToLogin : words.haveCode}
          </Anchor>
        </Stack>
      </Paper>
    </Center>
  );
}

/** By what the device knows, or by who knows the person already. */
function OtherWays(): ReactNode {
  const ways = useAsk('listWaysIn', {}, { staleTime: Number.POSITIVE_INFINITY });
  const [error, setError] = useState<Problem>();
  const show = async (): Promise<void> => {
    setError(undefined);
    try {
      await logInWithPasskey();
    } catch (failure) {
      if (!(failure instanceof Problem)) throw failure;
      setError(failure);
    }
  };
  return (
    <>
      {error?.code === 'passkey-cancelled' ? (
        <Text size="sm" role="alert">
          {words.noPasskey}
        </Text>
      ) : (
        <ProblemNote error={error} />
      )}
      {ways.data?.passkeys ? (
        <Button variant="default" onClick={() => void show()}>
          {words.withPasskey}
        </Button>
      ) : null}
      {ways.data?.provider ? (
        <Button variant="default" component="a" href={pathOf('leaveForProvider', {})}>
          {words.withProvider}
        </Button>
      ) : null}
    </>
  );
}

function Enter({ welcome }: { welcome: string | undefined }): ReactNode {
  const [user, setUser] = useState(welcome ?? '');
  const [password, setPassword] = useState('');
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<Problem>();
  const enter = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    setBusy(true);
    try {
      await logIn(user.trim(), password);
    } catch (failure) {
      setError(failure instanceof Problem ? failure : new Problem('offline', ''));
      setBusy(false);
    }
  };
  return (
    <form onSubmit={(event) => void enter(event)}>
      <Stack>
        <Title order={1} fz={22}>
          {words.title}
        </Title>
        {welcome === undefined ? null : <Text size="sm">{words.setDone(welcome)}</Text>}
        <ProblemNote error={error} />
        <TextInput
          label={words.user}
          value={user}
          onChange={({ currentTarget }) => setUser(currentTarget.value)}
          autoComplete="username"
          autoCapitalize="none"
          required
          data-autofocus
        />
        <PasswordInput
          label={words.password}
          value={password}
          onChange={({ currentTarget }) => setPassword(currentTarget.value)}
          autoComplete="current-password"
          required
        />
        <Button type="submit" loading={busy}>
          {words.enter}
        </Button>
      </Stack>
    </form>
  );
}
