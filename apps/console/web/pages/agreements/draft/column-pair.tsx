import { ActionIcon, Group, Select } from '@mantine/core';
import { IconX } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import type { Description } from './partner-table.tsx';

export type Columns = Description['columns'];

/** A column of each table; null where none is chosen yet. */
export interface Pair {
  readonly own: string | null;
  readonly theirs: string | null;
}

/**
 * Chooses a column of the own table and one of the partner's, and what is said of the two.
 * @param remove the name of the button that takes it away; undefined where it stays
 * @param chooseOwn gets a pair whose other columns fit the new one: the partner's of the same name is most likely meant
 */
export function ColumnPair({
  pair,
  own,
  theirs,
  labels,
  chooseOwn,
  chooseTheirs,
  remove,
  children,
}: {
  pair: Pair;
  own: Columns;
  theirs: Columns;
  labels: { readonly own: string; readonly theirs: string };
  chooseOwn: (pair: Pair) => void;
  chooseTheirs: (name: string | null) => void;
  remove: { readonly label: string; readonly act: () => void } | undefined;
  children: ReactNode;
}): ReactNode {
  return (
    <Group align="flex-end" gap="sm">
      <Select
        w={170}
        label={labels.own}
        data={Object.keys(own)}
        value={pair.own}
        onChange={(name) => chooseOwn({ own: name, theirs: name !== null && name in theirs ? name : pair.theirs })}
      />
      <Select w={170} label={labels.theirs} data={Object.keys(theirs)} value={pair.theirs} onChange={chooseTheirs} />
      {children}
      {remove === undefined ? null : (
        <ActionIcon variant="subtle" color="gray" size="lg" aria-label={remove.label} onClick={remove.act}>
          <IconX size={16} />
        </ActionIcon>
      )}
    </Group>
  );
}
