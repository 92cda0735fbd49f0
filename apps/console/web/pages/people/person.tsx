import { Button, Stack, Text } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { Link } from 'wouter';
import type { Answer } from '../../api/operations.ts';
import { useAsk, useDo } from '../../api/queries.ts';
import { useSession } from '../../api/session.tsx';
import { Asked } from '../../parts/asked.tsx';
import { Page, Section } from '../../parts/page.tsx';
import { ProblemNote } from '../../parts/problem.tsx';
import { texts } from '../../texts/index.ts';
import { Code } from './code.tsx';
import { type Role, RoleBoxes } from './roles.tsx';

const words = texts.people.person;
type User = Answer<'getUser'>;

/** One user: roles, a new code, and whether they may log in. */
export function Person({ id }: { id: string }): ReactNode {
  const { may, me } = useSession();
  const user = useAsk('getUser', { params: { id } });
  const change = may('user.change') && me.id !== id;
  const back = (
    <Button component={Link} href="/people" variant="default">
      {words.back}
    </Button>
  );
  return (
    <Page title={user.data?.name ?? id} actions={back}>
      <Asked query={user}>
        {(found) => (
          <Stack gap="xl">
            {me.id === id ? <Text>{words.yourself}</Text> : null}
            <Roles key={found.roles.join()} user={found} change={change && found.source === 'local'} />
            {change && found.source === 'local' ? <NewCode id={id} /> : null}
            {change ? <Entry user={found} /> : null}
          </Stack>
        )}
      </Asked>
    </Page>
  );
}

function Roles({ user: { id, roles, source }, change }: { user: User; change: boolean }): ReactNode {
  const [chosen, setChosen] = useState<Role[]>([...roles]);
  const set = useDo('setUserRoles');
  return (
    <Section title={words.roles}>
      <Text size="sm" c="dimmed">
        {source === 'oidc' ? words.provider : words.rolesLead}
      </Text>
      <RoleBoxes chosen={chosen} onChange={setChosen} disabled={!change} />
      <ProblemNote error={set.error} />
      {change ? (
        <Button
          w="fit-content"
          variant="default"
          disabled={chosen.length === 0}
          loading={set.isPending}
          onClick={() => set.mutate({ params: { id }, body: { roles: chosen } })}
        >
          {words.saveRoles}
        </Button>
      ) : null}
    </Section>
  );
}

function NewCode({ id }: { id: string }): ReactNode {
  const renew = useDo('renewSetupCode');
  return (
    <Section title={words.code}>
      <Text size="sm" c="dimmed">
        {words.codeLead}
      </Text>
      <ProblemNote error={renew.error} />
      {renew.data === undefined ? (
        <Button
          w="fit-content"
          variant="default"
          loading={renew.isPending}
          onClick={() => renew.mutate({ params: { id } })}
        >
          {words.makeCode}
        </Button>
      ) : (
        <Code made={renew.data} done={renew.reset} />
      )}
    </Section>
  );
}

function Entry({ user: { id, disabled } }: { user: User }): ReactNode {
  const set = useDo('setUserDisabled');
  const title = disabled ? words.enable : words.disable;
  return (
    <Section title={title}>
      <Text size="sm" c="dimmed">
        {disabled ? words.enableLead : words.disableLead}
      </Text>
      <ProblemNote error={set.error} />
      <Button
        w="fit-content"
        variant="outline"
        c="var(--mantine-color-text)"
        color={disabled ? 'teal' : 'red'}
        loading={set.isPending}
        onClick={() => set.mutate({ params: { id }, body: { disabled: !disabled } })}
      >
        {title}
      </Button>
    </Section>
  );
}
