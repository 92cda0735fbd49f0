import { Button, Card, Code, Group, Stack, Text } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { useLocation } from 'wouter';
import type { Answer } from '../../api/operations.ts';
import { useAll, useDo } from '../../api/queries.ts';
import { useSession } from '../../api/session.tsx';
import { Asked } from '../../parts/asked.tsx';
import { CodeArea } from '../../parts/code-area.tsx';
import { Form } from '../../parts/form.tsx';
import { Section } from '../../parts/page.tsx';
import { ProblemNote } from '../../parts/problem.tsx';
import { texts } from '../../texts/index.ts';
import { Outline } from '../studies/explain/index.tsx';
import { useChosenAgreement } from './agreements.tsx';
import { Begun } from './begun.tsx';

const words = texts.outsourced.questions;
type Question = Answer<'getSealedQuestion'>;

/** Questions: what each computes, who has approved it, the run. */
export function Questions(): ReactNode {
  const { may } = useSession();
  const questions = useAll('listSealedQuestions', {});
  return (
    <Section title={words.title}>
      <Asked query={questions}>
        {({ items }) =>
          items.length === 0 ? (
            <Text>{words.none}</Text>
          ) : (
            items.toReversed().map((question) => <OneQuestion key={question.id} question={question} />)
          )
        }
      </Asked>
      {may('seal.ask') ? <Ask /> : null}
    </Section>
  );
}

function OneQuestion({ question }: { question: Question }): ReactNode {
  const { id, kind, text, words: steps, askedBy, approvals, approvalsNeeded } = question;
  const { may } = useSession();
  const [, go] = useLocation();
  const [job, setJob] = useState<number>();
  const approve = useDo('approveSealed');
  const withdraw = useDo('withdrawSealedApproval');
  const run = useDo('runSealed', (begun) => setJob(begun.job));
  const approved = approvals.length >= approvalsNeeded;
  return (
    <Card withBorder>
      <Stack gap="sm">
        <Code block style={{ whiteSpace: 'pre-wrap' }}>
          {text}
        </Code>
        <Outline said={steps.filter(({ about }) => about !== 'study')} />
        <Text size="sm" c="dimmed">
          {words.by(askedBy)} · {words.needs(approvals.length, approvalsNeeded)}
          {kind === 'scores' ? ` · ${texts.outsourced.scores.badge}` : ''}
        </Text>
        <ProblemNote error={approve.error ?? withdraw.error ?? run.error} />
        {job === undefined ? null : <Begun job={job} done={(number) => go(`/outsourced/runs/${number}`)} />}
        <Group>
          {!approved && may('seal.approve') ? (
            <Button loading={approve.isPending} onClick={() => approve.mutate({ params: { question: id } })}>
              {words.approve}
            </Button>
          ) : null}
          {approvals.length > 0 && may('seal.approve') ? (
            <Button variant="default" onClick={() => withdraw.mutate({ params: { question: id } })}>
              {words.withdraw}
            </Button>
          ) : null}
          {approved && may('seal.run') ? (
            <Button loading={run.isPending} onClick={() => run.mutate({ body: { question: id } })}>
              {words.run}
            </Button>
          ) : null}
        </Group>
      </Stack>
    </Card>
  );
}

function Ask(): ReactNode {
  const { hash, field } = useChosenAgreement();
  const [text, setText] = useState('');
  const ask = useDo('askSealed', () => setText(''));
  if (hash === undefined) return <Text size="sm">{texts.outsourced.noAgreement}</Text>;
  const submit = (): void => {
    ask.mutate({ body: { agreement: hash, text } });
  };
  return (
    <Form label={words.submit} sending={ask} submit={submit}>
      {field}
      <CodeArea
        label={words.sql}
        description={words.sqlHint}
        required
        minRows={3}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
      />
    </Form>
  );
}
