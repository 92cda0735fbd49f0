import { Text } from '@mantine/core';
import type { ReactNode } from 'react';
import type { Answer } from '../../api/operations.ts';
import { useAll, useAsk } from '../../api/queries.ts';
import { Rows } from '../../parts/rows.tsx';
import { texts } from '../../texts/index.ts';
import { usesOf } from './uses.ts';

const words = texts.data;
type Found = Answer<'getDataset'>;
type Column = Found['columns'][number];

/** Type, range and gaps of each column, and what agreements allow with it. */
export function Columns({ dataset }: { dataset: Found }): ReactNode {
  const agreements = useAll('listAgreements', {});
  const status = useAsk('getStatus', {});
  const uses = usesOf(dataset, agreements.data?.items ?? [], status.data?.id ?? '');
  return (
    <Rows
      rows={dataset.columns}
      keyOf={({ name }) => name}
      minWidth={640}
      columns={[
        { title: words.column, cell: ({ name }) => name },
        { title: words.type, cell: ({ type }) => words.types[type] },
        { title: words.range, cell: rangeOf },
        { title: words.missing, number: true, cell: ({ nulls }) => nulls.toLocaleString('en') },
        { title: words.use, cell: ({ name }) => <Uses of={uses.get(name)} /> },
      ]}
    />
  );
}

function Uses({ of = [] }: { of: readonly string[] | undefined }): ReactNode {
  if (of.length === 0) {
    return (
      <Text size="sm" c="dimmed">
        {words.unused}
      </Text>
    );
  }
  return of.map((use) => (
    <Text key={use} size="sm">
      {use}
    </Text>
  ));
}

function rangeOf({ type, min, max, scale, maxLength }: Column): string {
  if (type === 'text') return maxLength === undefined ? '' : words.longest(maxLength);
  if (min === undefined || max === undefined) return '';
  const range = words.fromTo(min, max);
  return scale === undefined || scale === 0 ? range : `${range}, ${words.decimals(scale)}`;
}
