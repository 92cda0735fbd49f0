import { Anchor, Button, Group, Paper, Stack, Text, Textarea } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { Link } from 'wouter';
import type { Answer } from '../../api/operations.ts';
import { useAsk, useDo } from '../../api/queries.ts';
import { useSession } from '../../api/session.tsx';
import { Asked } from '../../parts/asked.tsx';
import { type Fact, Facts } from '../../parts/facts.tsx';
import { Moment } from '../../parts/moment.tsx';
import { Page } from '../../parts/page.tsx';
import { ProblemNote } from '../../parts/problem.tsx';
import { texts } from '../../texts/index.ts';
import { AlertState } from './alert-state.tsx';

const words = texts.alerts;
type Alert = Answer<'getAlert'>;

/** One alert: all that its message says, and the way to take care of it. */
export function OneAlert({ id }: { id: string }): ReactNode {
  const alert = useAsk('getAlert', { params: { alert: id } });
  return (
    <Page title={alert.data === undefined ? words.title : `${alert.data.event}: ${alert.data.keys.join(', ')}`}>
      <Asked query={alert}>
        {(found) => (
          <Stack gap="lg" maw={720}>
            <Group>
              <AlertState state={found.state} />
              <Anchor component={Link} href="/alerts" size="sm">
                {words.tabs.inbox}
              </Anchor>
            </Group>
            <Story alert={found} />
            <Details alert={found} />
            <Care alert={found} />
          </Stack>
        )}
      </Asked>
    </Page>
  );
}

function Story({ alert: { retracts, retractedBy } }: { alert: Alert }): ReactNode {
  if (retracts === null && retractedBy === null) return null;
  return (
    <Text>
      {retracts === null ? words.retractedBy : words.retracts}{' '}
      <Anchor component={Link} href={`/alerts/${retracts ?? retractedBy}`}>
        {retracts === null ? words.later : words.earlier}
      </Anchor>
    </Text>
  );
}

function Details({ alert }: { alert: Alert }): ReactNode {
  const { code, value, state, escalatesAt } = alert;
  const facts: Fact[] = [
    [words.columns.from, alert.sender],
    [words.facility, alert.facility],
    [words.columns.happened, <Moment key="time" at={alert.time} />],
    [words.received, <Moment key="received" at={alert.receivedAt} />],
    [words.code, code && `${code.code} (${code.system})`],
    [words.value, value && `${value.comparator ?? ''}${value.value} ${value.unit}`],
    [words.encounter, alert.encounterClass],
    [words.disposition, alert.disposition],
    [words.practitioner, alert.practitioner],
    [words.raisedAt, state === 'open' && escalatesAt !== null ? <Moment key="raised" at={escalatesAt} /> : undefined],
    [
      words.agreement,
      <Anchor key="agreement" component={Link} href={`/agreements/${alert.agreement}`}>
        {alert.alert}
      </Anchor>,
    ],
  ];
  return <Facts facts={facts} />;
}

function Care({ alert: { id, state, acknowledgedAt, acknowledgedBy, note } }: { alert: Alert }): ReactNode {
  const { may } = useSession();
  const [text, setText] = useState('');
  const take = useDo('acknowledgeAlerts');
  if (acknowledgedAt !== null) {
    return (
      <Paper withBorder p="md">
        <Text fw={600}>{words.takenBy(acknowledgedBy ?? '')}</Text>
        <Text size="sm" c="dimmed">
          <Moment at={acknowledgedAt} />
        </Text>
        {note === null ? null : <Text mt="xs">{note}</Text>}
      </Paper>
    );
  }
  if (!may('alert.acknowledge') || (state !== 'open' && state !== 'escalated')) return null;
  return (
    <Stack>
      <Textarea
        label={words.note}
        description={words.noteHint}
        maxLength={1000}
        value={text}
        onChange={({ currentTarget }) => setText(currentTarget.value)}
      />
      <ProblemNote error={take.error} />
      <Group>
        <Button
          loading={take.isPending}
          onClick={() => take.mutate({ body: { ids: [id], ...(text.trim() === '' ? {} : { note: text.trim() }) } })}
        >
          {words.take}
        </Button>
      </Group>
    </Stack>
  );
}
