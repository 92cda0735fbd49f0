import { Button, Checkbox, Group, Input, Select, SimpleGrid, Stack, Text, Textarea, TextInput } from '@mantine/core';
import { lazy, type ReactNode, Suspense, useMemo, useRef } from 'react';
import { useLocation } from 'wouter';
import { useAsk, useDo } from '../../../api/queries.ts';
import { Asked } from '../../../parts/asked.tsx';
import { Busy } from '../../../parts/busy.tsx';
import { Page, Section } from '../../../parts/page.tsx';
import { ProblemNote } from '../../../parts/problem.tsx';
import { texts } from '../../../texts/index.ts';
import { type Agreement, askable, nameOf, type Terms } from '../agreed.ts';
import type { EditorHandle } from '../editor/editor.tsx';
import { Columns } from './columns.tsx';
import { type Draft, fileOf, parametersOf, useDraft } from './draft.ts';
import { faultOf, useCheck, Verdict } from './verdict.tsx';

const Editor = lazy(() => import('../editor/editor.tsx'));
const words = texts.studies.editor;

/** A free question under an agreement: written, checked while it is written, asked. */
export function AskFree({ hash }: { hash: string }): ReactNode {
  const self = useAsk('getStatus', {}).data?.id;
  const agreement = useAsk('getAgreement', { params: { hash } });
  return (
    <Page title={words.title} lead={words.lead}>
      <Asked query={agreement}>
        {(found) => {
          if (self === undefined) return <Busy />;
          const { free } = askable(found, self);
          if (free === undefined) return <Text>{words.none}</Text>;
          return <Form agreement={found} free={free} studies={found.agreement.studies!} />;
        }}
      </Asked>
    </Page>
  );
}

type Free = NonNullable<Terms['free']>;

function Form({ agreement, free, studies }: { agreement: Agreement; free: Free; studies: Terms }): ReactNode {
  const [, go] = useLocation();
  const editor = useRef<EditorHandle>(null);
  const [draft, change] = useDraft({
    name: '',
    title: '',
    note: '',
    method: free.methods[0]!,
    sql: '',
    to: free.to,
    parameters: {},
  });
  const named = {
    ...draft,
    name: draft.name.trim() || 'question',
    title: draft.title.trim() || draft.name || 'question',
  };
  const text = fileOf(named, agreement.hash);
  const check = useCheck(agreement.hash, draft.sql.trim() === '' ? undefined : { kind: 'free', text });
  const ask = useDo('askStudy', ({ agreement: of, name }) => go(`/studies/${of}/${name}`));
  const tables = useMemo(
    () => Object.fromEntries(Object.entries(studies.tables).filter(([name]) => free.tables.includes(name))),
    [studies, free],
  );
  const fault = faultOf(check, draft.sql);
  const ready = check.data?.fault === null && draft.name.trim() !== '' && draft.title.trim() !== '';
  return (
    <Stack gap="xl">
      <SimpleGrid cols={{ base: 1, md: 2 }} spacing="xl">
        <Stack>
          {free.methods.length > 1 ? (
            <Select
              label={words.method}
              description={words.methods[draft.method]?.needs}
              data={free.methods.map((value) => ({ value, label: words.methods[value]?.title ?? value }))}
              value={draft.method}
              onChange={(method) => method !== null && change({ method, parameters: {} })}
              allowDeselect={false}
            />
          ) : null}
          <Input.Wrapper label={words.sql} labelElement="div" description={words.keys}>
            <Suspense fallback={<Busy />}>
              <Editor
                ref={editor}
                tables={tables}
                value={draft.sql}
                onChange={(sql) => change({ sql })}
                fault={fault}
              />
            </Suspense>
          </Input.Wrapper>
          <Parameters draft={draft} change={change} />
          <Verdict check={check} empty={draft.sql.trim() === ''} />
        </Stack>
        <Section title={words.columns}>
          <Columns
            tables={tables}
            joins={studies.joins}
            nameOf={(id) => nameOf(agreement, id)}
            insert={(column) => editor.current?.insert(column)}
          />
        </Section>
      </SimpleGrid>
      <Details draft={draft} change={change} free={free} agreement={agreement} />
      <Stack gap="xs" align="flex-start">
        <Text size="sm" c="dimmed">
          {words.submitWhat}
        </Text>
        <Button
          disabled={!ready}
          loading={ask.isPending}
          onClick={() => ask.mutate({ params: { hash: agreement.hash }, body: { asked: { kind: 'free', text } } })}
        >
          {words.submit}
        </Button>
        <ProblemNote error={ask.error} />
      </Stack>
    </Stack>
  );
}

type Change = (changed: Partial<Draft>) => void;

function Parameters({ draft, change }: { draft: Draft; change: Change }): ReactNode {
  if (draft.method === 'select') return null;
  const set = (field: string, text: string): void => change({ parameters: { ...draft.parameters, [field]: text } });
  return (
    <SimpleGrid cols={{ base: 1, sm: 2 }}>
      {(parametersOf[draft.method] ?? []).map((field) => (
        <TextInput
          key={field}
          label={words.fields[field]!.label}
          description={words.fields[field]!.hint}
          value={draft.parameters[field] ?? ''}
          onChange={({ currentTarget }) => set(field, currentTarget.value)}
        />
      ))}
      <TextInput
        label={words.level}
        description={words.levelHint}
        value={draft.parameters.level ?? ''}
        onChange={({ currentTarget }) => set('level', currentTarget.value)}
      />
    </SimpleGrid>
  );
}

function Details(props: { draft: Draft; change: Change; free: Free; agreement: Agreement }): ReactNode {
  const { draft, change, free, agreement } = props;
  return (
    <SimpleGrid cols={{ base: 1, md: 2 }} spacing="xl">
      <Stack>
        <TextInput
          label={words.name}
          description={words.nameHint}
          pattern="[a-z][a-z0-9\-]*"
          maxLength={48}
          required
          value={draft.name}
          onChange={({ currentTarget }) => change({ name: currentTarget.value })}
        />
        <TextInput
          label={words.studyTitle}
          description={words.titleHint}
          maxLength={200}
          required
          value={draft.title}
          onChange={({ currentTarget }) => change({ title: currentTarget.value })}
        />
      </Stack>
      <Stack>
        <Textarea
          label={words.note}
          description={words.noteHint}
          autosize
          minRows={2}
          value={draft.note}
          onChange={({ currentTarget }) => change({ note: currentTarget.value })}
        />
        <Checkbox.Group label={words.receivers} value={[...draft.to]} onChange={(to) => change({ to })}>
          <Group mt="xs">
            {free.to.map((id) => (
              <Checkbox key={id} value={id} label={nameOf(agreement, id)} />
            ))}
          </Group>
        </Checkbox.Group>
      </Stack>
    </SimpleGrid>
  );
}
