import { Button, Group, Stack, Table, Text } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import type { Answer } from '../../api/operations.ts';
import { Problem } from '../../api/problem.ts';
import { useAsk, useDo } from '../../api/queries.ts';
import { useSession } from '../../api/session.tsx';
import { Asked } from '../../parts/asked.tsx';
import { LogLink } from '../../parts/log-link.tsx';
import { Page, Section } from '../../parts/page.tsx';
import { ProblemNote } from '../../parts/problem.tsx';
import { Release } from '../../parts/release.tsx';
import { State } from '../../parts/state.tsx';
import { texts } from '../../texts/index.ts';
import { Begun } from './begun.tsx';
import { Scores } from './scores.tsx';

const words = texts.outsourced.runs;
type Released = NonNullable<Answer<'getSealedResult'>['released']>;

/** One run, and what it released. */
export function Result({ run }: { run: number }): ReactNode {
  const { may } = useSession();
  const asked = useAsk('getSealedRun', { params: { run } });
  return (
    <Page title={`${words.columns.run} ${run}`}>
      <Asked query={asked}>
        {(found) => (
          <Stack gap="lg">
            <Group>
              <State state={found.state} />
              {found.logIndex === null ? null : (
                <LogLink index={found.logIndex} label={`${words.log} ${found.logIndex}`} />
              )}
            </Group>
            {found.error === null ? null : <ProblemNote error={new Problem(found.error, found.error)} />}
            {found.state === 'stopped' && may('seal.run') ? <Resume run={run} /> : null}
            {found.state === 'done' ? <Outcome run={run} agreement={found.agreement} /> : null}
          </Stack>
        )}
      </Asked>
    </Page>
  );
}

/** Scores, or cells. */
function Outcome({ run, agreement }: { run: number; agreement: string }): ReactNode {
  const { may } = useSession();
  const asked = useAsk('getSealedScored', { params: { run } });
  return (
    <Asked query={asked}>
      {({ scored }) => {
        if (scored !== null) return <Scores run={run} scored={scored} />;
        return may('seal.result') ? <Cells run={run} agreement={agreement} /> : null;
      }}
    </Asked>
  );
}

function Resume({ run }: { run: number }): ReactNode {
  const [job, setJob] = useState<number>();
  const resume = useDo('resumeSealedRun', (begun) => setJob(begun.job));
  return (
    <Stack align="flex-start">
      <ProblemNote error={resume.error} />
      {job === undefined ? null : <Begun job={job} />}
      <Button onClick={() => resume.mutate({ params: { run } })}>{words.resume}</Button>
    </Stack>
  );
}

function Cells({ run, agreement }: { run: number; agreement: string }): ReactNode {
  const result = useAsk('getSealedResult', { params: { run } });
  return (
    <Section title={words.result}>
      <Release kind="sealed" run={run} agreement={agreement} />
      {result.error?.code === 'unapproved' ? null : (
        <Asked query={result}>
          {({ released }) => (released === null ? <Text>{words.noResult}</Text> : <Shown released={released} />)}
        </Asked>
      )}
    </Section>
  );
}

function Shown({ released }: { released: Released }): ReactNode {
  const { columns, cells, recomputed, seconds } = released;
  const keys = cells[0]?.keys.length ?? 0;
  return (
    <Stack>
      <Table.ScrollContainer minWidth={360}>
        <Table>
          <Table.Thead>
            <Table.Tr>
              {columns.map((column, at) => (
                <Table.Th key={column} scope="col" className={at < keys ? '' : 'number'}>
                  {column}
                </Table.Th>
              ))}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {cells.map((cell) => (
              <Table.Tr key={cell.keys.join('\u0000')}>
                {cell.keys.map((value, at) => (
                  <Table.Td key={columns[at]}>{value}</Table.Td>
                ))}
                {cell.values.map((value, at) => (
                  <Table.Td key={columns[keys + at]} className="number">
                    {cell.suppressed[at] ? (
                      <Text size="sm" c="dimmed">
                        {words.suppressed}
                      </Text>
                    ) : (
                      value
                    )}
                  </Table.Td>
                ))}
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
      <Text size="sm">{words.recomputed[recomputed]}</Text>
      <Text size="sm" c="dimmed">
        {words.seconds(seconds.evaluate, seconds.open)}
      </Text>
    </Stack>
  );
}
