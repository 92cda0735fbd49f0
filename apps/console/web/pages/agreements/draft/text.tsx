import { Button, Group, Stack, Table, Text } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { useLocation } from 'wouter';
import type { Answer } from '../../../api/operations.ts';
import { useDo } from '../../../api/queries.ts';
import { CodeArea } from '../../../parts/code-area.tsx';
import { Page } from '../../../parts/page.tsx';
import { ProblemNote } from '../../../parts/problem.tsx';
import { texts } from '../../../texts/index.ts';

const words = texts.agreements.draft;
type Problems = Answer<'checkAgreementText'>['problems'];

/** An agreement as a text, with what is wrong in it by line. */
export function WriteText(): ReactNode {
  const [, go] = useLocation();
  const [source, setSource] = useState('');
  const check = useDo('checkAgreementText');
  const keep = useDo('draftAgreementText', ({ hash }) => go(`/agreements/${hash}`));
  const body = { source, format: 'yaml' as const };
  const empty = source.trim() === '';
  const change = (text: string): void => {
    setSource(text);
    check.reset();
    keep.reset();
  };
  return (
    <Page title={words.textTitle} lead={words.lead}>
      <Stack maw={900}>
        <CodeArea
          label={words.text.source}
          description={words.text.hint}
          minRows={14}
          maxRows={40}
          value={source}
          onChange={(event) => change(event.currentTarget.value)}
        />
        <Group>
          <Button variant="default" disabled={empty} loading={check.isPending} onClick={() => check.mutate({ body })}>
            {words.text.check}
          </Button>
          <Button disabled={empty} loading={keep.isPending} onClick={() => keep.mutate({ body })}>
            {words.keep}
          </Button>
        </Group>
        <ProblemNote error={keep.error ?? check.error} />
        {check.data === undefined ? null : <Problems problems={check.data.problems} />}
      </Stack>
    </Page>
  );
}

function Problems({ problems }: { problems: Problems }): ReactNode {
  if (problems.length === 0) return <Text role="status">{words.text.fine}</Text>;
  return (
    <Table.ScrollContainer minWidth={560}>
      <Table>
        <Table.Thead>
          <Table.Tr>
            <Table.Th scope="col" className="number">
              {words.text.line}
            </Table.Th>
            <Table.Th scope="col">{words.text.field}</Table.Th>
            <Table.Th scope="col">{words.text.problem}</Table.Th>
            <Table.Th scope="col">{words.text.todo}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {problems.map(({ line, column, field, rule, hint }) => (
            <Table.Tr key={`${line} ${column} ${field} ${rule}`}>
              <Table.Td className="number">{line}</Table.Td>
              <Table.Td>{field === '' ? words.text.whole : field}</Table.Td>
              <Table.Td>{rule}</Table.Td>
              <Table.Td>{hint}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}
