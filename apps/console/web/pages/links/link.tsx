import { Anchor, Button, Code, List, Stack, Table, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { Link } from 'wouter';
import type { Answer } from '../../api/operations.ts';
import { useAsk, useDo } from '../../api/queries.ts';
import { useSession } from '../../api/session.tsx';
import { Asked } from '../../parts/asked.tsx';
import { Try } from '../../parts/live.tsx';
import { useNewestJob } from '../../parts/newest-job.ts';
import { Page, Section } from '../../parts/page.tsx';
import { ProblemNote } from '../../parts/problem.tsx';
import { usePurpose } from '../../parts/purpose.tsx';
import { sizeOf } from '../../parts/size.ts';
import { texts } from '../../texts/index.ts';
import { Runs } from './runs.tsx';

const words = texts.links;
type Agreement = Answer<'getAgreement'>;

/** One link: what it would do, the run, what came of it. */
export function OneLink({ hash }: { hash: string }): ReactNode {
  const agreement = useAsk('getAgreement', { params: { hash } });
  return (
    <Page title={agreement.data?.title ?? words.title}>
      <Asked query={agreement}>
        {(found) => (
          <Stack gap="xl">
            <Run agreement={found} />
            <Before hash={found.hash} />
            <Section title={words.runs}>
              <Runs titles={new Map([[found.hash, found.title]])} of={found.hash} />
            </Section>
          </Stack>
        )}
      </Asked>
    </Page>
  );
}

function Run({ agreement: { hash, state, runsLeft, agreement } }: { agreement: Agreement }): ReactNode {
  const { may } = useSession();
  const job = useNewestJob(hash, null);
  const run = useDo('runLink');
  const [purpose, choice] = usePurpose(agreement.purpose?.uses);
  const left = state === 'active' ? runsLeft : 0;
  const start = (): void => run.mutate({ body: { agreement: hash, ...purpose } });
  return (
    <Section title={words.run.title}>
      <Text>{left === 0 ? words.run.leftNone : words.run.left(left)}</Text>
      <Try job={job} />
      {job?.state === 'running' || left === 0 ? null : may('link.run') ? (
        <Stack align="flex-start" gap="sm">
          {choice}
          <Button loading={run.isPending} onClick={start}>
            {words.run.start}
          </Button>
        </Stack>
      ) : (
        <Text size="sm">{words.run.who}</Text>
      )}
      <ProblemNote error={run.error} />
    </Section>
  );
}

function Before({ hash }: { hash: string }): ReactNode {
  const { may } = useSession();
  const explanation = useAsk('explainLink', { params: { hash } }, { enabled: may('link.explain') });
  return (
    <Section title={words.before.title}>
      <Asked query={explanation}>{(found) => <Explained explanation={found} />}</Asked>
      <Anchor component={Link} href={`/agreements/${hash}`} size="sm">
        {texts.market.licence.agreement}
      </Anchor>
    </Section>
  );
}

function Explained({ explanation }: { explanation: Answer<'explainLink'> }): ReactNode {
  const { learns, rule, pairs, atMost, way, why, remarks } = explanation;
  const { before } = words;
  return (
    <Stack maw={860}>
      <Text fw={600}>{before.learns}</Text>
      <Table variant="vertical" layout="fixed">
        <Table.Tbody>
          {learns.map(({ who, what }) => (
            <Table.Tr key={`${who} ${what}`}>
              <Table.Th scope="row" w={200}>
                {who}
              </Table.Th>
              <Table.Td>{what}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
      <Text fw={600}>{before.rule}</Text>
      <Code block style={{ whiteSpace: 'pre-wrap' }}>
        {rule.join('\n')}
      </Code>
      <Text fw={600}>{before.cost}</Text>
      <List size="sm">
        <List.Item>{before.pairs(pairs)}</List.Item>
        <List.Item>{before.takes(way.seconds, way.rounds)}</List.Item>
        <List.Item>{before.sends(sizeOf(way.bytes.a), sizeOf(way.bytes.b))}</List.Item>
        {atMost.length === 0 ? null : <List.Item>{before.atMost}</List.Item>}
        <List.Item>{before.why(why)}</List.Item>
        {remarks.map((remark) => (
          <List.Item key={remark}>{remark}</List.Item>
        ))}
      </List>
    </Stack>
  );
}
