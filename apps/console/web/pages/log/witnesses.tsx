import { Badge, Button, List, Paper, Stack, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { useAsk } from '../../api/queries.ts';
import { useSession } from '../../api/session.tsx';
import { Asked } from '../../parts/asked.tsx';
import { Moment } from '../../parts/moment.tsx';
import { Section } from '../../parts/page.tsx';
import { ProblemNote } from '../../parts/problem.tsx';
import { Rows } from '../../parts/rows.tsx';
import { texts } from '../../texts/index.ts';
import { Outcome } from './outcome.tsx';

const words = texts.log.witnesses;

/** How far each partner has seen the log, and the statements in it. */
export function Witnesses(): ReactNode {
  const { may } = useSession();
  const status = useAsk('getStatus', {});
  return (
    <Stack gap="xl">
      <Text maw={720}>{words.lead}</Text>
      <Asked query={status}>
        {({ witnesses }) =>
          witnesses.length === 0 ? (
            <Paper withBorder p="xl">
              <Text>{words.none}</Text>
            </Paper>
          ) : (
            <WitnessTable witnesses={witnesses} />
          )
        }
      </Asked>
      {may('log.verify') ? <Statements /> : null}
    </Stack>
  );
}

type Witness = NonNullable<ReturnType<typeof useAsk<'getStatus'>>['data']>['witnesses'][number];

/** Who has seen how much of the log. */
export function WitnessTable({ witnesses }: { witnesses: readonly Witness[] }): ReactNode {
  const { columns } = words;
  return (
    <Rows
      rows={witnesses}
      keyOf={({ witness }) => witness}
      columns={[
        { title: columns.witness, cell: ({ witness }) => witness },
        { title: columns.seen, number: true, cell: ({ size }) => size.toLocaleString('en') },
        { title: columns.pending, number: true, cell: ({ pending }) => pending.toLocaleString('en') },
        {
          title: columns.at,
          cell: ({ at, alarm }) => (
            <>
              {at === null ? texts.common.none : <Moment at={at} />}{' '}
              {alarm ? (
                <Badge color="red" variant="outline" c="var(--mantine-color-text)" tt="none">
                  {words.alarm}
                </Badge>
              ) : null}
            </>
          ),
        },
      ]}
    />
  );
}

function Statements(): ReactNode {
  const report = useAsk('verifyLog', {}, { enabled: false, gcTime: 0 });
  return (
    <Section title={words.server}>
      <Text size="sm" c="dimmed">
        {words.serverLead}
      </Text>
      <Button variant="default" w="fit-content" loading={report.isFetching} onClick={() => void report.refetch()}>
        {words.check}
      </Button>
      <ProblemNote error={report.error} />
      {report.data === undefined ? null : <Report report={report.data} />}
    </Section>
  );
}

function Report({ report }: { report: NonNullable<ReturnType<typeof useAsk<'verifyLog'>>['data']> }): ReactNode {
  const { ok, entries, statements, unwitnessed, faults } = report;
  const lines = [
    words.all(entries),
    words.statements(statements),
    ...unwitnessed.map(({ run, witnesses }) => words.unwitnessed(run, witnesses.join(', '))),
    ...faults,
  ];
  return (
    <Outcome ok={ok} title={ok ? words.sound : words.unsound}>
      <List size="sm">
        {lines.map((line) => (
          <List.Item key={line}>{line}</List.Item>
        ))}
      </List>
    </Outcome>
  );
}
