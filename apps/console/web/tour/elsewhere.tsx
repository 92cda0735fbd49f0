import { Button, Code, Group, Stack, Text } from '@mantine/core';
import { IconExternalLink } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { texts } from '../texts/index.ts';
import { CopyThis } from './copy.tsx';
import type { Demo } from './panel.tsx';
import { doerOf, type StepId } from './steps.ts';

const words = texts.tour;

/** Where a step is done, and as whom. */
export interface Place {
  readonly console: Demo['consoles'][number];
  readonly user: Demo['consoles'][number]['users'][number];
}

/** Undefined of a step that is done anywhere. */
export function placeOf(step: StepId, { consoles, tour }: Demo): Place | undefined {
  const doer = doerOf[step];
  if (doer === undefined) return undefined;
  const [house, id] = tour[doer];
  const at = consoles.find((one) => one.id === house);
  const user = at?.users.find((one) => one.id === id);
  return at === undefined || user === undefined ? undefined : { console: at, user };
}

/** The way to a step at another console, or as somebody else. */
export function Elsewhere({
  step,
  place: { console, user },
  password,
  sameHouse,
}: {
  step: StepId;
  place: Place;
  password: string;
  sameHouse: boolean;
}): ReactNode {
  return (
    <Stack gap="xs">
      <Text size="sm" fw={600}>
        {sameHouse ? words.otherUser(user.name) : words.elsewhere(console.name)}
      </Text>
      <Login label={words.loginAs} value={user.id} />
      <Login label={words.password} value={password} />
      {sameHouse ? null : (
        <>
          <Button
            component="a"
            href={`${console.url}/?tour=${step}`}
            target="_blank"
            rel="noopener"
            rightSection={<IconExternalLink size={16} aria-hidden />}
          >
            {words.open}
          </Button>
          <Text size="xs" c="dimmed">
            {words.newTab}
          </Text>
        </>
      )}
    </Stack>
  );
}

function Login({ label, value }: { label: string; value: string }): ReactNode {
  return (
    <Group gap="xs">
      <Text size="sm" w={80}>
        {label}
      </Text>
      <Code>{value}</Code>
      <CopyThis value={value} what={label} />
    </Group>
  );
}
