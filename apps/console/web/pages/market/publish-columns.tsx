import { Select, Table, TextInput } from '@mantine/core';
import type { ReactNode } from 'react';
import type { Answer } from '../../api/operations.ts';
import { texts } from '../../texts/index.ts';

const words = texts.market;

/** What is told of a column, and what it may be used for. */
export interface ColumnTerms {
  readonly name: string;
  readonly type: 'text' | 'number' | 'date' | 'boolean';
  readonly policy: string;
  readonly min: string;
  readonly max: string;
  /** Of text: all values, separated by commas; any text, if empty. */
  readonly values: string;
  readonly required: boolean;
}

/** What a form begins with: nothing may be used, and ranges are round. */
export function firstTerms(columns: Answer<'getDataset'>['columns']): ColumnTerms[] {
  return columns.map(({ name, type, nulls, min, max }) => ({
    name,
    type,
    policy: 'hidden',
    min: type === 'number' ? rounded(min ?? '0', -1) : '1900-01-01',
    max: type === 'number' ? rounded(max ?? '0', 1) : '2099-12-31',
    values: '',
    required: nulls === 0,
  }));
}

/** A power of ten beyond a value, on one side of it: the value itself is somebody's. */
function rounded(value: string, side: 1 | -1): string {
  const number = Number(value);
  if (side * number <= 0) return '0';
  return String(side * 10 ** Math.ceil(Math.log10(Math.abs(number) + 1)));
}

/** The columns as an offer has them; those that may be used for nothing are left out. @param patient says whose record a row is */
export function columnsOf(columns: readonly ColumnTerms[], patient: string | null): Record<string, object> {
  const used = columns.filter(({ policy, name }) => policy !== 'hidden' || name === patient);
  return Object.fromEntries(
    used.map(({ name, type, policy, min, max, values, required }) => {
      const all = values.split(',').flatMap((value) => value.trim() || []);
      const range = type === 'number' || type === 'date' ? { min, max } : {};
      return [
        name,
        { type, policy, ...range, ...(all.length > 0 ? { values: all } : {}), ...(required ? { required } : {}) },
      ];
    }),
  );
}

/** Policy and range of each column. */
export function ColumnsForm({
  columns,
  change,
}: {
  columns: readonly ColumnTerms[];
  change: (columns: ColumnTerms[]) => void;
}): ReactNode {
  const set = (at: number, changed: Partial<ColumnTerms>): void =>
    change(columns.map((column, i) => (i === at ? { ...column, ...changed } : column)));
  const heads = words.catalogue.columns;
  return (
    <Table.ScrollContainer minWidth={640}>
      <Table>
        <Table.Thead>
          <Table.Tr>
            <Table.Th scope="col">{heads.name}</Table.Th>
            <Table.Th scope="col">{heads.type}</Table.Th>
            <Table.Th scope="col">{heads.policy}</Table.Th>
            <Table.Th scope="col">{heads.range}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {columns.map((column, at) => (
            <Table.Tr key={column.name}>
              <Table.Th scope="row" fw={500}>
                {column.name}
              </Table.Th>
              <Table.Td>{texts.data.types[column.type]}</Table.Td>
              <Table.Td>
                <Select
                  aria-label={`${heads.policy}: ${column.name}`}
                  allowDeselect={false}
                  value={column.policy}
                  onChange={(policy) => set(at, { policy: policy! })}
                  data={Object.entries(words.catalogue.policies).map(([value, label]) => ({ value, label }))}
                />
              </Table.Td>
              <Table.Td>
                <Range column={column} set={(changed) => set(at, changed)} />
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

function Range({ column, set }: { column: ColumnTerms; set: (changed: Partial<ColumnTerms>) => void }): ReactNode {
  const { name, type, min, max, values } = column;
  if (type === 'boolean') return null;
  if (type === 'text') {
    return (
      <TextInput
        aria-label={`${words.publish.values}: ${name}`}
        placeholder={words.publish.values}
        value={values}
        onChange={(event) => set({ values: event.currentTarget.value })}
      />
    );
  }
  return (
    <div style={{ display: 'flex', gap: 8 }}>
      <TextInput
        aria-label={`${words.publish.min}: ${name}`}
        value={min}
        onChange={(event) => set({ min: event.currentTarget.value })}
      />
      <TextInput
        aria-label={`${words.publish.max}: ${name}`}
        value={max}
        onChange={(event) => set({ max: event.currentTarget.value })}
      />
    </div>
  );
}
