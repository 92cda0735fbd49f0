import { Button, NumberInput, Paper, Select, Stack, Text } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { useAsk } from '../../../api/queries.ts';
import { Section } from '../../../parts/page.tsx';
import { texts } from '../../../texts/index.ts';
import { ColumnPair, type Columns } from './column-pair.tsx';
import { type Blocking, blankEquality, type Equality, type Part } from './keys.ts';

const words = texts.agreements.draft.blocking;

/** Says which records are compared at all: all, or those that agree on a key. */
export function BlockingForm({
  dataset,
  theirs,
  blocking,
  change,
}: {
  dataset: string;
  theirs: Columns;
  blocking: Blocking;
  change: (blocking: Blocking) => void;
}): ReactNode {
  const own = useAsk('describeDataset', { params: { name: dataset } }).data?.columns as Columns | undefined;
  if (own === undefined) return null;
  const { keys, cap } = blocking;
  const put = (at: number, key: readonly Equality[]): void =>
    change({ ...blocking, keys: key.length === 0 ? keys.toSpliced(at, 1) : keys.with(at, key) });
  return (
    <Section title={words.title}>
      <Stack maw={900} align="flex-start">
        <Text size="sm">{keys.length === 0 ? words.all : words.some}</Text>
        {keys.map((key, at) => (
          <Paper key={`key ${at}`} withBorder p="md" w="100%">
            <Stack gap="sm" align="flex-start">
              <Text fw={600} size="sm">
                {words.key(at + 1)}
              </Text>
              {key.map((equality, i) => (
                <One
                  key={`equality ${i}`}
                  remove={words.remove(at + 1, i + 1)}
                  {...{ equality, own, theirs }}
                  change={(changed) => put(at, changed === undefined ? key.toSpliced(i, 1) : key.with(i, changed))}
                />
              ))}
              <Button
                size="xs"
                variant="subtle"
                leftSection={<IconPlus size={14} />}
                onClick={() => put(at, [...key, blankEquality])}
              >
                {words.also}
              </Button>
            </Stack>
          </Paper>
        ))}
        <Button
          size="xs"
          variant="default"
          leftSection={<IconPlus size={14} />}
          disabled={keys.length >= 16}
          onClick={() => change({ ...blocking, keys: [...keys, [blankEquality]] })}
        >
          {keys.length === 0 ? words.add : words.another}
        </Button>
        {keys.length === 0 ? null : (
          <NumberInput
            maw={420}
            label={words.cap}
            description={words.capHint}
            min={1}
            max={16}
            clampBehavior="strict"
            allowDecimal={false}
            value={cap}
            onChange={(value) => change({ ...blocking, cap: Number(value) })}
          />
        )}
      </Stack>
    </Section>
  );
}

function One({
  equality,
  own,
  theirs,
  remove,
  change,
}: {
  equality: Equality;
  own: Columns;
  theirs: Columns;
  remove: string;
  change: (equality: Equality | undefined) => void;
}): ReactNode {
  const { part, length } = equality;
  const isText = equality.own !== null && own[equality.own]?.type === 'text';
  return (
    <ColumnPair
      pair={equality}
      {...{ own, theirs }}
      labels={words}
      chooseOwn={(pair) => change({ ...blankEquality, ...pair })}
      chooseTheirs={(name) => change({ ...equality, theirs: name })}
      remove={{ label: remove, act: () => change(undefined) }}
    >
      <Select
        w={220}
        label={words.part}
        allowDeselect={false}
        data={Object.entries(words.parts)
          .filter(([value]) => value === 'whole' || isText)
          .map(([value, label]) => ({ value, label }))}
        value={part}
        onChange={(value) => change({ ...equality, part: value as Part })}
      />
      {part === 'whole' ? null : (
        <NumberInput
          w={150}
          label={words.length}
          min={1}
          max={32}
          clampBehavior="strict"
          allowDecimal={false}
          value={length}
          onChange={(value) => change({ ...equality, length: Number(value) })}
        />
      )}
    </ColumnPair>
  );
}
