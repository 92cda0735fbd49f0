import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Alert } from '@symbolon/agreement';
import type { PersonRow } from '@symbolon/testkit';
import { type EventFile, readEventFile } from '../rehearsal/alert-events.ts';
import type { DemoPeople } from './people.ts';

/** What Sally tells Fred of: patients of both alone, and only when they come through the emergency department. */
export const demoAlert: Alert = {
  name: 'emergencies',
  from: 'sally',
  to: 'fred',
  events: [
    {
      name: 'emergency',
      description: 'A stay that began in the emergency department',
      when: { valueSet: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', codes: ['EMER'] }] },
    },
  ],
  mergeMinutes: 60,
  linkDays: 90,
};

/** One of the three events of the demo. */
export interface DemoEvent {
  readonly patient: PersonRow;
  readonly what: string;
  /** HL7 v2 patient class: E, emergency; O, outpatient. */
  readonly patientClass: 'E' | 'O';
}

/** An emergency of a patient of both, a visit of another, and an emergency of a patient whom Fred does not insure. */
export function demoEvents({ left, right, pairs }: DemoPeople): readonly [DemoEvent, DemoEvent, DemoEvent] {
  const isAdult = ({ dob }: PersonRow): boolean => Number(/\d{4}/.exec(dob)?.[0]) < 2000;
  const shared = pairs
    .filter(([l, r]) => left[l]!.medicaid !== null && left[l]!.medicaid === right[r]!.medicaid)
    .map(([, r]) => right[r]!)
    .filter(isAdult);
  const known = new Set(pairs.map(([, row]) => row));
  const stranger = right.find((row, i) => !known.has(i) && isAdult(row))!;
  return [
    { patient: shared[0]!, what: 'emergency department', patientClass: 'E' },
    { patient: shared[1]!, what: 'visit for a check-up', patientClass: 'O' },
    { patient: stranger, what: 'emergency department', patientClass: 'E' },
  ];
}

/** The events as HL7 v2 admissions of an hour ago. */
export function eventFile(events: readonly DemoEvent[], folder: string, now: Date): EventFile {
  const path = join(folder, 'admissions.hl7');
  const stamp = new Date(now.getTime() - 3_600_000).toISOString().replace(/[-:T]|\.\d+Z$/g, '');
  const messages = events.map(({ patient: { id }, patientClass }, i) =>
    [
      `MSH|^~\\&|EHR|SALLY|SYMBOLON|SALLY|${stamp}||ADT^A04^ADT_A01|${i + 1}|P|2.5.1`,
      `PID|1||${id}^^^SALLY^MR`,
      `PV1|1|${patientClass}|ED^^^General Hospital${'|'.repeat(16)}V${i + 1}${'|'.repeat(25)}${stamp}`,
    ].join('\r'),
  );
  writeFileSync(path, messages.join('\n'));
  return readEventFile(path);
}
