import { Paper, Stack, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import type { Answer } from '../../api/operations.ts';
import { useAll } from '../../api/queries.ts';
import { Asked } from '../../parts/asked.tsx';
import { Page, Section } from '../../parts/page.tsx';
import { Rows } from '../../parts/rows.tsx';
import { texts } from '../../texts/index.ts';
import { Runs } from './runs.tsx';

const words = texts.links;
type Agreements = Answer<'listAgreements'>['items'];

/** What may be linked, and what was. */
export function Links(): ReactNode {
  const agreements = useAll('listAgreements', {});
  return (
    <Page title={words.title} lead={words.lead}>
      <Asked query={agreements}>
        {({ items }) => (
          <Stack gap="xl">
            <InForce agreements={items.filter(({ state, as }) => state === 'active' && as !== null)} />
            <Section title={words.runs}>
              <Runs titles={new Map(items.map(({ hash, title }) => [hash, title]))} />
            </Section>
          </Stack>
        )}
      </Asked>
    </Page>
  );
}

function InForce({ agreements }: { agreements: Agreements }): ReactNode {
  const { columns } = words;
  if (agreements.length === 0) {
    return (
      <Paper withBorder p="xl">
        <Text>{words.none}</Text>
      </Paper>
    );
  }
  return (
    <Rows
      rows={agreements}
      keyOf={({ hash }) => hash}
      to={({ hash }) => `/links/${hash}`}
      minWidth={420}
      columns={[
        { title: columns.agreement, cell: ({ title }) => title },
        { title: columns.partner, cell: ({ agreement, as }) => partnerOf(agreement, as) },
        { title: columns.left, number: true, cell: ({ runsLeft }) => runsLeft.toLocaleString('en') },
      ]}
    />
  );
}

/** Name of whoever holds the other table. */
function partnerOf({ tables, parties }: Agreements[number]['agreement'], as: 'a' | 'b' | null): string {
  const id = as === 'a' ? tables?.b.party : tables?.a.party;
  return parties.find((party) => party.id === id)?.name ?? '';
}
