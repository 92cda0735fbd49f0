import { Table, Text, UnstyledButton } from '@mantine/core';
import { IconArrowDown, IconArrowsSort, IconArrowUp } from '@tabler/icons-react';
import {
  createSortedRowModel,
  rowSortingFeature,
  type Column as SortedColumn,
  tableFeatures,
  useTable,
} from '@tanstack/react-table';
import { useVirtualizer } from '@tanstack/react-virtual';
import { type ReactNode, useEffect, useMemo, useRef } from 'react';
import { texts } from '../texts/index.ts';
import './data-table.css';

/** A column of a {@link DataTable}. */
export interface Column<Row> {
  readonly id: string;
  readonly label: string;
  /** To the right, digits below digits. */
  readonly numeric?: boolean;
  /** Its share of the width, beside 1 of the others. */
  readonly grow?: number;
  readonly cell: (row: Row) => ReactNode;
  /** What the column is sorted by; without it, it is not. Null comes last. */
  readonly by?: (row: Row) => string | number | null;
}

const features = tableFeatures({ rowSortingFeature, sortedRowModel: createSortedRowModel() });
type Value = string | number | undefined;
const [rowHeight, fewRows, beforeEnd] = [41, 60, 30];
// A region that scrolls is reached by keyboard.
const scrolling = { className: 'data-table', tabIndex: 0 };
const order = new Intl.Collator('en', { numeric: true });

/**
 * Rows under a name, sorted by a click on a column's head. Of many rows only those in view are in the document, so 10^5 stay smooth; the region is scrolled by
 * keyboard too. The first column names a row.
 * @param onEnd called when the last rows come into view: there may be more to ask for
 */
export function DataTable<Row extends object>({
  label,
  columns,
  rows,
  keyOf,
  onEnd,
}: {
  label: string;
  columns: readonly Column<Row>[];
  rows: readonly Row[];
  keyOf?: (row: Row, index: number) => string;
  onEnd?: () => void;
}): ReactNode {
  const scrolled = useRef<HTMLElement>(null);
  const definitions = useMemo(() => columns.map((column) => definitionOf(column)), [columns]);
  const table = useTable({
    features,
    columns: definitions,
    data: rows,
    sortDescFirst: false,
    ...(keyOf === undefined ? {} : { getRowId: keyOf }),
  });
  const sorted = table.getRowModel().rows;
  const whole = sorted.length <= fewRows;
  const virtual = useVirtualizer({
    count: sorted.length,
    getScrollElement: () => scrolled.current,
    estimateSize: () => rowHeight,
    overscan: 12,
    enabled: !whole,
  });
  const shown = virtual.getVirtualItems();
  const [first, last] = whole ? [0, sorted.length - 1] : [shown[0]?.index ?? 0, shown.at(-1)?.index ?? -1];
  const nearEnd = last >= sorted.length - beforeEnd;
  useEffect(() => {
    if (nearEnd) onEnd?.();
  }, [nearEnd, sorted.length]);
  const above = first * rowHeight;
  const below = whole ? 0 : (sorted.length - 1 - last) * rowHeight;
  return (
    <section ref={scrolled} aria-label={texts.common.tableOf(label)} data-many={!whole} {...scrolling}>
      <Table layout={whole ? 'auto' : 'fixed'} aria-label={label} aria-rowcount={sorted.length + 1} stickyHeader>
        <colgroup>
          {columns.map(({ id, grow = 1 }) => (
            <col key={id} span={1} width={whole ? undefined : `${(100 * grow) / growthOf(columns)}%`} />
          ))}
        </colgroup>
        <Table.Thead>
          <Table.Tr aria-rowindex={1}>
            {table.getHeaderGroups()[0]!.headers.map((header, i) => (
              <Head key={header.id} of={columns[i]!} column={header.column} />
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          <Gap height={above} />
          {sorted.slice(first, last + 1).map((row, i) => (
            <Table.Tr key={row.id} aria-rowindex={first + i + 2}>
              {columns.map(({ id, numeric, cell }, c) => (
                <Table.Td
                  key={id}
                  component={c === 0 ? 'th' : 'td'}
                  {...(c === 0 ? { scope: 'row' } : {})}
                  className={numeric ? 'number' : ''}
                >
                  {cell(row.original)}
                </Table.Td>
              ))}
            </Table.Tr>
          ))}
          <Gap height={below} />
        </Table.Tbody>
      </Table>
      {rows.length === 0 ? (
        <Text c="dimmed" p="md">
          {texts.common.none}
        </Text>
      ) : null}
    </section>
  );
}

function growthOf(columns: readonly { readonly grow?: number }[]): number {
  return columns.reduce((sum, { grow = 1 }) => sum + grow, 0);
}

/** Where rows would be that are not in view. */
function Gap({ height }: { height: number }): ReactNode {
  return height === 0 ? null : <tr style={{ height }} />;
}

function definitionOf<Row>({ id, label, by }: Column<Row>) {
  return {
    id,
    header: label,
    accessorFn: (row: Row): Value => by?.(row) ?? undefined,
    enableSorting: by !== undefined,
    sortUndefined: 'last' as const,
    sortFn: (a: { getValue(id: string): unknown }, b: { getValue(id: string): unknown }, column: string): number =>
      compared(a.getValue(column) as Value, b.getValue(column) as Value),
  };
}

function compared(a: Value, b: Value): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  return order.compare(String(a), String(b));
}

function Head<Row extends object>({
  of: { label, numeric, by },
  column,
}: {
  of: Column<Row>;
  column: SortedColumn<typeof features, Row, unknown>;
}): ReactNode {
  const way = column.getIsSorted();
  const Icon = way === 'asc' ? IconArrowUp : way === 'desc' ? IconArrowDown : IconArrowsSort;
  return (
    <Table.Th
      scope="col"
      className={numeric ? 'number' : ''}
      {...(way === false ? {} : { 'aria-sort': way === 'asc' ? ('ascending' as const) : ('descending' as const) })}
    >
      {by === undefined ? (
        label
      ) : (
        <UnstyledButton className="sort" fz="sm" fw={600} onClick={() => column.toggleSorting()}>
          {label}
          <Icon size={14} stroke={1.6} aria-hidden opacity={way === false ? 0.45 : 1} />
        </UnstyledButton>
      )}
    </Table.Th>
  );
}
