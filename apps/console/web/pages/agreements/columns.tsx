import { Stack, Table, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { Section } from '../../parts/page.tsx';
import { texts } from '../../texts/index.ts';
import { nameOf, type Terms } from './of.ts';

const words = texts.agreements.table;

interface Row {
  readonly name: string;
  readonly type: string;
  readonly range: string;
  readonly use: string;
}

/** Each table with its columns, what may stand in them, and what they may be used for. */
export function Columns({ agreement }: { agreement: Terms }): ReactNode {
  const tables = [...linked(agreement), ...studied(agreement)];
  return (
    <Stack gap="xl">
      <Text>{words.other}</Text>
      {tables.map(({ title, rows }) => (
        <Section key={title} title={title}>
          <Rows rows={rows} />
        </Section>
      ))}
    </Stack>
  );
}

function linked(agreement: Terms): { title: string; rows: Row[] }[] {
  return Object.values(agreement.tables ?? {}).map(({ party, dataset, key, columns }) => ({
    title: words.of(nameOf(agreement, party), dataset),
    rows: Object.entries(columns).map(([name, column]) => ({
      name,
      type: texts.data.types[column.type]!,
      range: rangeOf(column),
      use: name === key && !agreement.link!.rule.includes(name) ? words.key : words.compared,
    })),
  }));
}

function studied(agreement: Terms): { title: string; rows: Row[] }[] {
  return Object.entries(agreement.studies?.tables ?? {}).map(([alias, { holders, patient, columns }]) => ({
    title: holders.map(({ party, dataset }) => `${alias}: ${words.of(nameOf(agreement, party), dataset)}`).join(', '),
    rows: Object.entries(columns).map(([name, column]) => ({
      name,
      type: texts.data.types[column.type]!,
      range: rangeOf(column),
      use: [
        texts.market.catalogue.policies[column.policy] ?? column.policy,
        ...(name === patient ? [words.patient] : []),
        ...(column.towards === undefined
          ? []
          : [words.towards(column.towards.map((id) => nameOf(agreement, id)).join(', '))]),
      ].join('; '),
    })),
  }));
}

function rangeOf(column: {
  readonly type: string;
  readonly min?: string;
  readonly max?: string;
  readonly values?: readonly string[];
  readonly maxLength?: number;
}): string {
  const { min, max, values, maxLength } = column;
  if (min !== undefined && max !== undefined) return words.fromTo(min, max);
  if (values !== undefined) return words.oneOf(values.join(', '));
  return maxLength === undefined ? '' : words.upTo(maxLength);
}

function Rows({ rows }: { rows: readonly Row[] }): ReactNode {
  return (
    <Table.ScrollContainer minWidth={560}>
      <Table layout="fixed" verticalSpacing="sm">
        <Table.Thead>
          <Table.Tr>
            <Table.Th scope="col">{words.column}</Table.Th>
            <Table.Th scope="col">{words.type}</Table.Th>
            <Table.Th scope="col">{words.range}</Table.Th>
            <Table.Th scope="col" w="38%">
              {words.use}
            </Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {rows.map(({ name, type, range, use }) => (
            <Table.Tr key={name}>
              <Table.Th scope="row" fw={600}>
                {name}
              </Table.Th>
              <Table.Td>{type}</Table.Td>
              <Table.Td>{range}</Table.Td>
              <Table.Td>{use}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}
