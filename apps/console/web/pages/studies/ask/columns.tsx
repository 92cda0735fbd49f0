import { Stack, Table, Text, UnstyledButton } from '@mantine/core';
import type { ReactNode } from 'react';
import { texts } from '../../../texts/index.ts';
import type { Column, Terms } from '../agreed.ts';
import { Written } from '../written.tsx';

const words = texts.studies.editor;

/** Tables and columns that a question may use: type, range, and in what. @param insert puts a name into the question */
export function Columns(props: {
  tables: Terms['tables'];
  joins: Terms['joins'];
  nameOf: (id: string) => string;
  insert: (column: string) => void;
}): ReactNode {
  const { tables, joins, nameOf, insert } = props;
  const open = joins.filter(({ hub, spoke }) => hub in tables && spoke in tables);
  return (
    <Stack>
      {Object.entries(tables).map(([table, { holders, columns }]) => (
        <Table key={table} verticalSpacing={6} withTableBorder captionSide="top">
          <Table.Caption mt={0} mb="xs" ta="start">
            <b>{table}</b> {words.heldBy(holders.map(({ party }) => nameOf(party)).join(', '))}
          </Table.Caption>
          <Table.Thead>
            <Table.Tr>
              <Table.Th scope="col">{words.column}</Table.Th>
              <Table.Th scope="col">{words.columnType}</Table.Th>
              <Table.Th scope="col">{words.columnUse}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {Object.entries(columns)
              .filter(([, { policy }]) => policy !== 'hidden')
              .map(([name, column]) => (
                <Table.Tr key={name}>
                  <Table.Th scope="row" fw={500}>
                    <UnstyledButton
                      ff="monospace"
                      fz="sm"
                      aria-label={words.insert(`${table}.${name}`)}
                      onClick={() => insert(`${table}.${name}`)}
                    >
                      {name}
                    </UnstyledButton>
                  </Table.Th>
                  <Table.Td>{typeOf(column)}</Table.Td>
                  <Table.Td>{words.policies[column.policy]}</Table.Td>
                </Table.Tr>
              ))}
          </Table.Tbody>
        </Table>
      ))}
      {open.length === 0 ? null : (
        <Stack gap={4}>
          <Text size="sm">{words.joins}</Text>
          {open.map((join) => (
            <Written key={`${join.hub}-${join.spoke}`} text={joinOf(join)} />
          ))}
        </Stack>
      )}
    </Stack>
  );
}

/** Type and range of a column, in words. */
export function typeOf(column: Column): string {
  switch (column.type) {
    case 'number':
      return words.numberRange(column.min, column.max);
    case 'date':
      return words.dateRange(column.min, column.max);
    case 'boolean':
      return words.boolean;
    case 'text':
      return column.values === undefined ? words.text : words.oneOf(column.values.map(String));
  }
}

function joinOf(join: Terms['joins'][number]): string {
  const { hub, spoke } = join;
  if (!('on' in join)) return words.joinAgreed(hub, spoke);
  return words.joinOn(hub, spoke, join.on.map(([left, right]) => `${hub}.${left} = ${spoke}.${right}`).join(' AND '));
}
