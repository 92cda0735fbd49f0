import { Alert, Button, FileInput, Group, Progress, Stack, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import type { Input } from '../../api/operations.ts';
import type { useUpload } from '../../api/upload.ts';
import { ProblemNote } from '../../parts/problem.tsx';
import { sizeOf } from '../../parts/size.ts';
import { texts } from '../../texts/index.ts';

const words = texts.data.form;
type Kind = NonNullable<Input<'uploadDataset'>['query']>['kind'];

const kinds: Readonly<Record<string, Kind>> = {
  csv: 'csv',
  tsv: 'csv',
  parquet: 'parquet',
  ndjson: 'ndjson',
  jsonl: 'ndjson',
};

/** What a file is by its name; undefined where no data set can be made of it. */
export function kindOf({ name }: File): Kind | undefined {
  const ending = name.split('.').at(-1)!.toLowerCase();
  return Object.hasOwn(kinds, ending) ? kinds[ending] : undefined;
}

/** Takes a file of the computer that the browser runs on. @param most bytes */
export function OwnFile({
  file,
  most,
  choose,
}: {
  file: File | undefined;
  most: number;
  choose: (file: File | undefined) => void;
}): ReactNode {
  const wrong = file && wrongIn(file, most);
  return (
    <>
      <FileInput
        label={words.choose}
        description={words.sentHint(sizeOf(most))}
        placeholder={words.choosePlaceholder}
        accept={Object.keys(kinds)
          .map((ending) => `.${ending}`)
          .join(',')}
        required
        clearable
        clearButtonProps={{ 'aria-label': words.otherFile }}
        value={file ?? null}
        onChange={(chosen) => choose(chosen ?? undefined)}
      />
      {wrong === undefined ? null : (
        <Alert color="red" role="alert">
          {wrong}
        </Alert>
      )}
    </>
  );
}

function wrongIn(file: File, most: number): string | undefined {
  if (kindOf(file) === undefined) return words.wrongKind;
  return file.size > most ? words.tooLarge(sizeOf(file.size), sizeOf(most)) : undefined;
}

/** How much of a file is sent, with the way to stop it; why it was not taken. @param of bytes of the file */
export function Sending({ of, upload }: { of: number; upload: ReturnType<typeof useUpload> }): ReactNode {
  const { sent, isPending, error, stop } = upload;
  if (error?.code === 'stopped') {
    return (
      <Text size="sm" role="status">
        {words.stopped}
      </Text>
    );
  }
  if (!isPending) return <ProblemNote error={error} />;
  const text = sent < of ? words.sending(sizeOf(sent), sizeOf(of)) : words.reading;
  return (
    <Stack gap="xs">
      <Group justify="space-between">
        <Text size="sm" role="status">
          {text}
        </Text>
        <Button variant="default" size="xs" onClick={stop}>
          {words.stop}
        </Button>
      </Group>
      <Progress value={of === 0 ? 100 : (100 * Math.min(sent, of)) / of} animated={sent >= of} aria-label={text} />
    </Stack>
  );
}
