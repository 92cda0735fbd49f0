import { Card, Group, Stack, Table, Text, Title } from '@mantine/core';
import type { ReactNode } from 'react';
import type { Answer } from '../../api/operations.ts';
import { Asked, type Query } from '../../parts/asked.tsx';
import { Rows } from '../../parts/rows.tsx';
import { texts } from '../../texts/index.ts';

const words = texts.market.catalogue;
export type Offer = Answer<'listOffers'>['items'][number];
type Column = Offer['offer']['columns'][string];

/** Entries of a catalogue. @param none said where there is none @param actions what can be done with one */
export function Offers({
  query,
  none,
  actions,
}: {
  query: Query<{ readonly items: readonly Offer[] }>;
  none: string;
  actions: (offer: Offer) => ReactNode;
}): ReactNode {
  return (
    <Asked query={query}>
      {({ items }) =>
        items.length === 0 ? (
          <Text>{none}</Text>
        ) : (
          items.map((offer) => <OfferCard key={offer.offer.name} offer={offer} actions={actions(offer)} />)
        )
      }
    </Asked>
  );
}

function OfferCard({ offer: { offer, sample }, actions }: { offer: Offer; actions?: ReactNode }): ReactNode {
  const purposes = offer.purposes.map((code) => texts.purposes[code] ?? code).join(', ');
  return (
    <Card withBorder padding="lg">
      <Stack>
        <Group justify="space-between" align="flex-start">
          <div>
            <Title order={2} fz={18}>
              {offer.title}
            </Title>
            <Text size="sm" c="dimmed">
              {offer.name} · {words.rows(offer.rows.from, offer.rows.to)}
            </Text>
          </div>
          {actions}
        </Group>
        <Text>{offer.description}</Text>
        <Text size="sm">{words.terms(offer.minPatients, purposes)}</Text>
        <Columns columns={offer.columns} />
        <Sample rows={sample} />
      </Stack>
    </Card>
  );
}

function Columns({ columns }: { columns: Readonly<Record<string, Column>> }): ReactNode {
  const heads = words.columns;
  return (
    <Rows
      rows={Object.entries(columns)}
      keyOf={([name]) => name}
      columns={[
        { title: heads.name, cell: ([name]) => name },
        { title: heads.type, cell: ([, { type }]) => texts.data.types[type] },
        { title: heads.policy, cell: ([, { policy }]) => words.policies[policy] },
        { title: heads.range, cell: ([, column]) => rangeOf(column) },
      ]}
    />
  );
}

function rangeOf(column: Column): string {
  if (column.type === 'number' || column.type === 'date') return texts.data.fromTo(column.min, column.max);
  return column.type === 'text' && Array.isArray(column.values) ? column.values.join(', ') : '';
}

function Sample({ rows }: { rows: Offer['sample'] }): ReactNode {
  const names = Object.keys(rows[0] ?? {});
  if (names.length === 0) return null;
  return (
    <div>
      <Text size="sm" fw={600}>
        {words.sample}
      </Text>
      <Text size="xs" c="dimmed">
        {words.sampleLead}
      </Text>
      <Table.ScrollContainer minWidth={320}>
        <Table fz="xs">
          <Table.Thead>
            <Table.Tr>
              {names.map((name) => (
                <Table.Th key={name} scope="col">
                  {name}
                </Table.Th>
              ))}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {rows.slice(0, 3).map((row) => (
              <Table.Tr key={JSON.stringify(row)}>
                {names.map((name) => (
                  <Table.Td key={name}>{row[name]}</Table.Td>
                ))}
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
    </div>
  );
}
