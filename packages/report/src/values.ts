import { exact, none, number } from './numbers.ts';

/** Name of the group whose key is NULL. */
export const noKey = 'no value';

/** Whether DuckDB's type is of numbers. */
export function isNumeric(type: string): boolean {
  return /^(BIGINT|HUGEINT|INTEGER|DOUBLE|DECIMAL)/.test(type);
}

/** A released value, as DuckDB printed it, for readers. */
export function printValue(value: string | null, type: string): string {
  if (value === null) return none;
  if (!isNumeric(type)) return value;
  return type === 'DOUBLE' ? number(Number(value), 5) : exact(value);
}
