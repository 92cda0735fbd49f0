import { Button, Group, SegmentedControl, Select, Stack, Text, TextInput } from '@mantine/core';
import { type FormEvent, type ReactNode, useState } from 'react';
import { Link, useLocation } from 'wouter';
import type { Answer, Input } from '../../api/operations.ts';
import { useAsk, useDo } from '../../api/queries.ts';
import { Asked } from '../../parts/asked.tsx';
import { Page } from '../../parts/page.tsx';
import { ProblemNote } from '../../parts/problem.tsx';
import { texts } from '../../texts/index.ts';

const words = texts.data.form;
type Places = Answer<'listDataPlaces'>;
type Source = Input<'addDataset'>['body']['source'];

/** Makes a data set of a file or of a table. */
export function AddDataset(): ReactNode {
  const places = useAsk('listDataPlaces', {});
  return (
    <Page title={words.title} lead={words.lead}>
      <Asked query={places}>{(found) => <Form places={found} />}</Asked>
    </Page>
  );
}

function Form({ places }: { places: Places }): ReactNode {
  const [, go] = useLocation();
  const [kind, setKind] = useState<'file' | 'database'>('file');
  const [source, setSource] = useState<Source>();
  const [name, setName] = useState('');
  const add = useDo('addDataset', (dataset) => go(`/data/${dataset.name}`));
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (source !== undefined) add.mutate({ body: { name, source } });
  };
  const choose = (chosen: Source | undefined, suggested: string): void => {
    setSource(chosen);
    if (name === '') setName(suggested);
  };
  return (
    <form onSubmit={submit}>
      <Stack maw={560}>
        <Stack gap={4}>
          <Text size="sm" fw={500} id="kind-of-place">
            {words.kind}
          </Text>
          <SegmentedControl
            aria-labelledby="kind-of-place"
            value={kind}
            onChange={(chosen) => {
              setKind(chosen as typeof kind);
              setSource(undefined);
            }}
            data={[
              { value: 'file', label: words.file },
              { value: 'database', label: words.database },
            ]}
          />
        </Stack>
        {kind === 'file' ? (
          <FileChoice files={places.files} choose={choose} />
        ) : (
          <TableChoice databases={places.databases} choose={choose} />
        )}
        <TextInput
          label={words.name}
          description={words.nameHint}
          pattern="[a-z][a-z0-9_\-]*"
          maxLength={63}
          required
          value={name}
          onChange={({ currentTarget }) => setName(currentTarget.value)}
        />
        <ProblemNote error={add.error} />
        <Group>
          <Button type="submit" loading={add.isPending} disabled={source === undefined}>
            {words.submit}
          </Button>
          <Button variant="default" component={Link} href="/data">
            {texts.common.cancel}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

type Choose = (source: Source | undefined, suggestedName: string) => void;

function FileChoice({ files, choose }: { files: Places['files']; choose: Choose }): ReactNode {
  if (files.length === 0) return <Text size="sm">{words.noFiles}</Text>;
  return (
    <Select
      label={words.choose}
      placeholder={words.choosePlaceholder}
      searchable
      required
      data={files.map(({ path, bytes }) => ({ value: path, label: `${path} (${words.size(bytes)})` }))}
      onChange={(path) => {
        const file = files.find((one) => one.path === path);
        choose(file && { kind: file.kind, path: file.path }, suggestedName(path ?? ''));
      }}
    />
  );
}

function TableChoice({ databases, choose }: { databases: readonly string[]; choose: Choose }): ReactNode {
  const [database, setDatabase] = useState(databases[0] ?? '');
  const [table, setTable] = useState('');
  const set = (where: string, what: string): void => {
    setDatabase(where);
    setTable(what);
    choose(what === '' ? undefined : { kind: 'postgres', database: where, table: what }, '');
  };
  if (databases.length === 0) return <Text size="sm">{words.noDatabases}</Text>;
  return (
    <Group grow align="flex-start">
      <Select
        label={words.databaseName}
        data={[...databases]}
        value={database}
        allowDeselect={false}
        onChange={(chosen) => set(chosen ?? database, table)}
      />
      <TextInput
        label={words.table}
        description={words.tableHint}
        inputWrapperOrder={['label', 'input', 'description']}
        required
        value={table}
        onChange={({ currentTarget }) => set(database, currentTarget.value)}
      />
    </Group>
  );
}

/** The name of a file, as a data set may be called. */
function suggestedName(path: string): string {
  const file = path
    .split(/[\\/]/)
    .at(-1)!
    .replace(/\.\w+$/, '')
    .toLowerCase();
  return file.replace(/[^a-z0-9_-]+/g, '-').replace(/^[^a-z]+/, '');
}
