import { Anchor, Button, Code, Group, Stack, Text } from '@mantine/core';
import { IconCheck } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { Link } from 'wouter';
import { useAsk } from '../api/queries.ts';
import { useSession } from '../api/session.tsx';
import { texts } from '../texts/index.ts';
import { CopyThis } from './copy.tsx';
import { Elsewhere, placeOf } from './elsewhere.tsx';
import type { Demo } from './panel.tsx';
import { addressOf, type StepId } from './steps.ts';

const words = texts.tour;

/** What is to be done in a step, by whom and where, and what came of it. @param agreement hash, once it is known */
export function StepHere({
  step,
  demo,
  agreement,
  isDone,
}: {
  step: StepId;
  demo: Demo;
  agreement: string | undefined;
  isDone: boolean;
}): ReactNode {
  const { me } = useSession();
  const here = useAsk('getStatus', {}).data?.id;
  const { title: _, what, todo, go, done } = words.steps[step];
  const place = placeOf(step, demo);
  const isHere = place === undefined || (place.console.id === here && place.user.id === me.id);
  return (
    <Stack gap="sm">
      <Text size="sm">{what}</Text>
      {isHere || here === undefined ? (
        <>
          <Text size="sm" fw={600}>
            {todo}
          </Text>
          {step === 'forbidden' ? <Question sql={demo.tour.forbidden} /> : null}
          {agreement === undefined ? null : (
            <Button component={Link} href={addressOf(step, agreement, demo.tour.study)} variant="light">
              {go}
            </Button>
          )}
          {step === 'end' ? (
            <Anchor href="/docs/demo.html" size="sm">
              {words.documentation}
            </Anchor>
          ) : null}
        </>
      ) : (
        <Elsewhere step={step} place={place} password={demo.password} sameHouse={place.console.id === here} />
      )}
      <div role="status">
        {isDone && done !== '' ? (
          <Group gap="xs" wrap="nowrap" align="flex-start">
            <IconCheck size={20} stroke={2} color="var(--mantine-color-teal-6)" style={{ flex: 'none' }} aria-hidden />
            <Text size="sm">
              <b>{words.done}</b> {done}
            </Text>
          </Group>
        ) : null}
      </div>
    </Stack>
  );
}

function Question({ sql }: { sql: string }): ReactNode {
  return (
    <Stack gap={4}>
      <Group justify="space-between">
        <Text size="sm">{words.steps.forbidden.question}</Text>
        <CopyThis value={sql} what={words.steps.forbidden.question} />
      </Group>
      <Code block>{sql}</Code>
    </Stack>
  );
}
