import {
  ActionIcon,
  AppShell,
  Badge,
  Burger,
  Group,
  NavLink,
  ScrollArea,
  Text,
  useComputedColorScheme,
  useMantineColorScheme,
} from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconMoon, IconSun } from '@tabler/icons-react';
import { type ReactNode, Suspense, useEffect, useRef } from 'react';
import { Link, Route, Switch, useLocation } from 'wouter';
import { useLive } from '../api/live.ts';
import { server } from '../api/server.ts';
import { useSession } from '../api/session.tsx';
import { Busy } from '../parts/busy.tsx';
import { Mark } from '../parts/mark.tsx';
import { texts } from '../texts/index.ts';
import { Tour } from '../tour/index.tsx';
import { Account } from './account.tsx';
import { Guard } from './guard.tsx';
import { NotFound } from './not-found.tsx';
import { isShown, pages } from './pages.ts';

const words = texts.shell;

/** Header, navigation and the page that the address names. */
export function Shell(): ReactNode {
  const [opened, { toggle, close }] = useDisclosure();
  const [location] = useLocation();
  const session = useSession();
  const hearing = useLive();
  const { organisation } = server;
  const first = location.split('/')[1]!;
  const label = pages.find(({ path }) => path === first)?.label ?? words.notFound;
  const content = useRef<HTMLElement>(null);
  useEffect(() => {
    document.title = words.title(label, organisation);
  }, [label, organisation]);
  const before = useRef(location);
  // A screen reader goes on with the new page, as after a link to another document; within a page, as among its tabs, the focus stays.
  useEffect(() => {
    close();
    if (before.current === location) return;
    before.current = location;
    const at = document.activeElement;
    if (at === document.body || at?.closest('nav') != null) content.current?.focus({ preventScroll: true });
  }, [location]);
  return (
    <AppShell
      header={{ height: 56 }}
      navbar={{ width: 220, breakpoint: 'sm', collapsed: { mobile: !opened } }}
      padding="lg"
      transitionDuration={0}
    >
      <AppShell.Header>
        <a className="skip" href="#content">
          {words.skip}
        </a>
        <Group h="100%" px="md" justify="space-between" wrap="nowrap">
          <Group gap="sm" wrap="nowrap" miw={0}>
            <Burger
              opened={opened}
              onClick={toggle}
              hiddenFrom="sm"
              size="sm"
              aria-label={opened ? words.closeNavigation : words.openNavigation}
            />
            <Mark size={26} />
            <Text fw={650} truncate>
              {organisation}
            </Text>
          </Group>
          <Group gap="xs" wrap="nowrap" flex="none">
            {hearing === 'lost' ? <Lost /> : null}
            <ColourSwitch />
            <Account />
          </Group>
        </Group>
      </AppShell.Header>
      <AppShell.Navbar p="xs" aria-label={words.navigation}>
        <ScrollArea>
          {pages
            .filter((page) => isShown(page, session))
            .map(({ path, label: name, icon: Icon }) => (
              <NavLink
                key={path}
                component={Link}
                href={`/${path}`}
                label={name}
                leftSection={<Icon size={18} stroke={1.6} />}
                active={path === first}
                {...(path === first ? { 'aria-current': 'page' as const } : {})}
              />
            ))}
        </ScrollArea>
      </AppShell.Navbar>
      {server.role === 'party' ? <Tour /> : null}
      <AppShell.Main id="content" ref={content} tabIndex={-1} style={{ outline: 'none' }}>
        <Guard key={first}>
          <Suspense fallback={<Busy />}>
            <Switch>
              {pages.map((entry) => (
                <Route key={entry.path} path={entry.path === '' ? '/' : `/${entry.path}/*?`}>
                  {isShown(entry, session) ? <entry.page /> : <NotFound forbidden />}
                </Route>
              ))}
              <Route>
                <NotFound />
              </Route>
            </Switch>
          </Suspense>
        </Guard>
      </AppShell.Main>
    </AppShell>
  );
}

/** What is shown may be old. */
function Lost(): ReactNode {
  return (
    <Badge color="yellow" variant="outline" c="var(--mantine-color-text)" tt="none" role="status">
      {words.lost}
    </Badge>
  );
}

function ColourSwitch(): ReactNode {
  const { setColorScheme } = useMantineColorScheme();
  const dark = useComputedColorScheme('light') === 'dark';
  const Icon = dark ? IconSun : IconMoon;
  return (
    <ActionIcon
      variant="subtle"
      color="gray"
      size="lg"
      aria-label={dark ? words.toLight : words.toDark}
      onClick={() => setColorScheme(dark ? 'light' : 'dark')}
    >
      <Icon size={18} stroke={1.6} />
    </ActionIcon>
  );
}
