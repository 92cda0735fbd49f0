import type { Column, Table } from '@symbolon/agreement';
import type { AgreedColumn } from '../data/table.ts';
import type { DatasetInfo } from './datasets.ts';

/** A column in a {@link TableDescription}: what an agreement says of it, but for normalisation. */
export type ColumnDescription =
  | { readonly type: 'text'; readonly maxLength: number }
  | { readonly type: 'number'; readonly min: string; readonly max: string; readonly scale?: number }
  | { readonly type: 'date' }
  | { readonly type: 'boolean' };

/** What a partner needs to know of a table to draft an agreement: columns and types, no content. It may be shown to anyone. */
export interface TableDescription {
  readonly name: string;
  /** Rows, rounded up to two digits: 4,988 is 5,000. */
  readonly rows: number;
  readonly columns: Readonly<Record<string, ColumnDescription>>;
}

const maxLength = 1000;

/**
 * Describes a data set. Nothing in it is exact, because a longest name or a highest salary is somebody's: lengths are rounded
 * up to a multiple of 8, ranges to powers of ten, dates have none.
 */
export function tableDescription({ name, columns, rows }: DatasetInfo): TableDescription {
  return {
    name,
    rows: roundedRows(rows),
    columns: Object.fromEntries(columns.map((column) => [agreedName(column.name), describe(column)])),
  };
}

/** A column's name in agreements: small letters, digits and underscores; ' Given Name' is given_name. */
export function agreedName(name: string): string {
  const plain = name
    .normalize('NFKD')
    .replace(/\p{M}+/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9_]+/g, '_')
    .replace(/^_+|_+$/g, '');
  return (/^[0-9]/.test(plain) || plain === '' ? `_${plain}` : plain).slice(0, 63);
}

/**
 * How a party reads the columns of an agreement from its own source.
 * @param columns that were found in the source
 */
export function agreedColumns(table: Table, { columns }: Pick<DatasetInfo, 'columns'>): Record<string, AgreedColumn> {
  return Object.fromEntries(
    Object.entries(table.columns).map(([name, column]) => {
      const found = columns.find((candidate) => agreedName(candidate.name) === name);
      return [
        name,
        {
          ...bounds(column),
          ...(found === undefined ? {} : { from: found.name }),
          ...(found?.format === undefined || column.type !== 'date' ? {} : { format: found.format }),
          ...(name === table.key ? { required: true } : {}),
        },
      ];
    }),
  );
}

// A text's length is agreed on after normalisation, so it cannot be checked while loading.
function bounds(column: Column): AgreedColumn {
  if (column.type !== 'number') return { type: column.type };
  return { type: 'number', min: column.min, max: column.max, scale: column.scale ?? 0 };
}

function describe(column: DatasetInfo['columns'][number]): ColumnDescription {
  switch (column.type) {
    case 'text':
      return { type: 'text', maxLength: roundedLength(column.maxLength ?? 0) };
    case 'number':
      return numberDescription(column);
    default:
      return { type: column.type };
  }
}

/** @param length of the longest value */
export function roundedLength(length: number): number {
  return Math.min(maxLength, Math.max(8, Math.ceil(length / 8) * 8));
}

function numberDescription({ min = '0', max = '0', scale = 0 }: DatasetInfo['columns'][number]): ColumnDescription {
  const digits = (text: string) => Math.max(1, text.replace(/^-/, '').split('.')[0]!.length);
  const most = Math.max(digits(min), digits(max));
  const bound = '9'.repeat(Math.min(most, 18 - Math.min(scale, 9)));
  return {
    type: 'number',
    min: min.startsWith('-') ? `-${bound}` : '0',
    max: bound,
    ...(scale === 0 ? {} : { scale: Math.min(scale, 9) }),
  };
}

function roundedRows(rows: number): number {
  const unit = 10 ** Math.max(0, String(rows).length - 2);
  return Math.ceil(rows / unit) * unit;
}
