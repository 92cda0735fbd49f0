import { Button, Card, Code, Group, Stack, Text, TextInput, Title } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import type { Answer } from '../../api/operations.ts';
import { useAsk, useDo, useList } from '../../api/queries.ts';
import { useSession } from '../../api/session.tsx';
import { Asked } from '../../parts/asked.tsx';
import { Busy } from '../../parts/busy.tsx';
import { CodeArea } from '../../parts/code-area.tsx';
import { Confirm } from '../../parts/confirm.tsx';
import { Form } from '../../parts/form.tsx';
import { More } from '../../parts/more.tsx';
import { Page, Section } from '../../parts/page.tsx';
import { ProblemNote } from '../../parts/problem.tsx';
import { Rows } from '../../parts/rows.tsx';
import { texts } from '../../texts/index.ts';
import { useChosenModule } from './module-field.tsx';

const words = texts.registry.research;
type Study = Answer<'getRegistryStudy'>;

/** Studies over records: asked, decided on, run once. */
export default function Research(): ReactNode {
  const { may } = useSession();
  const studies = useList('listRegistryStudies', {}, 20);
  const items = studies.items as readonly Study[];
  return (
    <Page title={words.title} lead={words.lead}>
      <ProblemNote error={studies.error} />
      {studies.isPending ? (
        <Busy />
      ) : items.length === 0 ? (
        <Text>{words.none}</Text>
      ) : (
        items.map((study) => <OneStudy key={study.id} study={study} />)
      )}
      <More list={studies} />
      {may('research.ask') ? <Ask /> : null}
    </Page>
  );
}

function OneStudy({ study: { id, title, purpose, sql, askedBy, module, state } }: { study: Study }): ReactNode {
  const { me, may } = useSession();
  const decide = useDo('decideRegistryStudy');
  const run = useDo('runRegistryStudy');
  const button = (approves: boolean, label: string, what: readonly string[]): ReactNode => (
    <Confirm
      label={label}
      title={`${label}: ${title}`}
      what={what}
      tone={approves ? 'primary' : 'default'}
      pending={decide.isPending}
      error={decide.error}
      done={decide.isSuccess}
      onConfirm={() => decide.mutate({ params: { study: id }, body: { approves } })}
    />
  );
  return (
    <Card withBorder component="section" aria-label={title}>
      <Stack gap="sm">
        <Title order={2} fz={16}>
          {title}
        </Title>
        <Text size="sm">{purpose}</Text>
        <Code block style={{ whiteSpace: 'pre-wrap' }}>
          {sql}
        </Code>
        <Text size="sm" c="dimmed">
          {words.asked(askedBy, module)} · {words.states[state]}
        </Text>
        <ProblemNote error={run.error} />
        {state === 'done' ? <Released id={id} /> : null}
        <Group>
          {state === 'proposed' && may('research.approve') && askedBy !== me.id ? (
            <>
              {button(true, words.approve, words.approveWhat)}
              {button(false, words.refuse, words.refuseWhat)}
            </>
          ) : null}
          {state === 'approved' && may('research.ask') ? (
            <Button loading={run.isPending} onClick={() => run.mutate({ params: { study: id } })}>
              {words.run}
            </Button>
          ) : null}
        </Group>
      </Stack>
    </Card>
  );
}

function Released({ id }: { id: string }): ReactNode {
  const study = useAsk('getRegistryStudy', { params: { study: id } });
  return (
    <Asked query={study}>
      {({ result }) =>
        result === null ? null : (
          <>
            <Rows
              rows={result.rows}
              keyOf={(row) => row.join(' ')}
              columns={result.columns.map((title, at) => ({
                title,
                cell: (row: readonly (string | null)[]) => row[at] ?? texts.common.none,
              }))}
            />
            <Text size="sm" c="dimmed">
              {words.withheld(result.withheld)}
            </Text>
          </>
        )
      }
    </Asked>
  );
}

function Ask(): ReactNode {
  const { module, field: moduleField } = useChosenModule();
  const [asked, setAsked] = useState({ title: '', purpose: '', sql: '' });
  const ask = useDo('askRegistryStudy', () => setAsked({ title: '', purpose: '', sql: '' }));
  const submit = (): void => {
    if (module !== undefined) ask.mutate({ body: { module, ...asked } });
  };
  const field = (name: keyof typeof asked) => ({
    value: asked[name],
    required: true,
    onChange: ({ currentTarget: { value } }: { currentTarget: { value: string } }) =>
      setAsked((before) => ({ ...before, [name]: value })),
  });
  return (
    <Section title={words.ask}>
      <Form label={words.submit} sending={ask} submit={submit}>
        {moduleField}
        <TextInput label={words.studyTitle} description={words.titleHint} {...field('title')} />
        <TextInput label={words.purpose} description={words.titleHint} {...field('purpose')} />
        <CodeArea label={words.sql} description={words.sqlHint} minRows={3} {...field('sql')} />
      </Form>
    </Section>
  );
}
