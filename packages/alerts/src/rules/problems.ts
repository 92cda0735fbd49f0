import type { Alert } from '@symbolon/agreement';
import { isIcd } from '../systems.ts';
import type { When } from './condition.ts';
import { compileExpression } from './expression.ts';

/** What is wrong with the conditions of an alert, which its schema cannot say. */
export interface AlertProblem {
  /** Within the alert: `events.0.when.fhirPath`. */
  readonly at: string;
  readonly message: string;
  readonly hint: string;
}

/** See {@link AlertProblem}; none: it compiles. */
export function alertProblems({ events }: Alert): AlertProblem[] {
  return events.flatMap(({ when }, i) =>
    conditionProblems(when).map(({ at, ...rest }) => ({ at: `events.${i}.when.${at}`, ...rest })),
  );
}

function conditionProblems(when: When): AlertProblem[] {
  if ('fhirPath' in when) {
    const compiled = compileExpression(when.fhirPath);
    return typeof compiled === 'function' ? [] : [{ at: 'fhirPath', ...compiled }];
  }
  if ('threshold' in when) return when.threshold.code.includes('*') ? [star('threshold.code')] : [];
  return when.valueSet.flatMap(({ system, codes }, i) =>
    codes.flatMap((code, j) => (isFair(system, code) ? [] : [star(`valueSet.${i}.codes.${j}`)])),
  );
}

// At least a letter and a digit: * alone would be every diagnosis.
function isFair(system: string, code: string): boolean {
  return !code.includes('*') || (isIcd(system) && /^[A-Za-z0-9][0-9][A-Za-z0-9.]{0,6}\*$/.test(code));
}

function star(at: string): AlertProblem {
  return {
    at,
    message: 'a star stands for the codes below another in the ICD only, at its end, like I21*',
    hint: 'Write each code.',
  };
}
