import { fitScale, scaledDecimal } from './decimal.ts';
import { checkBlocking, checkText } from './matching.ts';
import { distinct, type Must } from './rules.ts';
import type { Agreement, Column, LinkAgreement, Table } from './schema.ts';

// Sums and differences of values must stay within a signed 64-bit word.
const maxMagnitude = 1n << 62n;

/** The bounds of a number column × 10^scale, as integers. */
export function scaledBounds(column: Extract<Column, { type: 'number' }>): { min: bigint; max: bigint } {
  const scale = column.scale ?? 0;
  return { min: scaledDecimal(column.min, scale), max: scaledDecimal(column.max, scale) };
}

/** The rules across the fields of a link and its tables. */
export function checkLink(must: Must, agreement: LinkAgreement): void {
  const { a, b } = agreement.tables;
  for (const [name, table] of Object.entries(agreement.tables)) checkTable(must, agreement, name, table);
  must(a.party !== b.party, 'tables.b.party', 'both tables belong to the same party');
  const owners = [a.party, b.party];
  const { to, blocking, cardinality = 'many-to-many', prefer } = agreement.link;
  must(distinct(to), 'link.to', 'names a party twice');
  for (const id of to) must(owners.includes(id), 'link.to', `${id} holds neither table`);
  if (blocking !== undefined) checkBlocking(must, 'link.blocking', blocking);
  must(prefer === undefined || cardinality !== 'many-to-many', 'link.prefer', 'says nothing where all pairs count');
}

function checkTable(must: Must, agreement: Agreement, name: string, table: Table): void {
  const at = `tables.${name}`;
  const isParty = agreement.parties.some(({ id }) => id === table.party);
  must(isParty, `${at}.party`, `${table.party} is not a party`);
  must(
    table.key === undefined || Object.hasOwn(table.columns, table.key),
    `${at}.key`,
    `there is no column ${table.key}`,
  );
  for (const [column, definition] of Object.entries(table.columns)) {
    checkColumn(must, `${at}.columns.${column}`, definition);
  }
}

function checkColumn(must: Must, at: string, column: Column): void {
  if (column.type === 'text') checkText(must, at, column);
  if (column.type !== 'number' || !fitScale(must, at, column, column.scale ?? 0)) return;
  const { min, max } = scaledBounds(column);
  must(min <= max, `${at}.max`, 'is less than min');
  must(min > -maxMagnitude && max < maxMagnitude, at, 'the range × 10^scale does not fit 62 bits');
}
