import { Anchor, Badge, Group, Paper, Stack, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { Link } from 'wouter';
import type { Answer } from '../../api/operations.ts';
import { useAsk } from '../../api/queries.ts';
import { Asked } from '../../parts/asked.tsx';
import { Section } from '../../parts/page.tsx';
import { texts } from '../../texts/index.ts';

const words = texts.agreements.changes;
type Change = Answer<'agreementDifferences'>['changes'][number];
const colours = { added: 'green', removed: 'red', changed: 'blue' } as const;

/** What this version changes of the one before, section by section, line by line. */
export function Changes({ hash }: { hash: string }): ReactNode {
  const asked = useAsk('agreementDifferences', { params: { hash } });
  return (
    <Asked query={asked}>
      {({ before, changes }) =>
        before === null ? (
          <Text>{words.unknown}</Text>
        ) : (
          <Stack gap="xl">
            <Anchor component={Link} href={`/agreements/${before}`}>
              {words.before}
            </Anchor>
            {changes.length === 0 ? <Text>{words.nothing}</Text> : null}
            {[...Map.groupBy(changes, ({ section }) => section)].map(([section, own]) => (
              <Section key={section} title={section}>
                {own.map((change) => (
                  <One key={change.what} change={change} />
                ))}
              </Section>
            ))}
          </Stack>
        )
      }
    </Asked>
  );
}

function One({ change: { kind, what, lines } }: { change: Change }): ReactNode {
  return (
    <Paper withBorder p="md" maw={860}>
      <Group gap="xs">
        <Badge variant="outline" color={colours[kind]} c="var(--mantine-color-text)" tt="none" fw={550}>
          {words.kinds[kind]}
        </Badge>
        <Text fw={600}>{what}</Text>
      </Group>
      {lines.map((line, i) => (
        <Text key={`${i} ${line}`} size="sm" mt={4} pl={line.startsWith(' ') ? 'md' : 0}>
          {line.trim()}
        </Text>
      ))}
    </Paper>
  );
}
