import type { Coding } from '../event.ts';
import { systemsOf } from '../systems.ts';
import { component, type Repetition, repetitions, segment, segmentsOf, value } from './field.ts';
import type { Hl7Message } from './message.ts';

/** A code as FHIR has it; without a system where it is of one that is not known here. */
export type Diagnosis = Pick<Coding, 'code'> & Partial<Coding>;

/** The codes of each diagnosis (DG1-3) and of the reason of the stay (PV2-3). */
export function diagnosesOf(message: Hl7Message): Diagnosis[][] {
  const reasons = repetitions(message, segment(message, 'PV2'), 3).map((cwe) => codings(message, cwe, ''));
  const diagnoses = segmentsOf(message, 'DG1').flatMap((dg1) => {
    // DG1-2 named the coding method up to v2.3.
    const method = value(message, dg1, 2);
    return repetitions(message, dg1, 3).map((cwe) => codings(message, cwe, method));
  });
  return [...diagnoses, ...reasons].filter((found) => found.length > 0);
}

/** A coded element: code, text and system, and once more in another system. */
function codings(message: Hl7Message, cwe: Repetition, method: string): Diagnosis[] {
  return [1, 4].flatMap((first) => {
    const code = component(message, cwe, first);
    if (code === '' || code.length > 64) return [];
    const system = component(message, cwe, first + 2) || (first === 1 ? method : '');
    const known = systemsOf(system, code);
    return known.length === 0 ? [{ code }] : known.map((uri) => ({ system: uri, code }));
  });
}
