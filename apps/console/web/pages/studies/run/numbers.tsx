import { Stack, Text } from '@mantine/core';
import { type ReactNode, useMemo } from 'react';
import { type Column, DataTable } from '../../../parts/data-table.tsx';
import { texts } from '../../../texts/index.ts';
import type { Report } from './result.tsx';

const words = texts.studies.result;
type Table = Report['parts'][number]['tables'][number];
type Row = Table['rows'][number];

/** A table of a result; numbers that never opened are marked, and it is said what that means. */
export function Numbers({ table, minPatients }: { table: Table; minPatients: number }): ReactNode {
  const columns = useMemo(() => columnsOf(table, minPatients), [table, minPatients]);
  const hidden = table.rows.reduce((sum, row) => sum + row.filter((value) => value === null).length, 0);
  return (
    <Stack gap="xs">
      <Text fw={600} size="sm">
        {table.caption}
      </Text>
      <DataTable label={table.caption} columns={columns} rows={table.rows} />
      {hidden === 0 ? null : <Text size="sm">{words.suppressedLegend(hidden, minPatients)}</Text>}
      {table.legend === null || hidden > 0 ? null : (
        <Text size="sm" c="dimmed">
          {table.legend}
        </Text>
      )}
    </Stack>
  );
}

function columnsOf({ columns }: Table, minPatients: number): Column<Row>[] {
  return columns.map(({ name, numeric }, i) => ({
    id: String(i),
    label: name,
    numeric,
    by: (row) => (numeric ? numberOf(row[i]!) : (row[i] ?? null)),
    cell: (row) =>
      row[i] === null ? (
        <span className="suppressed" title={words.suppressedTitle(minPatients)}>
          {words.suppressed}
        </span>
      ) : (
        row[i]
      ),
  }));
}

/** A printed number; what is none, as an interval, by its first. */
function numberOf(text: string | null): number | null {
  const found = text
    ?.replaceAll(',', '')
    .replaceAll('\u2212', '-')
    .match(/-?\d+(\.\d+)?/)?.[0];
  return found === undefined ? null : Number(found);
}
