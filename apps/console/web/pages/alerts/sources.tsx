import { Button, Group, Stack, Text } from '@mantine/core';
import type { ReactNode } from 'react';
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

/** Where events come from, and what of it could not be read. */
export function Sources(): ReactNode {
  const { may } = useSession();
  const sources = useAsk('listAlertSources', {});
  const { columns, kinds, counted, none, nothing, title } = words.sources;
  return (
    <Stack gap="xl">
      <Section title={title}>
        <Asked query={sources}>
          {({ sources: found }) => (
            <Rows
              rows={found}
              keyOf={({ name }) => name}
              none={none}
              columns={[
                { title: columns.name, cell: ({ name }) => name },
                { title: columns.kind, cell: ({ kind }) => kinds[kind] ?? kind },
                { title: columns.at, cell: ({ at }) => at },
                {
                  title: columns.came,
                  cell: ({ events }) =>
                    Object.entries(events)
                      .map(([what, count]) => counted(what, count))
                      .join(', ') || nothing,
                },
              ]}
            />
          )}
        </Asked>
      </Section>
      {may('alert.quarantine') ? <Quarantine /> : null}
    </Stack>
  );
}

function Quarantine(): ReactNode {
  const entries = useList('listQuarantine', {});
  const again = useDo('retryQuarantined');
  const discard = useDo('discardQuarantined');
  const { columns, lead, none, title } = words.quarantine;
  return (
    <Section title={title}>
      <ProblemNote error={again.error ?? discard.error} />
      {entries.items.length === 0 ? (
        <Text>{none}</Text>
      ) : (
        <>
          <Text size="sm">{lead}</Text>
          <Rows
            rows={entries.items}
            keyOf={({ id }) => id}
            columns={[
              { title: columns.source, cell: ({ source }) => source },
              { title: columns.why, cell: ({ reason }) => reason },
              { title: columns.came, cell: ({ receivedAt }) => <Moment at={receivedAt} /> },
              {
                title: '',
                cell: ({ id }) => (
                  <Group gap="xs" justify="flex-end">
                    <Button size="compact-sm" variant="default" onClick={() => again.mutate({ params: { entry: id } })}>
                      {words.quarantine.again}
                    </Button>
                    <Button
                      size="compact-sm"
                      variant="default"
                      onClick={() => discard.mutate({ params: { entry: id } })}
                    >
                      {words.quarantine.discard}
                    </Button>
                  </Group>
                ),
              },
            ]}
          />
          <More list={entries} />
        </>
      )}
    </Section>
  );
}
