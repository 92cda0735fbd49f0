import { Anchor, Table, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { Link } from 'wouter';

export interface Column<Row> {
  /** Empty over what can be done with a row. */
  readonly title: string;
  /** Numbers stand to the right. */
  readonly number?: true;
  readonly cell: (row: Row) => ReactNode;
}

/** What a page lists, a row each: the first column names it. For thousands of rows there is `DataTable`. */
export function Rows<Row>({
  rows,
  columns,
  keyOf,
  to,
  minWidth = 560,
  none,
  faint,
}: {
  rows: readonly Row[];
  columns: readonly Column<Row>[];
  keyOf: (row: Row) => string | number;
  /** Where the first column leads. */
  to?: (row: Row) => string;
  /** In pixels; on less the table scrolls. */
  minWidth?: number;
  /** What is said where there are no rows. */
  none?: ReactNode;
  /** Rows that count no more. */
  faint?: (row: Row) => boolean;
}): ReactNode {
  if (rows.length === 0 && none !== undefined) return typeof none === 'string' ? <Text>{none}</Text> : none;
  return (
    <Table.ScrollContainer minWidth={minWidth}>
      <Table verticalSpacing="sm" highlightOnHover={to !== undefined}>
        <Table.Thead>
          <Table.Tr>
            {columns.map(({ title, number }) =>
              title === '' ? (
                <Table.Td key={title} />
              ) : (
                <Table.Th key={title} scope="col" className={number && 'number'}>
                  {title}
                </Table.Th>
              ),
            )}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {rows.map((row) => (
            <Table.Tr key={keyOf(row)} opacity={faint?.(row) ? 0.75 : 1}>
              {columns.map(({ title, number, cell }, i) =>
                i === 0 ? (
                  <Table.Th key={title} scope="row" fw={600}>
                    {to === undefined ? (
                      cell(row)
                    ) : (
                      <Anchor component={Link} href={to(row)} fw={600}>
                        {cell(row)}
                      </Anchor>
                    )}
                  </Table.Th>
                ) : (
                  <Table.Td key={title} className={number && 'number'}>
                    {cell(row)}
                  </Table.Td>
                ),
              )}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}
