import { Avatar, Menu, Text, UnstyledButton } from '@mantine/core';
import { IconBook, IconKey, IconLogout, IconUser } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { Link } from 'wouter';
import { logOut, useSession } from '../api/session.tsx';
import { texts } from '../texts/index.ts';

const words = texts.shell;

/** Who is logged in, and the way out. */
export function Account(): ReactNode {
  const { me } = useSession();
  const roles = me.roles.map((role) => words.roles[role] ?? role).join(', ') || words.noRoles;
  return (
    <Menu position="bottom-end" width={240}>
      <Menu.Target>
        <UnstyledButton aria-label={`${words.account}: ${me.name}`}>
          <Avatar color="teal" variant="filled" radius="xl" size={32} aria-hidden>
            <IconUser size={18} stroke={1.6} />
          </Avatar>
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>
          <Text size="sm" fw={600}>
            {me.name}
          </Text>
          <Text size="xs" c="dimmed">
            {roles}
          </Text>
        </Menu.Label>
        <Menu.Item component={Link} href="/settings" leftSection={<IconKey size={16} />}>
          {words.mySettings}
        </Menu.Item>
        <Menu.Item component="a" href="/docs/" leftSection={<IconBook size={16} />}>
          {words.documentation}
        </Menu.Item>
        <Menu.Item leftSection={<IconLogout size={16} />} onClick={() => void logOut()}>
          {words.logOut}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
