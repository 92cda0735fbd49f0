import { Stack, Text, Title } from '@mantine/core';
import type { ReactNode } from 'react';
import { useSession } from '../api/session.tsx';
import { texts } from '../texts/index.ts';

const words = texts.shell;

/** An address without a page. @param forbidden there is one, for other roles */
export function NotFound({ forbidden = false }: { forbidden?: boolean }): ReactNode {
  const { me } = useSession();
  const roles = me.roles.map((role) => words.roles[role] ?? role).join(', ') || words.noRoles;
  return (
    <Stack gap="xs">
      <Title order={1}>{forbidden ? words.notAllowed : words.notFound}</Title>
      <Text>{forbidden ? words.notAllowedHint(roles) : words.notFoundHint}</Text>
    </Stack>
  );
}
