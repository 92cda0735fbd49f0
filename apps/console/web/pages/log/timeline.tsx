import { Anchor, Paper, Stack, Table, Text } from '@mantine/core';
import { type ReactNode, useMemo } from 'react';
import { Link } from 'wouter';
import { useAll, useList } from '../../api/queries.ts';
import { server } from '../../api/server.ts';
import { useSession } from '../../api/session.tsx';
import { Busy } from '../../parts/busy.tsx';
import { Moment } from '../../parts/moment.tsx';
import { More } from '../../parts/more.tsx';
import { ProblemNote } from '../../parts/problem.tsx';
import { texts } from '../../texts/index.ts';
import { Filter, useFilter } from './filter.tsx';
import { agreementOf, type LogEntry, useSaid } from './said.ts';

const words = texts.log;
const ofParty = server.role === 'party';

/** What happened, the newest first. */
export function Timeline(): ReactNode {
  const filter = useFilter();
  const { may } = useSession();
  const found = useList('listTimeline', { query: filter.query }, 50);
  const agreements = useAll('listAgreements', {}, { enabled: may('agreement.list') });
  const titles = useMemo(
    () => new Map(agreements.data?.items.map(({ hash, title }) => [hash, title])),
    [agreements.data],
  );
  return (
    <Stack gap="lg">
      <Filter filter={filter} titles={titles} />
      <ProblemNote error={found.error as Parameters<typeof ProblemNote>[0]['error']} />
      {found.isPending ? <Busy /> : <Entries entries={found.items} titles={titles} filtered={filter.any} />}
      <More list={found} />
    </Stack>
  );
}

function Entries({
  entries,
  titles,
  filtered,
}: {
  entries: readonly LogEntry[];
  titles: ReadonlyMap<string, string>;
  filtered: boolean;
}): ReactNode {
  const { columns } = words;
  const said = useSaid();
  if (entries.length === 0) {
    return (
      <Paper withBorder p="xl">
        <Text>{filtered ? words.none : words.noneYet}</Text>
      </Paper>
    );
  }
  return (
    <Table.ScrollContainer minWidth={360}>
      <Table verticalSpacing="sm" highlightOnHover>
        <Table.Thead>
          <Table.Tr>
            <Table.Th scope="col" className="number" w={70}>
              {columns.index}
            </Table.Th>
            <Table.Th scope="col" w={{ base: 90, sm: 150 }}>
              {columns.when}
            </Table.Th>
            <Table.Th scope="col">{columns.what}</Table.Th>
            {ofParty ? (
              <Table.Th scope="col" visibleFrom="sm">
                {columns.agreement}
              </Table.Th>
            ) : null}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {entries.map((entry) => {
            const agreement = agreementOf(entry);
            return (
              <Table.Tr key={entry.index}>
                <Table.Td className="number">
                  <Anchor component={Link} href={`/log/entries/${entry.index}`} size="sm">
                    {entry.index.toLocaleString('en')}
                  </Anchor>
                </Table.Td>
                <Table.Td>
                  <When entry={entry} />
                </Table.Td>
                <Table.Td>{said(entry)}</Table.Td>
                {ofParty ? (
                  <Table.Td visibleFrom="sm">
                    {agreement === undefined ? null : (
                      <Anchor component={Link} href={`/agreements/${agreement}`} size="sm">
                        {titles.get(agreement) ?? agreement.slice(0, 8)}
                      </Anchor>
                    )}
                  </Table.Td>
                ) : null}
              </Table.Tr>
            );
          })}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

/** When the event says that it happened, or before when a witness had seen it. */
export function When({ entry: { at, seenAt } }: { entry: Pick<LogEntry, 'at' | 'seenAt'> }): ReactNode {
  if (at !== null) {
    return (
      <Text component="span" size="sm">
        <Moment at={at} />
      </Text>
    );
  }
  if (seenAt === null) return null;
  return (
    <Text component="span" size="sm" c="dimmed">
      {words.before} <Moment at={seenAt} />
    </Text>
  );
}
