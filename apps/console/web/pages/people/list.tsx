import { Button } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { Link } from 'wouter';
import { useAll } from '../../api/queries.ts';
import { useSession } from '../../api/session.tsx';
import { Asked } from '../../parts/asked.tsx';
import { Page } from '../../parts/page.tsx';
import { Rows } from '../../parts/rows.tsx';
import { texts } from '../../texts/index.ts';

const words = texts.people;

/** All users, with what each may do. */
export function Everybody(): ReactNode {
  const { may } = useSession();
  const users = useAll('listUsers', {});
  const add = may('user.add') ? (
    <Button component={Link} href="/people/add" leftSection={<IconPlus size={16} />}>
      {words.add}
    </Button>
  ) : undefined;
  const { columns } = words;
  return (
    <Page title={words.title} lead={words.lead} actions={add}>
      <Asked query={users}>
        {({ items }) => (
          <Rows
            rows={items}
            keyOf={({ id }) => id}
            to={({ id }) => `/people/${id}`}
            faint={({ disabled }) => disabled}
            columns={[
              { title: columns.name, cell: ({ name }) => name },
              { title: columns.id, cell: ({ id }) => id },
              {
                title: columns.roles,
                cell: ({ roles }) => roles.map((role) => texts.shell.roles[role] ?? role).join(', '),
              },
              { title: columns.source, cell: ({ source }) => words.sources[source] },
              { title: columns.state, cell: ({ disabled }) => (disabled ? words.disabled : words.active) },
            ]}
          />
        )}
      </Asked>
    </Page>
  );
}
