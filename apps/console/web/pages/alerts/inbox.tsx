import { Group, SegmentedControl, Stack, Text } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { useList } from '../../api/queries.ts';
import { Busy } from '../../parts/busy.tsx';
import { Moment } from '../../parts/moment.tsx';
import { More } from '../../parts/more.tsx';
import { Rows } from '../../parts/rows.tsx';
import { texts } from '../../texts/index.ts';
import { AlertState } from './alert-state.tsx';

const words = texts.alerts;

/** Alerts that came, the newest first; those that come now appear by themselves. */
export function Inbox(): ReactNode {
  const [shown, setShown] = useState<'open' | 'all'>('open');
  const { columns } = words;
  const alerts = useList('listAlerts', { query: shown === 'open' ? { open: 'true' } : {} });
  return (
    <Stack>
      <Group justify="space-between">
        <SegmentedControl
          aria-label={words.show}
          value={shown}
          onChange={(value) => setShown(value as typeof shown)}
          data={[
            { value: 'open', label: words.open },
            { value: 'all', label: words.all },
          ]}
        />
        <Text size="sm" c="dimmed">
          {words.live}
        </Text>
      </Group>
      {alerts.isPending ? (
        <Busy />
      ) : (
        <Rows
          rows={alerts.items}
          keyOf={({ id }) => id}
          to={({ id }) => `/alerts/${id}`}
          none={shown === 'open' ? words.empty : words.emptyAll}
          minWidth={640}
          columns={[
            {
              title: columns.event,
              cell: ({ event, retracts }) => (retracts === null ? event : `${event} (${words.takesBack})`),
            },
            { title: columns.patient, cell: ({ keys }) => keys.join(', ') },
            { title: columns.from, cell: ({ sender }) => sender },
            { title: columns.happened, cell: ({ time }) => <Moment at={time} /> },
            { title: columns.state, cell: ({ state }) => <AlertState state={state} /> },
          ]}
        />
      )}
      <More list={alerts} />
    </Stack>
  );
}
