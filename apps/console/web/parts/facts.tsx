import { Table } from '@mantine/core';
import type { ReactNode } from 'react';

/** Its name, and what it is; undefined where there is nothing to say. */
export type Fact = readonly [name: string, value: ReactNode];

/** What is so, a line each. */
export function Facts({ facts }: { facts: readonly Fact[] }): ReactNode {
  const known = facts.filter(([, value]) => value !== undefined);
  if (known.length === 0) return null;
  return (
    <Table variant="vertical" withTableBorder layout="fixed" maw={720}>
      <Table.Tbody>
        {known.map(([name, value]) => (
          <Table.Tr key={name}>
            <Table.Th scope="row" w="34%">
              {name}
            </Table.Th>
            <Table.Td style={{ overflowWrap: 'anywhere' }}>{value}</Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}
