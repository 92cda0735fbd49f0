import { Badge, Button, Code, Group, Paper, SimpleGrid, Stack, Table, Text, TextInput, Title } from '@mantine/core';
import { type FormEvent, type ReactNode, useState } from 'react';
import type { Answer } from '../../api/operations.ts';
import { useAsk, useDo } from '../../api/queries.ts';
import { Asked } from '../../parts/asked.tsx';
import { Section } from '../../parts/page.tsx';
import { ProblemNote } from '../../parts/problem.tsx';
import { texts } from '../../texts/index.ts';
import { type Info, nameOf } from './of.ts';

const words = texts.agreements.rule;
type Tried = Answer<'tryRule'>['pairs'][number];

/** The rule in words, and what it says of a pair that somebody makes up. */
export function Rule({ info: { hash, agreement } }: { info: Info }): ReactNode {
  const explanation = useAsk('explainLink', { params: { hash } });
  return (
    <Stack gap="xl">
      <Section title={words.title}>
        <Code block>{agreement.link!.rule}</Code>
        <Asked query={explanation}>
          {({ rule }) => (
            <Stack gap={4} maw={860}>
              {rule.slice(1).map((line) => (
                <Text key={line} size="sm" pl={line.startsWith(' ') ? 'md' : 0}>
                  {line.trim()}
                </Text>
              ))}
            </Stack>
          )}
        </Asked>
      </Section>
      <Try hash={hash} agreement={agreement} />
    </Stack>
  );
}

function Try({ hash, agreement }: Pick<Info, 'hash' | 'agreement'>): ReactNode {
  const [values, setValues] = useState<Readonly<Record<'a' | 'b', Readonly<Record<string, string>>>>>({ a: {}, b: {} });
  const [tried, setTried] = useState<Tried>();
  const attempt = useDo('tryRule', ({ pairs }) => setTried(pairs[0]));
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    const record = (side: 'a' | 'b') =>
      Object.fromEntries(
        Object.keys(agreement.tables![side].columns).map((name) => [name, values[side][name]?.trim() || null]),
      );
    attempt.mutate({ params: { hash }, body: { pairs: [{ a: record('a'), b: record('b') }] } });
  };
  return (
    <Section title={words.tryTitle}>
      <Text size="sm" c="dimmed" maw={720}>
        {words.tryLead}
      </Text>
      <form onSubmit={submit}>
        <Stack>
          <SimpleGrid cols={{ base: 1, sm: 2 }} maw={860}>
            {(['a', 'b'] as const).map((side) => (
              <Paper withBorder p="md" key={side}>
                <Stack gap="xs">
                  <Title order={3} fz="sm">
                    {words.a(nameOf(agreement, agreement.tables![side].party))}
                  </Title>
                  {Object.keys(agreement.tables![side].columns).map((name) => (
                    <TextInput
                      key={name}
                      label={`${side}.${name}`}
                      value={values[side][name] ?? ''}
                      onChange={({ currentTarget: { value } }) =>
                        setValues((all) => ({ ...all, [side]: { ...all[side], [name]: value } }))
                      }
                    />
                  ))}
                </Stack>
              </Paper>
            ))}
          </SimpleGrid>
          <Group>
            <Button type="submit" variant="default" loading={attempt.isPending}>
              {words.try}
            </Button>
          </Group>
          <ProblemNote error={attempt.error} />
          {tried === undefined ? null : <Verdict tried={tried} />}
        </Stack>
      </form>
    </Section>
  );
}

function Verdict({ tried: { verdict, comparisons, blocking } }: { tried: Tried }): ReactNode {
  const said = (holds: boolean | null): string =>
    holds === null ? words.unknown : holds ? texts.common.yes : texts.common.no;
  const lines = [
    ...comparisons.map(({ text, holds }) => [text, said(holds)] as const),
    ...blocking.map(({ text, agrees }) => [words.together(text), said(agrees)] as const),
  ];
  return (
    <Stack gap="xs" maw={860} role="status">
      <Badge variant="outline" color={verdict ? 'green' : 'gray'} c="var(--mantine-color-text)" tt="none" size="lg">
        {verdict ? words.match : words.noMatch}
      </Badge>
      <Table layout="fixed">
        <Table.Thead>
          <Table.Tr>
            <Table.Th scope="col">{words.comparison}</Table.Th>
            <Table.Th scope="col" w={180}>
              {words.holds}
            </Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {lines.map(([text, holds]) => (
            <Table.Tr key={text}>
              <Table.Td>{text}</Table.Td>
              <Table.Td>{holds}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Stack>
  );
}
