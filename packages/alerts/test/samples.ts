import type { Alert, Card } from '@symbolon/agreement';
import { base64url, generateSigningKey, insecureTestRng, utf8 } from '@symbolon/crypto';
import fc from 'fast-check';
import { expect } from 'vitest';
import { type AlertMessage, adtEvents, type ClinicalEvent, type Hl7Options, readFhir, readHl7 } from '../src/index.ts';
import { systems } from '../src/systems.ts';

/** Runs of a property: few by default, many with SLOW=1. */
export const runs = (quick: number) => ({ numRuns: process.env.SLOW === '1' ? quick * 50 : quick });

/** An error of a code, of a field. */
export const refused = (code: string, where?: string) =>
  expect.objectContaining({ code, ...(where === undefined ? {} : { culprit: where }) });
export const now = new Date('2026-03-10T12:00:00Z');

/** An alert that tells of one class of events. */
export function alertOf(when: Alert['events'][number]['when'], more: Partial<Alert> = {}): Alert {
  return {
    name: 'admissions',
    from: 'hospital',
    to: 'insurer',
    events: [{ name: 'heart', description: 'Of the heart', when }],
    mergeMinutes: 0,
    linkDays: 90,
    includes: ['minors'],
    ...more,
  };
}

export const valueSet = (system: string, ...codes: string[]) => ({ valueSet: [{ system, codes }] });

export const encounter = {
  resourceType: 'Encounter',
  id: 'e1',
  status: 'in-progress',
  class: { system: systems.actCode, code: 'EMER' },
  type: [{ coding: [{ system: systems.snomed, code: '50849002' }] }],
  subject: { reference: 'Patient/p1' },
  period: { start: '2026-03-09T08:15:00+01:00' },
  reasonCode: [{ coding: [{ system: systems.icd10cm, code: 'I21.4' }] }],
  serviceProvider: { display: 'General Hospital' },
};

export const condition = {
  resourceType: 'Condition',
  id: 'c1',
  code: { coding: [{ system: systems.icd10cm, code: 'I21.4' }] },
  subject: { reference: 'Patient/p1' },
  recordedDate: '2026-03-09T08:15:00Z',
};

export const observation = {
  resourceType: 'Observation',
  id: 'o1',
  status: 'final',
  code: { coding: [{ system: systems.loinc, code: '2823-3' }] },
  subject: { reference: 'Patient/p1' },
  effectiveDateTime: '2026-03-09T08:15:00Z',
  valueQuantity: { value: 6.1, unit: 'mmol/L', system: systems.ucum, code: 'mmol/L' },
};

/** The one event of a resource. */
export function eventOf(resource: object | string): ClinicalEvent {
  const text = typeof resource === 'string' ? resource : JSON.stringify(resource);
  return readFhir(utf8(text), { patient: { by: 'reference' } })[0]!;
}

/** An ADT message of fields that are given by their places; the rest is usual. */
export function adt(
  trigger: string,
  fields: Readonly<Record<string, string>> = {},
  more: readonly string[] = [],
): Uint8Array {
  const all: Record<string, string> = {
    'MSH-2': '^~\\&',
    'MSH-3': 'EHR',
    'MSH-4': 'GENERAL',
    'MSH-5': 'SYMBOLON',
    'MSH-6': 'INSURER',
    'MSH-7': '20260309083000',
    'MSH-9': `ADT^${trigger}`,
    'MSH-10': '42',
    'MSH-11': 'P',
    'MSH-12': '2.5.1',
    'EVN-2': '20260309083000',
    'PID-3': '123^^^GH^MR~999^^^SSA^SS',
    'PID-7': '19700102',
    'PV1-2': 'E',
    'PV1-19': 'V77',
    'PV1-44': '20260309081500',
    ...fields,
  };
  const segment = (name: string): string => {
    const own = Object.entries(all).filter(([place]) => place.startsWith(`${name}-`));
    const line: string[] = [name];
    for (const [place, text] of own) line[Number(place.split('-')[1]) - (name === 'MSH' ? 1 : 0)] = text;
    return Array.from(line, (text) => text ?? '').join('|');
  };
  return utf8(`${['MSH', 'EVN', 'PID', 'PV1'].map(segment).concat(more).join('\r')}\r`);
}

export const hl7Options: Hl7Options = { patient: { authority: 'GH', type: 'MR' }, timeZone: 'America/New_York' };

/** The one event of an ADT message. */
export function adtEvent(...message: Parameters<typeof adt>): ClinicalEvent {
  return adtEvents(readHl7(adt(...message)), hl7Options)[0]!;
}

export const hospitalKey = generateSigningKey(insecureTestRng('hospital'));
/** What is looked at of a card here. */
export const hospitalCard = { id: 'hospital', signingKey: base64url(hospitalKey.publicKey) } as Card;

const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length }).map(base64url);
const moment = fc
  .date({ min: new Date('2000-01-01'), max: new Date('2100-01-01'), noInvalidDate: true })
  .map((date) => date.toISOString());
const line = fc.stringMatching(/^[A-Za-zäßÉ'&<>"\\/.-]{1,30}( [A-Za-z]{1,20})?$/).map((text) => text.normalize('NFC'));
const code = fc.stringMatching(/^[!-~]{1,20}$/);
const optional = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });

/** Any message that a server may send. */
export const anyMessage: fc.Arbitrary<AlertMessage> = fc
  .record({
    id: bytes(16),
    agreement: bytes(32),
    event: fc.stringMatching(/^[a-z][a-z0-9_-]{0,20}$/),
    kind: fc.constantFrom('Encounter' as const, 'Condition' as const, 'Observation' as const),
    link: fc.stringMatching(/^[A-Za-z0-9_-]{1,64}$/),
    rows: fc.uniqueArray(fc.nat(2 ** 31), { minLength: 1, maxLength: 16 }).map((rows) => rows.sort((a, b) => a - b)),
    time: moment,
    sentAt: moment,
    facility: line,
    code: optional(fc.record({ system: fc.constantFrom(...Object.values(systems)), code })),
    value: optional(
      fc.record({
        value: fc.stringMatching(/^-?(0|[1-9][0-9]{0,9})(\.[0-9]{1,9})?([eE][+-]?[0-9]{1,2})?$/),
        comparator: optional(fc.constantFrom('<' as const, '>=' as const)),
        unit: code,
      }),
    ),
    encounterClass: optional(code),
    disposition: optional(code),
    practitioner: optional(line),
    retracts: optional(bytes(16)),
  })
  .map((fields) => {
    const { kind, value, encounterClass, disposition, retracts, id, ...rest } = fields;
    const own = kind === 'Encounter' ? { encounterClass, disposition } : kind === 'Observation' ? { value } : {};
    const message = { id, from: 'hospital', to: 'insurer', alert: 'admissions', kind, ...rest, ...own };
    return JSON.parse(JSON.stringify({ ...message, ...(retracts === id ? {} : { retracts }) })) as AlertMessage;
  });
