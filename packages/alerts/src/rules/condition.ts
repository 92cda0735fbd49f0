import type { Alert } from '@symbolon/agreement';
import { compareDecimals } from '../decimal.ts';
import type { ClinicalEvent, Measurement } from '../event.ts';
import { spelling } from '../systems.ts';
import { compileExpression } from './expression.ts';

export type When = Alert['events'][number]['when'];
type Threshold = Extract<When, { threshold: unknown }>['threshold'];

/** Whether an event meets a condition, or why nobody can say. */
export type Met = boolean | 'unit' | 'expression';

/** A condition that is not a value set, which {@link ValueSets} has. */
export function compileCondition(when: When): (event: ClinicalEvent) => Met {
  if ('valueSet' in when) return () => false;
  if ('threshold' in when) return ({ measured }) => thresholdMet(when.threshold, measured);
  const expression = compileExpression(when.fhirPath);
  if (typeof expression !== 'function') return () => 'expression';
  return ({ resource }) => expression(resource) ?? 'expression';
}

function thresholdMet(threshold: Threshold, measured: readonly Measurement[]): Met {
  const mets = measured.filter((one) => isOf(threshold, one)).map((one) => beyond(threshold, one));
  return mets.includes(true) || (mets.includes('unit') ? 'unit' : false);
}

function isOf({ system, code }: Threshold, { codings }: Measurement): boolean {
  return codings.some((coding) => coding.system === system && spelling(system, coding.code) === spelling(system, code));
}

/** The measurement of an event that lies beyond a threshold. */
export function measurementBeyond(threshold: Threshold, measured: readonly Measurement[]): Measurement | undefined {
  return measured.find((one) => isOf(threshold, one) && beyond(threshold, one) === true);
}

// Where only a bound of the value is known, all that it may be has to lie beyond.
function beyond({ above, below, unit }: Threshold, { value, comparator, unit: own }: Measurement): Met {
  if (own !== unit) return 'unit';
  const orMore = comparator === '>' || comparator === '>=';
  const orLess = comparator === '<' || comparator === '<=';
  if (above !== undefined && !orLess) {
    const order = compareDecimals(value, above);
    if (order === 1 || (order === 0 && comparator === '>')) return true;
  }
  if (below !== undefined && !orMore) {
    const order = compareDecimals(value, below);
    if (order === -1 || (order === 0 && comparator === '<')) return true;
  }
  return false;
}
