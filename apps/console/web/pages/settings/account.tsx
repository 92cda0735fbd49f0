import { Button, PasswordInput, Stack, Text } from '@mantine/core';
import { type FormEvent, type ReactNode, useState } from 'react';
import { useAsk, useDo } from '../../api/queries.ts';
import { useSession } from '../../api/session.tsx';
import { Asked } from '../../parts/asked.tsx';
import { Moment } from '../../parts/moment.tsx';
import { Section } from '../../parts/page.tsx';
import { ProblemNote } from '../../parts/problem.tsx';
import { Rows } from '../../parts/rows.tsx';
import { texts } from '../../texts/index.ts';
import { Passkeys } from './passkeys.tsx';

const words = texts.settings;

/** Password, passkeys and sessions of whoever is logged in. */
export function MyAccount(): ReactNode {
  return (
    <Stack gap="xl">
      <Password />
      <Passkeys />
      <Sessions />
    </Stack>
  );
}

function Password(): ReactNode {
  const [old, setOld] = useState('');
  const [next, setNext] = useState('');
  const change = useDo('changePassword', () => {
    setOld('');
    setNext('');
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    change.mutate({ body: { old, new: next } });
  };
  return (
    <Section title={words.password.title}>
      <Text size="sm" c="dimmed">
        {words.password.lead}
      </Text>
      <form onSubmit={submit}>
        <Stack gap="sm" maw={380}>
          <PasswordInput
            label={words.password.old}
            value={old}
            onChange={({ currentTarget }) => setOld(currentTarget.value)}
            autoComplete="current-password"
            required
          />
          <PasswordInput
            label={words.password.next}
            value={next}
            onChange={({ currentTarget }) => setNext(currentTarget.value)}
            autoComplete="new-password"
            required
          />
          <ProblemNote error={change.error} />
          {change.isSuccess ? <Text role="status">{words.password.done}</Text> : null}
          <Button type="submit" variant="default" w="fit-content" loading={change.isPending}>
            {words.password.submit}
          </Button>
        </Stack>
      </form>
    </Section>
  );
}

function Sessions(): ReactNode {
  const { me } = useSession();
  const sessions = useAsk('listSessions', {});
  const end = useDo('endSession');
  const { sessions: said } = words;
  return (
    <Section title={said.title}>
      <ProblemNote error={end.error} />
      <Asked query={sessions}>
        {(found) => (
          <Rows
            rows={found}
            keyOf={({ id }) => id}
            columns={[
              { title: said.since, cell: ({ createdAt }) => <Moment at={createdAt} /> },
              { title: said.method, cell: ({ method }) => said.methods[method] },
              { title: said.where, cell: ({ id, kind }) => (id === me.session?.id ? said.this : said.kinds[kind]) },
              { title: said.used, cell: ({ usedAt }) => <Moment at={usedAt} /> },
              {
                title: '',
                cell: ({ id, createdAt }) =>
                  id === me.session?.id ? null : (
                    <Button
                      variant="default"
                      size="xs"
                      aria-label={said.endOf(createdAt)}
                      onClick={() => end.mutate({ params: { id } })}
                    >
                      {said.end}
                    </Button>
                  ),
              },
            ]}
          />
        )}
      </Asked>
    </Section>
  );
}
