import { Code, Stack, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { useAll } from '../../api/queries.ts';
import { useSession } from '../../api/session.tsx';
import { Asked } from '../../parts/asked.tsx';
import { Rows } from '../../parts/rows.tsx';
import { texts } from '../../texts/index.ts';
import { AddPartner } from './add-partner.tsx';

const words = texts.settings.partners;

/** The organisations that this one knows. */
export function Partners(): ReactNode {
  const { may } = useSession();
  const partners = useAll('listPartners', {});
  const { columns } = words;
  return (
    <Stack gap="xl">
      <Text>{words.lead}</Text>
      <Asked query={partners}>
        {({ items }) => (
          <Rows
            rows={items}
            keyOf={({ id }) => id}
            none={words.none}
            minWidth={640}
            columns={[
              { title: columns.name, cell: ({ name }) => name },
              { title: columns.role, cell: ({ role }) => words.roles[role] ?? role },
              { title: columns.address, cell: ({ address }) => address },
              { title: columns.fingerprint, cell: ({ fingerprint }) => <Code>{fingerprint}</Code> },
            ]}
          />
        )}
      </Asked>
      {may('partner.add') ? <AddPartner /> : <Text c="dimmed">{words.only}</Text>}
    </Stack>
  );
}
