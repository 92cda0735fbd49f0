import { Button, Group, Select, Stack, Text, TextInput } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import type { Answer } from '../../api/operations.ts';
import { useAll, useDo } from '../../api/queries.ts';
import { useSession } from '../../api/session.tsx';
import { Asked } from '../../parts/asked.tsx';
import { Form } from '../../parts/form.tsx';
import { Section } from '../../parts/page.tsx';
import { ProblemNote } from '../../parts/problem.tsx';
import { Rows } from '../../parts/rows.tsx';
import { texts } from '../../texts/index.ts';
import { useOutsourcing } from './agreements.tsx';
import { Begun } from './begun.tsx';

const words = texts.outsourced.tables;
type Sealed = Answer<'listSealedTables'>['items'][number];

/** Encrypted tables: here, and at the compute server. */
export function Tables(): ReactNode {
  const { may } = useSession();
  const tables = useAll('listSealedTables', {});
  return (
    <Section title={words.title}>
      <Asked query={tables}>
        {({ items }) => (items.length === 0 ? <Text>{words.none}</Text> : <List tables={items} />)}
      </Asked>
      {may('seal.encrypt') ? <Encrypt /> : null}
    </Section>
  );
}

function List({ tables }: { tables: readonly Sealed[] }): ReactNode {
  const { may } = useSession();
  const [job, setJob] = useState<number>();
  const upload = useDo('uploadTable', (begun) => setJob(begun.job));
  const remove = useDo('removeSealedTable');
  const { columns } = words;
  return (
    <Stack>
      <ProblemNote error={upload.error ?? remove.error} />
      {job === undefined ? null : <Begun job={job} />}
      <Rows
        rows={tables}
        keyOf={({ id }) => id}
        minWidth={640}
        columns={[
          {
            title: columns.table,
            cell: ({ name, kind, leftOut }) => (
              <>
                {name}
                {kind === 'features' ? (
                  <Text size="xs" c="dimmed">
                    {words.forScores}
                  </Text>
                ) : null}
                {leftOut === null || leftOut === 0 ? null : (
                  <Text size="xs" c="dimmed">
                    {words.leftOut(leftOut)}
                  </Text>
                )}
              </>
            ),
          },
          { title: columns.rows, number: true, cell: ({ rows }) => rows?.toLocaleString('en') },
          { title: columns.key, number: true, cell: ({ key }) => key },
          { title: columns.state, cell: ({ state }) => words.states[state] },
          {
            title: '',
            cell: ({ id, state }) => (
              <Group gap="xs" justify="flex-end">
                {state === 'encrypted' && may('seal.upload') ? (
                  <Button size="compact-sm" onClick={() => upload.mutate({ params: { table: id } })}>
                    {words.upload}
                  </Button>
                ) : null}
                {(state === 'encrypted' || state === 'uploaded') && may('seal.remove') ? (
                  <Button size="compact-sm" variant="default" onClick={() => remove.mutate({ params: { table: id } })}>
                    {words.remove}
                  </Button>
                ) : null}
              </Group>
            ),
          },
        ]}
      />
    </Stack>
  );
}

function Encrypt(): ReactNode {
  const agreements = useOutsourcing();
  const keys = useAll('listSealKeys', {});
  const open = (keys.data?.items ?? []).filter((key) => key.open && key.state === 'active');
  const [chosenKey, setKey] = useState<string | null>(null);
  const [chosenName, setName] = useState<string | null>(null);
  const [cuts, setCuts] = useState('');
  const [features, setFeatures] = useState('');
  const [job, setJob] = useState<number>();
  const encrypt = useDo('encryptTable', (begun) => setJob(begun.job));
  const key = open.find(({ id }) => String(id) === chosenKey) ?? open[0];
  if (key === undefined) return <Text size="sm">{words.noKey}</Text>;
  const tables = agreements.find(({ hash }) => hash === key.agreement)?.agreement.outsourcing?.tables ?? {};
  const name = chosenName ?? Object.keys(tables)[0] ?? '';
  const submit = (): void => {
    const columns = key.kind === 'exact' ? { cuts: cutsOf(cuts) } : { features: listOf(features) };
    encrypt.mutate({ body: { agreement: key.agreement, name, key: key.id, ...columns } });
  };
  return (
    <Form
      label={words.submit}
      sending={encrypt}
      width={560}
      submit={submit}
      said={job === undefined ? null : <Begun job={job} />}
    >
      <Group grow align="flex-start">
        <Select
          label={words.key}
          allowDeselect={false}
          value={String(key.id)}
          onChange={setKey}
          data={open.map(({ id }) => String(id))}
        />
        <Select label={words.name} allowDeselect={false} value={name} onChange={setName} data={Object.keys(tables)} />
      </Group>
      {key.kind === 'exact' ? (
        <TextInput
          label={words.cuts}
          description={words.cutsHint}
          value={cuts}
          onChange={(event) => setCuts(event.currentTarget.value)}
        />
      ) : (
        <TextInput
          label={words.features}
          description={words.featuresHint}
          required
          value={features}
          onChange={(event) => setFeatures(event.currentTarget.value)}
        />
      )}
    </Form>
  );
}

function listOf(text: string): string[] {
  return text.split(',').map((value) => value.trim());
}

/** `age=30,60; cost=100` as what the server takes. */
function cutsOf(text: string): Record<string, string[]> {
  const parts = text.split(';').flatMap((part) => {
    const [column = '', values = ''] = part.split('=').map((one) => one.trim());
    return column === '' ? [] : [[column, listOf(values)] as const];
  });
  return Object.fromEntries(parts);
}
