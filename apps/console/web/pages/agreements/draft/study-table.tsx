import { Checkbox, Select, Stack } from '@mantine/core';
import type { ReactNode } from 'react';
import { Section } from '../../../parts/page.tsx';
import { texts } from '../../../texts/index.ts';
import { ColumnsForm, type ColumnTerms } from '../../market/publish-columns.tsx';
import type { Description } from './partner-table.tsx';

const words = texts.agreements.draft.studies;

/** What a draft says of one data set. */
export interface TableTerms {
  readonly columns: ColumnTerms[];
  /** The column that says whose record a row is, which also joins. */
  readonly patient: string | null;
  readonly once: boolean;
}

/** What a form begins with: nothing may be used; ranges as they are described. */
export function firstTable(columns: Description['columns']): TableTerms {
  return {
    columns: Object.entries(columns).map(([name, { type, min, max }]) => ({
      name,
      type,
      policy: 'hidden',
      min: type === 'number' ? (min ?? '0') : '1900-01-01',
      max: type === 'number' ? (max ?? '0') : '2099-12-31',
      values: '',
      required: false,
    })),
    patient: null,
    once: true,
  };
}

/** Says of each column what may be done with it, and which one says whose record it is. */
export function StudyTable({
  title,
  table,
  change,
}: {
  title: string;
  table: TableTerms;
  change: (table: TableTerms) => void;
}): ReactNode {
  const { columns } = table;
  const choose = (patient: string | null): void =>
    change({
      ...table,
      patient,
      columns: columns.map((column) => (column.name === patient ? { ...column, policy: 'join' } : column)),
    });
  return (
    <Section title={title}>
      <Stack maw={900}>
        <Select
          maw={340}
          label={words.patient}
          description={words.patientHint}
          required
          data={columns.map(({ name }) => name)}
          value={table.patient}
          onChange={choose}
        />
        <Checkbox
          label={words.once}
          checked={table.once}
          onChange={(event) => change({ ...table, once: event.currentTarget.checked })}
        />
        <ColumnsForm columns={columns} change={(next) => change({ ...table, columns: next })} />
      </Stack>
    </Section>
  );
}
