import { Button, NumberInput, Paper, Select, Stack, Text } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { texts } from '../../../texts/index.ts';
import { ColumnPair, type Columns } from './column-pair.tsx';
import { type Condition, type How, howsFor, usualTolerance, type Ways } from './rule.ts';

const words = texts.agreements.draft.rule;

/** A condition that nobody has filled in. */
export const blank: Condition = { own: null, theirs: null, how: 'equal', tolerance: 0 };

/** Builds a rule by choosing columns, how they agree, and with which tolerance. */
export function RuleBuilder({
  ways,
  change,
  own,
  theirs,
}: {
  ways: Ways;
  change: (ways: Ways) => void;
  own: Columns;
  theirs: Columns;
}): ReactNode {
  const put = (at: number, way: readonly Condition[]): void =>
    change(ways.flatMap((one, i) => (i !== at ? [one] : way.length === 0 ? [] : [way])));
  return (
    <Stack align="flex-start">
      {ways.map((way, at) => (
        <Paper key={`way ${at}`} withBorder p="md" w="100%">
          <Stack gap="sm" align="flex-start">
            <Text fw={600} size="sm">
              {words.way(at + 1)}
            </Text>
            {way.map((condition, i) => (
              <One
                key={`condition ${i}`}
                number={i + 1}
                {...{ condition, own, theirs }}
                change={(changed) => put(at, changed === undefined ? way.toSpliced(i, 1) : way.with(i, changed))}
                alone={ways.flat().length === 1}
              />
            ))}
            <Button
              size="xs"
              variant="subtle"
              leftSection={<IconPlus size={14} />}
              onClick={() => put(at, [...way, blank])}
            >
              {words.add}
            </Button>
          </Stack>
        </Paper>
      ))}
      <Button
        size="xs"
        variant="default"
        leftSection={<IconPlus size={14} />}
        onClick={() => change([...ways, [blank]])}
      >
        {words.addWay}
      </Button>
    </Stack>
  );
}

function One({
  condition,
  number,
  own,
  theirs,
  alone,
  change,
}: {
  condition: Condition;
  number: number;
  own: Columns;
  theirs: Columns;
  alone: boolean;
  change: (condition: Condition | undefined) => void;
}): ReactNode {
  const { how, tolerance } = condition;
  const possible = howsFor(condition.own === null ? undefined : own[condition.own]?.type);
  return (
    <ColumnPair
      pair={condition}
      {...{ own, theirs }}
      labels={words}
      chooseOwn={(pair) => change({ ...blank, ...pair })}
      chooseTheirs={(name) => change({ ...condition, theirs: name })}
      remove={alone ? undefined : { label: words.remove(number), act: () => change(undefined) }}
    >
      <Select
        w={220}
        label={words.how}
        allowDeselect={false}
        data={possible.map((value) => ({ value, label: words.hows[value]! }))}
        value={how}
        onChange={(value) => change({ ...condition, how: value as How, tolerance: usualTolerance[value as How] })}
      />
      {how === 'equal' ? null : (
        <NumberInput
          w={180}
          label={words.tolerances[how]}
          min={how === 'similar' ? 50 : 0}
          max={how === 'similar' ? 100 : how === 'typos' ? 8 : 1_000_000}
          value={tolerance}
          onChange={(value) => change({ ...condition, tolerance: Number(value) })}
        />
      )}
    </ColumnPair>
  );
}
