import { Button, Paper, Text } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { Link } from 'wouter';
import type { Answer } from '../../api/operations.ts';
import { useAll } from '../../api/queries.ts';
import { useSession } from '../../api/session.tsx';
import { Asked } from '../../parts/asked.tsx';
import { Moment } from '../../parts/moment.tsx';
import { Page } from '../../parts/page.tsx';
import { Rows } from '../../parts/rows.tsx';
import { texts } from '../../texts/index.ts';

const words = texts.data;

/** All data sets, with what is wrong in them. */
export function Datasets(): ReactNode {
  const { may } = useSession();
  const datasets = useAll('listDatasets', {});
  const add = may('dataset.add') ? (
    <Button component={Link} href="/data/add" leftSection={<IconPlus size={16} />}>
      {words.add}
    </Button>
  ) : undefined;
  return (
    <Page title={words.title} lead={words.lead} actions={add}>
      <Asked query={datasets}>
        {({ items }) =>
          items.length === 0 ? (
            <Paper withBorder p="xl">
              <Text>{may('dataset.add') ? words.empty : words.emptyFor}</Text>
            </Paper>
          ) : (
            <List items={items} />
          )
        }
      </Asked>
    </Page>
  );
}

function List({ items }: { items: Answer<'listDatasets'>['items'] }): ReactNode {
  const { columns } = words;
  return (
    <Rows
      rows={items}
      keyOf={({ name }) => name}
      to={({ name }) => `/data/${name}`}
      columns={[
        { title: columns.name, cell: ({ name }) => name },
        { title: columns.rows, number: true, cell: ({ rows }) => rows.toLocaleString('en') },
        { title: columns.columns, number: true, cell: (dataset) => dataset.columns.length },
        {
          title: columns.problems,
          number: true,
          cell: ({ problemCount }) => (problemCount === 0 ? words.noProblems : problemCount.toLocaleString('en')),
        },
        { title: columns.added, cell: ({ addedAt }) => <Moment at={addedAt} /> },
      ]}
    />
  );
}
