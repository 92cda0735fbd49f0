import { Badge, Stack, Table, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { useAsk } from '../../api/queries.ts';
import { Asked } from '../../parts/asked.tsx';
import { Section } from '../../parts/page.tsx';
import { texts } from '../../texts/index.ts';

const words = texts.agreements.checks;
const colours = { ok: 'green', warning: 'yellow', fault: 'red' } as const;

/** What this server has checked of an agreement that is not in force yet, its own table among it. */
export function Checks({ hash }: { hash: string }): ReactNode {
  const check = useAsk('checkAgreement', { params: { hash } }, { staleTime: 60_000 });
  return (
    <Section title={words.title}>
      <Asked query={check}>
        {({ findings }) => (
          <Table layout="fixed" maw={860}>
            <Table.Tbody>
              {findings.map(({ check: name, state, text, hint }) => (
                <Table.Tr key={`${name} ${text}`}>
                  <Table.Th scope="row" w={160} fw={500}>
                    <Stack gap={4} align="flex-start">
                      {words.names[name] ?? name}
                      <Badge variant="outline" color={colours[state]} c="var(--mantine-color-text)" tt="none" fw={550}>
                        {words.states[state]}
                      </Badge>
                    </Stack>
                  </Table.Th>
                  <Table.Td>
                    {text}
                    {hint === undefined ? null : (
                      <Text size="sm" c="dimmed">
                        {hint}
                      </Text>
                    )}
                  </Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        )}
      </Asked>
    </Section>
  );
}
