import { Button, Group, Stack, Text, TextInput } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { useDo, useList } from '../../api/queries.ts';
import { download } from '../../parts/download.ts';
import { LogLink } from '../../parts/log-link.tsx';
import { More } from '../../parts/more.tsx';
import { Section } from '../../parts/page.tsx';
import { ProblemNote } from '../../parts/problem.tsx';
import { Rows } from '../../parts/rows.tsx';
import { texts } from '../../texts/index.ts';
import { useNames } from './names.ts';

const words = texts.market.licence;

/** What was asked under a licence, what a month came to, and its signed statement. @param signed by all */
export function Uses({ hash, signed }: { hash: string; signed: boolean }): ReactNode {
  const nameOf = useNames();
  const { useColumns: columns } = words;
  const uses = useList('listLicenceUses', { query: { licence: hash } });
  return (
    <Section title={words.uses}>
      <Rows
        rows={uses.items}
        keyOf={({ run, sealed }) => `${run} ${sealed}`}
        none={words.noUses}
        columns={[
          {
            title: columns.study,
            cell: ({ study, sealed }) => (
              <>
                {study}
                {sealed === true ? (
                  <Text size="xs" c="dimmed">
                    {words.sealed}
                  </Text>
                ) : null}
              </>
            ),
          },
          { title: columns.by, cell: ({ initiator }) => (initiator === null ? texts.common.none : nameOf(initiator)) },
          { title: columns.purpose, cell: ({ purpose }) => (purpose === null ? '' : texts.purposes[purpose]) },
          { title: columns.at, cell: ({ date }) => date },
          {
            title: columns.log,
            number: true,
            cell: ({ log }) => (log === null ? null : <LogLink index={log.index} />),
          },
        ]}
      />
      <More list={uses} />
      {signed ? <Month hash={hash} /> : null}
    </Section>
  );
}

function Month({ hash }: { hash: string }): ReactNode {
  const [month, setMonth] = useState(new Date().toISOString().slice(0, 7));
  const state = useDo('stateLicence', (file) =>
    download(`statement-${month}.json`, JSON.stringify(file, null, 2), 'application/json'),
  );
  return (
    <Stack gap="xs">
      <Text size="sm">{words.statementLead}</Text>
      <ProblemNote error={state.error} />
      <Group align="flex-end">
        <TextInput
          type="month"
          label={words.month}
          value={month}
          onChange={({ currentTarget }) => setMonth(currentTarget.value)}
        />
        <Button
          variant="default"
          loading={state.isPending}
          disabled={month === ''}
          onClick={() => state.mutate({ params: { hash, month } })}
        >
          {words.statement}
        </Button>
      </Group>
    </Stack>
  );
}
