import { Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { useList } from '../../api/queries.ts';
import { LogLink } from '../../parts/log-link.tsx';
import { More } from '../../parts/more.tsx';
import { useNames } from '../../parts/names.ts';
import { Section } from '../../parts/page.tsx';
import { Rows } from '../../parts/rows.tsx';
import { texts } from '../../texts/index.ts';
import { Month } from './month.tsx';

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
