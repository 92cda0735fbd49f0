import { fault } from '@symbolon/crypto';

/** A rule across the fields of an agreement. @throws SymbolonError `agreement-invalid` with `field` as its culprit */
export function must(holds: boolean, field: string, rule: string): asserts holds {
  if (!holds) throw fault('agreement-invalid', `${field}: ${rule}`, { culprit: field });
}

export function distinct(values: readonly string[]): boolean {
  return new Set(values).size === values.length;
}
