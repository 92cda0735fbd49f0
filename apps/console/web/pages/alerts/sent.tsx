import { Button, SegmentedControl, Stack, Text } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import type { Answer } from '../../api/operations.ts';
import { useAsk, useDo, useList } from '../../api/queries.ts';
import { useSession } from '../../api/session.tsx';
import { Asked } from '../../parts/asked.tsx';
import { Moment } from '../../parts/moment.tsx';
import { More } from '../../parts/more.tsx';
import { Section } from '../../parts/page.tsx';
import { ProblemNote } from '../../parts/problem.tsx';
import { Rows } from '../../parts/rows.tsx';
import { texts } from '../../texts/index.ts';

const words = texts.alerts;
const states = ['waiting', 'delivered', 'dead'] as const;
type OutboxState = (typeof states)[number];

/** What partners are told of, and the messages to them. */
export function Sent(): ReactNode {
  const status = useAsk('getAlertStatus', {});
  return (
    <Stack gap="xl">
      <Section title={words.telling.title}>
        <Asked query={status}>{({ alerts }) => <Telling alerts={alerts} />}</Asked>
      </Section>
      <Outbox />
    </Stack>
  );
}

function Telling({ alerts }: Pick<Answer<'getAlertStatus'>, 'alerts'>): ReactNode {
  const { columns } = words.telling;
  return (
    <Rows
      rows={alerts}
      keyOf={({ agreement, alert }) => `${agreement} ${alert}`}
      none={words.telling.none}
      columns={[
        {
          title: columns.alert,
          cell: ({ alert, title }) => (
            <>
              {alert}
              <Text size="xs" c="dimmed">
                {title}
              </Text>
            </>
          ),
        },
        { title: columns.to, cell: ({ to }) => to },
        { title: columns.patients, number: true, cell: ({ patients }) => patients?.toLocaleString('en') },
        {
          title: columns.until,
          cell: ({ until, silent }) =>
            silent !== null ? `${words.telling.silent}: ${silent}` : until === null ? null : <Moment at={until} />,
        },
      ]}
    />
  );
}

function Outbox(): ReactNode {
  const [state, setState] = useState<OutboxState>('waiting');
  const counts = useAsk('countOutgoingAlerts', {});
  const messages = useList('listOutgoingAlerts', { query: { state } });
  const label = (one: OutboxState): string => {
    const count = counts.data?.[one];
    return count === undefined ? words.outbox.states[one]! : `${words.outbox.states[one]} (${count})`;
  };
  return (
    <Section
      title={words.outbox.title}
      actions={
        <SegmentedControl
          aria-label={words.show}
          value={state}
          onChange={(value) => setState(value as OutboxState)}
          data={states.map((one) => ({ value: one, label: label(one) }))}
        />
      }
    >
      <Messages messages={messages.items} />
      <More list={messages} />
    </Section>
  );
}

function Messages({ messages }: { messages: Answer<'listOutgoingAlerts'>['items'] }): ReactNode {
  const { may } = useSession();
  const retry = useDo('retryAlert');
  const { columns } = words.outbox;
  return (
    <>
      <ProblemNote error={retry.error} />
      <Rows
        rows={messages}
        keyOf={({ id }) => id}
        none={words.outbox.none}
        minWidth={640}
        columns={[
          { title: columns.event, cell: ({ event }) => event },
          { title: columns.to, cell: ({ partner }) => partner },
          { title: columns.happened, cell: ({ time }) => <Moment at={time} /> },
          { title: columns.tries, number: true, cell: ({ tries }) => tries },
          {
            title: columns.error,
            cell: ({ id, error, state }) => (
              <>
                {error}
                {state === 'dead' && may('alert.retry') ? (
                  <Button
                    size="compact-sm"
                    variant="default"
                    ml="xs"
                    loading={retry.isPending}
                    onClick={() => retry.mutate({ params: { alert: id } })}
                  >
                    {words.outbox.again}
                  </Button>
                ) : null}
              </>
            ),
          },
        ]}
      />
    </>
  );
}
