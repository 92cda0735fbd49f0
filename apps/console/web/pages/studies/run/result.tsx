import { Anchor, Badge, List, Stack, Table, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { Link } from 'wouter';
import type { Answer } from '../../../api/operations.ts';
import { Hash } from '../../../parts/hash.tsx';
import { Section } from '../../../parts/page.tsx';
import { texts } from '../../../texts/index.ts';
import { Outline } from '../explain/index.tsx';
import { Plots } from '../plots/index.tsx';
import { Written } from '../written.tsx';
import { Numbers } from './numbers.tsx';

const words = texts.studies.result;
export type Report = Answer<'getStudyReport'>;

/** What came of a run: in a sentence, as plots, as tables; what opened, and how to verify it. */
export function Result({ report, name }: { report: Report; name: string }): ReactNode {
  const { parts, notes, minPatients } = report;
  return (
    <Stack gap="xl">
      <Text fz="lg" maw={760}>
        {report.summary}
      </Text>
      <Plots plots={report.plots} name={name} />
      {parts.map(({ by, tables, fit }) => (
        <Section key={by ?? ''} title={by ?? words.numbers}>
          {tables.map((table) => (
            <Numbers key={table.caption} table={table} minPatients={minPatients} />
          ))}
          {fit === null ? null : (
            <Text size="sm" c="dimmed">
              {fit}
            </Text>
          )}
        </Section>
      ))}
      {notes.length === 0 ? null : (
        <Section title={words.notes}>
          <List size="sm">
            {notes.map((note) => (
              <List.Item key={note}>{note}</List.Item>
            ))}
          </List>
        </Section>
      )}
      <Section title={words.learned}>
        <Learned report={report} />
      </Section>
      <Section title={words.opened}>
        <Outline said={report.opened} />
      </Section>
      <Section title={words.question}>
        <Written text={report.sql} />
        {report.method === null ? null : <Text size="sm">{report.method}</Text>}
      </Section>
      <Section title={words.verify}>
        <Text size="sm" maw={720}>
          {words.verifyWhat}{' '}
          <Anchor component={Link} href="/log" underline="always">
            {words.toLog}
          </Anchor>
        </Text>
        <Table maw={720}>
          <Table.Tbody>
            {report.proofs.map((proof) => (
              <Table.Tr key={proof.name}>
                <Table.Th scope="row" fw={500}>
                  {proof.name}
                </Table.Th>
                <Table.Td>
                  {proof.value.length > 30 ? <Hash value={proof.value} what={proof.name} /> : proof.value}
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Section>
    </Stack>
  );
}

function Learned({ report }: { report: Report }): ReactNode {
  return (
    <Table.ScrollContainer minWidth={500}>
      <Table>
        <Table.Thead>
          <Table.Tr>
            <Table.Th scope="col">{words.house}</Table.Th>
            <Table.Th scope="col">{words.holds}</Table.Th>
            <Table.Th scope="col">{words.learnedColumn}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {report.parties.map(({ id, name, holds, receives, learned }) => (
            <Table.Tr key={id}>
              <Table.Th scope="row" fw={500}>
                {name}
              </Table.Th>
              <Table.Td>{holds.length === 0 ? texts.common.none : holds.join('; ')}</Table.Td>
              <Table.Td>
                <Badge variant="default" tt="none" fw={500} mr="xs">
                  {receives ? words.learnedResult : words.learnedNot}
                </Badge>
                {learned.join('; ')}
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}
