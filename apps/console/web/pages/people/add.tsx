import { Button, Stack, TextInput } from '@mantine/core';
import { type FormEvent, type ReactNode, useState } from 'react';
import { useLocation } from 'wouter';
import { useDo } from '../../api/queries.ts';
import { Page } from '../../parts/page.tsx';
import { ProblemNote } from '../../parts/problem.tsx';
import { texts } from '../../texts/index.ts';
import { Code } from './code.tsx';
import { type Role, RoleBoxes } from './roles.tsx';

const words = texts.people.form;

/** Adds a user; the code is shown once. */
export function AddPerson(): ReactNode {
  const [, go] = useLocation();
  const [name, setName] = useState('');
  const [id, setId] = useState('');
  const [roles, setRoles] = useState<Role[]>([]);
  const add = useDo('addUser');
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    add.mutate({ body: { id: id.trim(), name: name.trim(), roles } });
  };
  if (add.data !== undefined) {
    return (
      <Page title={words.title}>
        <Code made={add.data} done={() => go('/people')} />
      </Page>
    );
  }
  return (
    <Page title={words.title}>
      <form onSubmit={submit}>
        <Stack maw={520}>
          <TextInput
            label={words.name}
            value={name}
            onChange={({ currentTarget }) => setName(currentTarget.value)}
            required
          />
          <TextInput
            label={words.id}
            description={words.idHint}
            value={id}
            onChange={({ currentTarget }) => setId(currentTarget.value)}
            autoCapitalize="none"
            required
          />
          <RoleBoxes chosen={roles} onChange={setRoles} />
          <ProblemNote error={add.error} />
          <Button type="submit" w="fit-content" loading={add.isPending} disabled={roles.length === 0}>
            {words.submit}
          </Button>
        </Stack>
      </form>
    </Page>
  );
}
