import { Button, Group, SegmentedControl, Select, Stack, Text, TextInput } from '@mantine/core';
import { type FormEvent, type ReactNode, useState } from 'react';
import { Link, useLocation, useSearch } from 'wouter';
import type { Answer, Input } from '../../api/operations.ts';
import { useAll, useAsk, useDo } from '../../api/queries.ts';
import { useUpload } from '../../api/upload.ts';
import { Asked } from '../../parts/asked.tsx';
import { Page } from '../../parts/page.tsx';
import { ProblemNote } from '../../parts/problem.tsx';
import { sizeOf } from '../../parts/size.ts';
import { texts } from '../../texts/index.ts';
import { kindOf, OwnFile, Sending } from './own-file.tsx';

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
  const search = new URLSearchParams(useSearch());
  const [kind, setKind] = useState<'sent' | 'file' | 'database'>(places.uploadBytes > 0 ? 'sent' : 'file');
  const [source, setSource] = useState<Source>();
  const [file, setFile] = useState<File>();
  const [name, setName] = useState(search.get('name') ?? '');
  const known = useAll('listDatasets', {}).data?.items.some((dataset) => dataset.name === name) ?? false;
  const show = (dataset: { readonly name: string }): void => go(`/data/${dataset.name}`);
  const add = useDo('addDataset', show);
  const upload = useUpload(show);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    const type = file && kindOf(file);
    if (kind !== 'sent') {
      if (source !== undefined) add.mutate({ body: { name, source } });
    } else if (file !== undefined && type !== undefined) {
      upload.mutate({ params: { name }, query: { kind: type }, file });
    }
  };
  const choose = (chosen: Source | undefined, suggested: string): void => {
    setSource(chosen);
    if (name === '') setName(suggested);
  };
  return (
    <form onSubmit={submit}>
      <Stack maw={640}>
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
              setFile(undefined);
            }}
            data={[
              ...(places.uploadBytes > 0 ? [{ value: 'sent', label: words.sent }] : []),
              { value: 'file', label: words.file },
              { value: 'database', label: words.database },
            ]}
          />
        </Stack>
        {kind === 'sent' ? (
          <OwnFile
            file={file}
            most={places.uploadBytes}
            choose={(chosen) => {
              setFile(chosen);
              if (chosen !== undefined && name === '') setName(suggestedName(chosen.name));
            }}
          />
        ) : kind === 'file' ? (
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
        {known ? <Text size="sm">{words.replaces(name)}</Text> : null}
        <ProblemNote error={add.error} />
        {file === undefined ? null : <Sending of={file.size} upload={upload} />}
        <Group>
          <Button
            type="submit"
            loading={add.isPending || upload.isPending}
            disabled={kind === 'sent' ? !isFine(file, places.uploadBytes) : source === undefined}
          >
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

/** Whether a file can be sent. */
function isFine(file: File | undefined, most: number): boolean {
  return file !== undefined && kindOf(file) !== undefined && file.size <= most;
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
      data={files.map(({ path, bytes }) => ({ value: path, label: `${path} (${sizeOf(bytes)})` }))}
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
