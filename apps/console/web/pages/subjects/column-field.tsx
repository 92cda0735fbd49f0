import { Group, Select } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { useAll } from '../../api/queries.ts';
import { texts } from '../../texts/index.ts';

const words = texts.subjects.ask;

/** Chooses a data set, and its column in which people are named. @param required whether anybody is named */
export function useColumn(required = true): {
  readonly dataset: string | null;
  readonly column: string | undefined;
  readonly field: ReactNode;
} {
  const datasets = useAll('listDatasets', {}).data?.items ?? [];
  const [chosen, setChosen] = useState<string | null>(null);
  const [column, setColumn] = useState<string | null>(null);
  const dataset = chosen ?? datasets[0]?.name ?? null;
  const columns = datasets.find(({ name }) => name === dataset)?.columns ?? [];
  const field = (
    <Group align="flex-end" grow>
      <Select
        label={words.dataset}
        allowDeselect={false}
        data={datasets.map(({ name }) => name)}
        value={dataset}
        onChange={(name) => {
          setChosen(name);
          setColumn(null);
        }}
      />
      <Select
        label={words.column}
        description={words.columnHint}
        required={required}
        allowDeselect={!required}
        data={columns.map(({ name }) => name)}
        value={column}
        onChange={setColumn}
      />
    </Group>
  );
  return { dataset, column: column ?? undefined, field };
}
