import { Anchor, Button, Group, Stack, Text } from '@mantine/core';
import { IconDownload } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { Link } from 'wouter';
import { call } from '../../api/call.ts';
import type { Answer } from '../../api/operations.ts';
import { Problem } from '../../api/problem.ts';
import { useAsk, useList } from '../../api/queries.ts';
import { useSession } from '../../api/session.tsx';
import { Asked } from '../../parts/asked.tsx';
import { bytesOf } from '../../parts/base64url.ts';
import { Busy } from '../../parts/busy.tsx';
import { quoted } from '../../parts/csv.ts';
import { DataTable } from '../../parts/data-table.tsx';
import { download } from '../../parts/download.ts';
import { type Fact, Facts } from '../../parts/facts.tsx';
import { Live } from '../../parts/live.tsx';
import { LogLink } from '../../parts/log-link.tsx';
import { useNewestJob } from '../../parts/newest-job.ts';
import { Page, Section } from '../../parts/page.tsx';
import { ProblemNote } from '../../parts/problem.tsx';
import { Release } from '../../parts/release.tsx';
import { State } from '../../parts/state.tsx';
import { texts } from '../../texts/index.ts';

const words = texts.links.result;
type Run = Answer<'getLinkRun'>;
type Match = Answer<'listMatches'>['items'][number];

/** One run of a link: what it came to, and which own records matched. */
export function LinkRun({ run }: { run: number }): ReactNode {
  const asked = useAsk('getLinkRun', { params: { run } });
  return (
    <Page title={words.title(run)}>
      <Asked query={asked}>
        {(found) => (
          <Stack gap="xl">
            <Ending run={found} />
            {found.state === 'running' ? <Running agreement={found.agreement} /> : null}
            {found.state === 'done' ? <Matches run={run} agreement={found.agreement} /> : null}
          </Stack>
        )}
      </Asked>
    </Page>
  );
}

function Running({ agreement }: { agreement: string }): ReactNode {
  const job = useNewestJob(agreement, null);
  return job?.state === 'running' ? <Live job={job.id} /> : <Busy />;
}

function Ending({ run: { state, error, details, logIndex, agreement } }: { run: Run }): ReactNode {
  const facts: Fact[] = [];
  if (details !== null) {
    const { rows, matches, leftOut, cut, seconds } = details;
    facts.push([words.rows, words.ofBoth(rows.a, rows.b)]);
    if (matches !== null) facts.push([words.matches, matches.toLocaleString('en')]);
    if (leftOut !== undefined && leftOut > 0) facts.push([words.leftOut, leftOut.toLocaleString('en')]);
    if (cut > 0) facts.push([words.cut, cut.toLocaleString('en')]);
    facts.push([words.seconds, words.inSeconds(seconds)]);
  }
  if (logIndex !== null) {
    facts.push([words.log, <LogLink key="log" index={logIndex} />]);
  }
  return (
    <Stack maw={560}>
      <Group>
        <State state={state} />
        <Anchor component={Link} href={`/links/${agreement}`} size="sm">
          {texts.links.columns.agreement}
        </Anchor>
      </Group>
      {error === null ? null : <ProblemNote error={new Problem(error.split(':')[0]!, error)} />}
      <Facts facts={facts} />
    </Stack>
  );
}

function Matches({ run, agreement }: { run: number; agreement: string }): ReactNode {
  const { may } = useSession();
  if (!may('link.result')) return null;
  return (
    <Section title={words.own} actions={<Save run={run} />}>
      <Release kind="link" run={run} agreement={agreement} />
      <MatchTable run={run} />
    </Section>
  );
}

function MatchTable({ run }: { run: number }): ReactNode {
  const matches = useList('listMatches', { params: { run } }, null);
  const error = matches.error as Problem | null;
  if (error?.code === 'unapproved') return null;
  if (error !== null) return <ProblemNote error={error} />;
  if (matches.isPending) return <Busy />;
  if (matches.items.length === 0) return <Text>{words.none}</Text>;
  return (
    <DataTable
      label={words.own}
      rows={matches.items}
      columns={matches.items.some(({ key }) => key !== null) ? columns : columns.filter(({ id }) => id !== 'key')}
      keyOf={({ ownNumber }) => String(ownNumber)}
      onEnd={() => {
        if (matches.hasNextPage && !matches.isFetchingNextPage) void matches.fetchNextPage();
      }}
    />
  );
}

const columns = [
  {
    id: 'row',
    label: words.record,
    cell: ({ row }: Match) => (row + 1).toLocaleString('en'),
    by: ({ row }: Match) => row,
  },
  { id: 'key', label: words.key, cell: ({ key }: Match) => key ?? '', by: ({ key }: Match) => key },
  { id: 'own', label: words.number, numeric: true, cell: ({ ownNumber }: Match) => ownNumber.toLocaleString('en') },
  { id: 'peer', label: words.peer, numeric: true, cell: ({ peerRow }: Match) => peerRow.toLocaleString('en') },
];

function Save({ run }: { run: number }): ReactNode {
  const csv = async (): Promise<void> => {
    const lines = ['record,key,own_number,partner_number'];
    for (let after: string | undefined; ; ) {
      const page = await call('listMatches', { params: { run }, query: { after } });
      for (const { row, key, ownNumber, peerRow } of page.items) {
        lines.push([row + 1, quoted(key ?? ''), ownNumber, peerRow].join(','));
      }
      if (page.next === null) break;
      after = page.next;
    }
    download(`matches-${run}.csv`, `${lines.join('\n')}\n`, 'text/csv');
  };
  const statement = async (): Promise<void> => {
    const { statement: signed } = await call('getLinkStatement', { params: { run } });
    download(`statement-${run}.json`, new Blob([bytesOf(signed ?? '')], { type: 'application/json' }));
  };
  return (
    <Group gap="xs">
      <Button variant="default" size="xs" leftSection={<IconDownload size={14} />} onClick={() => void csv()}>
        {words.download}
      </Button>
      <Button variant="default" size="xs" leftSection={<IconDownload size={14} />} onClick={() => void statement()}>
        {words.statement}
      </Button>
    </Group>
  );
}
