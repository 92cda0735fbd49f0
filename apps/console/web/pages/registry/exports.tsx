import { Button, Card, Group, Select, Stack, Text, TextInput, Title } from '@mantine/core';
import { IconDownload } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { call } from '../../api/call.ts';
import type { Answer } from '../../api/operations.ts';
import type { Problem } from '../../api/problem.ts';
import { useAll, useDo } from '../../api/queries.ts';
import { Asked } from '../../parts/asked.tsx';
import { bytesOf } from '../../parts/base64url.ts';
import { Confirm } from '../../parts/confirm.tsx';
import { download } from '../../parts/download.ts';
import { Form } from '../../parts/form.tsx';
import { Moment } from '../../parts/moment.tsx';
import { Page, Section } from '../../parts/page.tsx';
import { ProblemNote } from '../../parts/problem.tsx';
import { sizeOf } from '../../parts/size.ts';
import { texts } from '../../texts/index.ts';
import { useChosenModule } from './module-field.tsx';

const words = texts.registry.exports;
type Export = Answer<'exportRecords'>;
type Format = Export['format'];

/** Records as files: made, fetched, deleted. */
export default function Exports(): ReactNode {
  const exports = useAll('listExports', {});
  return (
    <Page title={words.title} lead={words.lead}>
      <Stack gap="xl">
        <Asked query={exports}>
          {({ items }) =>
            items.length === 0 ? (
              <Text>{words.none}</Text>
            ) : (
              items.toSorted((a, b) => b.at.localeCompare(a.at)).map((made) => <OneExport key={made.id} made={made} />)
            )
          }
        </Asked>
        <Make />
      </Stack>
    </Page>
  );
}

function OneExport({ made: { id, purpose, module, format, by, at, records, files } }: { made: Export }): ReactNode {
  const remove = useDo('deleteExport');
  return (
    <Card withBorder component="section" aria-label={purpose}>
      <Stack gap="sm">
        <Title order={2} fz={16}>
          {purpose}
        </Title>
        <Text size="sm" c="dimmed">
          {words.made(by, module, records, words.formats[format])} <Moment at={at} />
        </Text>
        {files.length === 0 ? (
          <Text size="sm">{records === 0 ? words.empty : words.deleted}</Text>
        ) : (
          <>
            <Group gap="sm">
              {files.map((file) => (
                <FileButton key={file.name} id={id} file={file} />
              ))}
            </Group>
            <div>
              <Confirm
                label={words.remove}
                title={`${words.remove}: ${purpose}`}
                what={words.removeWhat}
                tone="danger"
                pending={remove.isPending}
                error={remove.error}
                done={remove.isSuccess}
                onConfirm={() => remove.mutate({ params: { export: id } })}
              />
            </div>
          </>
        )}
      </Stack>
    </Card>
  );
}

function FileButton({ id, file: { name, bytes } }: { id: string; file: Export['files'][number] }): ReactNode {
  const fetching = useMutation<Blob, Problem>({
    mutationFn: () => contentsOf(id, name),
    onSuccess: (contents) => download(name, contents),
  });
  return (
    <div>
      <Button
        variant="default"
        leftSection={<IconDownload size={16} />}
        loading={fetching.isPending}
        onClick={() => fetching.mutate()}
      >
        {words.file(name, sizeOf(bytes))}
      </Button>
      <ProblemNote error={fetching.error} />
    </div>
  );
}

/** A file of an export, piece by piece. */
async function contentsOf(id: string, file: string): Promise<Blob> {
  const pieces: Uint8Array<ArrayBuffer>[] = [];
  for (let from = 0; ; ) {
    const { bytes } = await call('readExport', { params: { export: id, file }, query: { from } });
    if (bytes === '') return new Blob(pieces);
    const piece = bytesOf(bytes);
    pieces.push(piece);
    from += piece.length;
  }
}

function Make(): ReactNode {
  const { module, field } = useChosenModule();
  const [purpose, setPurpose] = useState('');
  const [format, setFormat] = useState<Format>('fhir-ndjson');
  const make = useDo('exportRecords', () => setPurpose(''));
  const submit = (): void => {
    if (module !== undefined) make.mutate({ body: { module, purpose, format } });
  };
  return (
    <Section title={words.make}>
      <Form label={words.submit} sending={make} disabled={module === undefined} submit={submit}>
        {field}
        <TextInput
          label={words.purpose}
          description={words.purposeHint}
          required
          minLength={10}
          maxLength={1000}
          value={purpose}
          onChange={({ currentTarget }) => setPurpose(currentTarget.value)}
        />
        <Select
          label={words.format}
          maw={360}
          allowDeselect={false}
          data={Object.entries(words.formats).map(([value, label]) => ({ value, label }))}
          value={format}
          onChange={(value) => setFormat(value as Format)}
        />
      </Form>
    </Section>
  );
}
