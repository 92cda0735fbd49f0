import { fault, type SymbolonError } from '@symbolon/crypto';

/** A rule across the fields of an agreement that does not hold. */
export interface BrokenRule {
  /** Like `studies.tables.patients.patient`. */
  readonly field: string;
  readonly rule: string;
}

/** Notes a rule that does not hold. @returns whether it does */
export type Must = (holds: boolean, field: string, rule: string) => boolean;

/** Every rule that `check` found broken, in its order. */
export function brokenRules(check: (must: Must) => void): BrokenRule[] {
  const broken: BrokenRule[] = [];
  check((holds, field, rule) => {
    if (!holds) broken.push({ field, rule });
    return holds;
  });
  return broken;
}

export function ruleFault({ field, rule }: BrokenRule): SymbolonError {
  return fault('agreement-invalid', `${field}: ${rule}`, { culprit: field });
}

export function distinct(values: readonly string[]): boolean {
  return new Set(values).size === values.length;
}
