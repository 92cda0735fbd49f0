import './tour.css';
import { Button, CloseButton, Group, Stack, Text, Title } from '@mantine/core';
import { IconRoute } from '@tabler/icons-react';
import { type ReactNode, useEffect, useRef } from 'react';
import { useLocation } from 'wouter';
import type { Answer } from '../api/operations.ts';
import { useAll } from '../api/queries.ts';
import { texts } from '../texts/index.ts';
import { useNoticed } from './noticed.ts';
import { change, type TourState, useTour } from './state.ts';
import { StepHere } from './step.tsx';
import { stepCount, stepIds } from './steps.ts';

const words = texts.tour;

/** What a demo says of itself. */
export type Demo = NonNullable<Answer<'getDemo'>['demo']>;

/** The tour: offered on the first page, a step beside the page it is about, or a button that takes it up again. */
export default function Panel({ demo }: { demo: Demo }): ReactNode {
  const tour = useTour();
  const [location] = useLocation();
  if (tour.phase === 'open') return <Open demo={demo} tour={tour} />;
  if (tour.phase === 'offered') return location === '/' ? <Offer /> : null;
  return (
    <Button className="tour-closed" leftSection={<IconRoute size={18} />} onClick={() => change({ phase: 'open' })}>
      {words.resume(Math.min(stepIds.indexOf(tour.at) + 1, stepCount), stepCount)}
    </Button>
  );
}

function Offer(): ReactNode {
  return (
    <section className="tour" aria-label={words.label}>
      <Stack gap="sm">
        <Title order={2} fz={18}>
          {words.offerTitle}
        </Title>
        <Text size="sm">{words.offer}</Text>
        <Group gap="xs">
          <Button onClick={() => change({ phase: 'open' })}>{words.begin}</Button>
          <Button variant="subtle" onClick={() => change({ phase: 'left' })}>
            {words.notNow}
          </Button>
        </Group>
      </Stack>
    </section>
  );
}

function Open({ demo, tour }: { demo: Demo; tour: TourState }): ReactNode {
  const studies = useAll('listStudies', {});
  const study = studies.data?.items.find(({ name }) => name === demo.tour.study);
  useNoticed(study, tour.at);
  const at = stepIds.indexOf(tour.at);
  const title = useRef<HTMLHeadingElement>(null);
  const shown = useRef(tour.at);
  // After `Next step` the keyboard goes on with that step.
  useEffect(() => {
    if (shown.current !== tour.at) title.current?.focus();
    shown.current = tour.at;
  }, [tour.at]);
  const isDone = tour.done.includes(tour.at);
  const last = tour.at === 'end';
  return (
    <section className="tour" aria-label={words.label}>
      <Stack gap="sm">
        <Group justify="space-between" wrap="nowrap">
          <Text size="sm" c="dimmed">
            {last ? words.label : words.step(at + 1, stepCount)}
          </Text>
          <CloseButton aria-label={words.leave} onClick={() => change({ phase: 'left' })} />
        </Group>
        <Title order={2} fz={18} ref={title} tabIndex={-1}>
          {words.steps[tour.at].title}
        </Title>
        <StepHere step={tour.at} demo={demo} agreement={study?.agreement} isDone={isDone} />
        <Group justify="space-between">
          {at === 0 ? (
            <span />
          ) : (
            <Button variant="subtle" onClick={() => change({ at: stepIds[at - 1]! })}>
              {words.back}
            </Button>
          )}
          {last ? (
            <Button onClick={() => change({ phase: 'left', at: stepIds[0], done: [] })}>{words.finish}</Button>
          ) : (
            <Button variant={isDone ? 'filled' : 'subtle'} onClick={() => change({ at: stepIds[at + 1]! })}>
              {isDone ? words.next : words.skip}
            </Button>
          )}
        </Group>
      </Stack>
    </section>
  );
}
