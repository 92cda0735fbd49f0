import { Stack, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import type { Answer } from '../../api/operations.ts';
import { useAll } from '../../api/queries.ts';
import { useSession } from '../../api/session.tsx';
import { Asked } from '../../parts/asked.tsx';
import { Rows } from '../../parts/rows.tsx';
import { texts } from '../../texts/index.ts';
import { Ask } from './ask.tsx';

const words = texts.subjects;
type Group = Answer<'listOptOuts'>['items'][number];

/** How many take no part in what; and the form that enters what they ask. */
export function OptOuts(): ReactNode {
  const { may } = useSession();
  const groups = useAll('listOptOuts', {});
  const agreements = useAll('listAgreements', {}, { enabled: may('agreement.list') });
  const titleOf = (hash: string): string =>
    agreements.data?.items.find((agreement) => agreement.hash === hash)?.title ?? hash.slice(0, 8);
  const { columns } = words;
  return (
    <Stack gap="xl">
      <Asked query={groups}>
        {({ items }) => (
          <Rows
            rows={items}
            keyOf={(group) => Object.values(group).join(' ')}
            none={words.none}
            columns={[
              { title: columns.dataset, cell: ({ dataset }) => dataset },
              { title: columns.column, cell: ({ column }) => column },
              { title: columns.people, number: true, cell: ({ people }) => people.toLocaleString('en') },
              { title: columns.of, cell: (group) => scopeOf(group, titleOf) },
            ]}
          />
        )}
      </Asked>
      <Text size="sm" c="dimmed">
        {words.neverWho}
      </Text>
      {may('subject.opt-out') ? <Ask /> : null}
    </Stack>
  );
}

function scopeOf({ agreement, purpose, from, erased }: Group, titleOf: (hash: string) => string): string {
  if (erased) return words.erased;
  const of = [
    ...(agreement === null ? [] : [words.ofAgreement(titleOf(agreement))]),
    ...(purpose === null ? [] : [words.ofPurpose(texts.purposes[purpose] ?? purpose)]),
  ];
  return [of.length === 0 ? words.everything : of.join(', '), ...(from === null ? [] : [words.from(from)])].join(', ');
}
