import { SegmentedControl, Stack, Text } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { useDo, useList } from '../../api/queries.ts';
import { server } from '../../api/server.ts';
import { useSession } from '../../api/session.tsx';
import { Busy } from '../../parts/busy.tsx';
import { Confirm } from '../../parts/confirm.tsx';
import { Moment } from '../../parts/moment.tsx';
import { More } from '../../parts/more.tsx';
import { Page } from '../../parts/page.tsx';
import { ProblemNote } from '../../parts/problem.tsx';
import { Rows } from '../../parts/rows.tsx';
import { texts } from '../../texts/index.ts';
import { alarmsOf, type ShownAlarm } from './alarm.ts';

const words = texts.registry.alarms;
type Which = 'open' | 'all';

/** Alarms of a module or a central server, the newest first; somebody says what was found. */
export default function Alarms(): ReactNode {
  const [which, show] = useState<Which>('open');
  return (
    <Page title={words.title} lead={words.lead}>
      <SegmentedControl
        aria-label={words.show}
        w="fit-content"
        value={which}
        onChange={(value) => show(value as Which)}
        data={[
          { value: 'open', label: words.open },
          { value: 'all', label: words.all },
        ]}
      />
      {server.role === 'module' ? <OfModule which={which} /> : <OfCentre which={which} />}
    </Page>
  );
}

function OfModule({ which }: { which: Which }): ReactNode {
  const asked = useList('listRegistryAlarms', { query: { all: which === 'all' ? 'true' : 'false' } });
  const see = useDo('seeRegistryAlarm');
  const { may } = useSession();
  return (
    <List
      asked={asked}
      alarms={alarmsOf.module(asked.items as Parameters<typeof alarmsOf.module>[0])}
      which={which}
      see={
        may('registry.alarms')
          ? { ...see, say: (alarm, note) => see.mutate({ params: { alarm }, body: { note } }) }
          : undefined
      }
    />
  );
}

function OfCentre({ which }: { which: Which }): ReactNode {
  const asked = useList('listAlarms', { query: which === 'open' ? { open: 'true' } : {} });
  const see = useDo('seeAlarm');
  const { may } = useSession();
  return (
    <List
      asked={asked}
      alarms={alarmsOf.centre(asked.items as Parameters<typeof alarmsOf.centre>[0])}
      which={which}
      see={
        may('alarm.see')
          ? { ...see, say: (alarm, note) => see.mutate({ params: { alarm }, body: { note } }) }
          : undefined
      }
    />
  );
}

type See = Pick<ReturnType<typeof useDo<'seeAlarm'>>, 'isPending' | 'isSuccess' | 'error'> & {
  say(alarm: number, note: string): void;
};

function List({
  asked,
  alarms,
  which,
  see,
}: {
  asked: Parameters<typeof More>[0]['list'] & Pick<ReturnType<typeof useList<'listAlarms'>>, 'isPending' | 'error'>;
  alarms: readonly ShownAlarm[];
  which: Which;
  see: See | undefined;
}): ReactNode {
  if (asked.isPending) return <Busy />;
  const { columns } = words;
  return (
    <Stack>
      <ProblemNote error={asked.error} />
      <Rows
        rows={alarms}
        keyOf={({ id }) => id}
        none={which === 'open' ? words.none : words.noneAll}
        minWidth={760}
        columns={[
          {
            title: columns.what,
            cell: ({ text, remarks }) => (
              <>
                {text}
                {remarks.map((remark) => (
                  <Text key={remark} size="xs" c="dimmed">
                    {remark}
                  </Text>
                ))}
              </>
            ),
          },
          { title: columns.who, cell: ({ whom }) => whom.join(', ') },
          { title: columns.at, cell: ({ at }) => <Moment at={at} /> },
          {
            title: columns.state,
            cell: ({ id, seenBy, note }) =>
              seenBy !== null ? (
                <>
                  {words.seenBy(seenBy)}
                  <Text size="xs" c="dimmed">
                    {note}
                  </Text>
                </>
              ) : see === undefined ? null : (
                <Confirm
                  label={words.seen}
                  title={words.seen}
                  what={words.seenWhat}
                  reason
                  pending={see.isPending}
                  error={see.error}
                  done={see.isSuccess}
                  onConfirm={(reason) => see.say(id, reason)}
                />
              ),
          },
        ]}
      />
      <More list={asked} />
    </Stack>
  );
}
