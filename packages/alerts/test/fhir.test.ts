import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { utf8 } from '@symbolon/crypto';
import { describe, expect, test } from 'vitest';
import { type FhirOptions, readFhir, readNdjsonLine } from '../src/index.ts';
import { systems } from '../src/systems.ts';
import { condition, encounter, eventOf, observation, refused } from './samples.ts';

const byReference: FhirOptions = { patient: { by: 'reference' } };
const read = (resource: object, options = byReference) => readFhir(utf8(JSON.stringify(resource)), options);

describe('an Encounter', () => {
  test('is read with all that an alert may say', () => {
    const whole = {
      ...encounter,
      hospitalization: { dischargeDisposition: { coding: [{ code: 'home' }] } },
      participant: [
        { individual: { display: 'Somebody else' } },
        { type: [{ coding: [{ system: 's', code: 'ATND' }] }], individual: { display: ' Dr.\tStrange\u202e ' } },
      ],
      extension: [{ url: 'http://x', valueString: 'left alone' }],
    };
    const { resource, id, ...event } = eventOf(whole);
    expect(event).toEqual({
      episode: 'Encounter/e1',
      kind: 'Encounter',
      patient: 'p1',
      birthDate: null,
      time: Date.parse('2026-03-09T07:15:00Z'),
      cancelled: false,
      codings: [
        { system: systems.actCode, code: 'EMER' },
        { system: systems.snomed, code: '50849002' },
        { system: systems.icd10cm, code: 'I21.4' },
      ],
      measured: [],
      facility: 'General Hospital',
      encounterClass: 'EMER',
      disposition: 'home',
      practitioner: 'Dr. Strange',
    });
    expect(resource).toEqual(whole);
  });

  test('finished, it is its end; planned, it is nothing yet; cancelled, it needs no time', () => {
    const period = { start: '2026-03-09T08:15:00Z', end: '2026-03-11T10:00:00Z' };
    expect(eventOf({ ...encounter, status: 'finished', period }).time).toBe(Date.parse(period.end));
    expect(eventOf({ ...encounter, period }).time).toBe(Date.parse(period.start));
    expect(read({ ...encounter, status: 'planned' })).toEqual([]);
    const { period: _, ...timeless } = encounter;
    expect(eventOf({ ...timeless, status: 'cancelled' })).toMatchObject({ cancelled: true, time: 0 });
    expect(() => read(timeless)).toThrow(refused('alert-event', 'Encounter.period.start'));
  });

  test('is the same event if it is the same content, and the same episode through all versions', () => {
    const changed = { ...encounter, status: 'finished' };
    expect(eventOf({ ...encounter }).id).toBe(eventOf(encounter).id);
    expect(eventOf(changed).id).not.toBe(eventOf(encounter).id);
    expect(eventOf(changed).episode).toBe(eventOf(encounter).episode);
    const { id: _, ...nameless } = encounter;
    expect(eventOf({ ...nameless, identifier: [{ system: 's', value: 'v' }] }).episode).toBe('Encounter/s|v');
  });
});

describe('who is named', () => {
  const named = (reference: object) => [
    eventOf({ ...condition, recorder: reference }).practitioner,
    eventOf({ ...observation, performer: [reference] }).practitioner,
    eventOf({ ...encounter, participant: [{ individual: reference }] }).practitioner,
  ];
  const display = 'Jane Doe';

  test('is who gives care: patients and relatives may record and take part, too', () => {
    for (const reference of [
      { display },
      { reference: 'Patient/p1', display },
      { reference: 'Patient/p1' },
      { reference: 'https://ehr.example/fhir/RelatedPerson/7', display },
      { type: 'Patient', display },
      { reference: 'urn:uuid:11111111-1111-4111-8111-111111111111', display },
    ]) {
      expect(named(reference)).toEqual([null, null, null]);
    }
    for (const reference of ['Practitioner/7', 'https://x/FHIR/PractitionerRole/7', 'Practitioner?identifier=npi|7']) {
      expect(named({ reference, display: 'Dr. No' })).toEqual(['Dr. No', 'Dr. No', 'Dr. No']);
    }
  });

  test('is no place where the patient is: a ward, or a home', () => {
    const { serviceProvider: _, ...elsewhere } = encounter;
    const location = [{ location: { display: 'Home of Jane Doe' } }];
    expect(eventOf({ ...elsewhere, location }).facility).toBeNull();
  });
});

test('a resource whose meaning an extension may turn round is not read', () => {
  for (const resource of [encounter, condition, observation]) {
    expect(() => read({ ...resource, modifierExtension: [{ url: 'http://x', valueBoolean: true }] })).toThrow(
      refused('alert-event', `${resource.resourceType}.modifierExtension`),
    );
  }
});

describe('the patient', () => {
  test.each(['Patient/p1', 'Patient/p1/_history/3'])('%s', (reference) => {
    expect(eventOf({ ...encounter, subject: { reference } }).patient).toBe('p1');
  });

  test('of another server is nobody here; of the server that is named, its own', () => {
    const other = ['https://other/Patient/p1', 'https://ehr.example/fhir.evil/Patient/p1', 'other/Patient/p1'];
    const own = ['https://ehr.example/fhir/Patient/p1', 'https://ehr.example/fhir/Patient/p1/_history/3'];
    const about = (reference: string) => ({ ...encounter, subject: { reference } });
    for (const reference of [...other, ...own]) {
      expect(() => read(about(reference))).toThrow(refused('alert-event', 'Encounter.subject'));
    }
    for (const base of ['https://ehr.example/fhir', 'https://ehr.example/fhir/']) {
      const options: FhirOptions = { patient: { by: 'reference', base } };
      for (const reference of own) expect(read(about(reference), options)[0]!.patient).toBe('p1');
      for (const reference of other) {
        expect(() => read(about(reference), options)).toThrow(refused('alert-event', 'Encounter.subject'));
      }
    }
    // Nor does a Patient that comes along make it one.
    const patient = { resourceType: 'Patient', id: 'p1' };
    const bundle = (fullUrl: string) => ({
      ...{ resourceType: 'Bundle', type: 'collection' },
      entry: [{ fullUrl, resource: patient }, { resource: about(fullUrl) }],
    });
    expect(() => read(bundle('https://other/Patient/p1'))).toThrow(refused('alert-event', 'Encounter.subject'));
    expect(read(bundle('urn:uuid:1'))[0]!.patient).toBe('p1');
  });

  test('by an identifier of a system: in the subject, or as a search', () => {
    const options: FhirOptions = { patient: { by: 'identifier', system: 'http://ssn' } };
    const subjects = [
      { identifier: { system: 'http://ssn', value: '999' } },
      { reference: 'Patient?identifier=http://ssn|999' },
    ];
    for (const subject of subjects) expect(read({ ...encounter, subject }, options)[0]!.patient).toBe('999');
    const others = [
      undefined,
      {},
      { reference: 'Patient/999' },
      { identifier: { system: 'http://other', value: '999' } },
    ];
    for (const subject of others) {
      expect(() => read({ ...encounter, subject }, options)).toThrow(refused('alert-event', 'Encounter.subject'));
    }
    expect(() => read({ ...encounter, subject: { reference: 'Group/1' } })).toThrow(
      refused('alert-event', 'Encounter.subject'),
    );
  });

  test('of a Bundle, who comes along says identifier and birth date; the stay says where', () => {
    const patient = {
      resourceType: 'Patient',
      identifier: [{ system: 'http://ssn', value: '999' }],
      birthDate: '1970-01-02',
    };
    const bundle = {
      resourceType: 'Bundle',
      type: 'transaction',
      entry: [
        { fullUrl: 'urn:uuid:1', resource: patient },
        { fullUrl: 'urn:uuid:2', resource: { ...encounter, subject: { reference: 'urn:uuid:1' } } },
        { resource: { ...condition, subject: { reference: 'urn:uuid:1' }, encounter: { reference: 'urn:uuid:2' } } },
        { request: { method: 'DELETE', url: 'Encounter/7' } },
      ],
    };
    const events = read(bundle, { patient: { by: 'identifier', system: 'http://ssn' } });
    expect(events.map(({ kind, patient, birthDate, facility }) => [kind, patient, birthDate, facility])).toEqual([
      ['Encounter', '999', '1970-01-02', 'General Hospital'],
      ['Condition', '999', '1970-01-02', 'General Hospital'],
    ]);
    const [, , third] = bundle.entry;
    const broken = {
      ...bundle,
      entry: [{ resource: encounter }, { ...third, resource: { ...condition, subject: 5 } }],
    };
    expect(() => read(broken)).toThrow(refused('alert-event', 'Condition.subject'));
  });
});

test('a Condition: when it was recorded, else when it began; entered in error or refuted, it is taken back', () => {
  const onset = { ...condition, onsetDateTime: '2020-05' };
  expect(eventOf(onset).time).toBe(Date.parse('2026-03-09T08:15:00Z'));
  const { recordedDate: _, ...unrecorded } = onset;
  expect(eventOf(unrecorded).time).toBe(Date.parse('2020-05-01T00:00:00Z'));
  const status = (code: string) => ({ verificationStatus: { coding: [{ system: 's', code }] } });
  const cancelled = ['confirmed', 'entered-in-error', 'refuted'].map(
    (code) => eventOf({ ...condition, ...status(code) }).cancelled,
  );
  expect(cancelled).toEqual([false, true, true]);
});

describe('an Observation', () => {
  test('keeps the digits of its value, its comparator, and its components', () => {
    const text = JSON.stringify({
      ...observation,
      component: [{ code: { coding: [{ system: systems.loinc, code: '8480-6' }] } }],
    })
      .replace('6.1', '6.10')
      .replace('"value":6.10', '"comparator":">","value":6.10');
    const event = eventOf(text);
    expect(event.measured).toEqual([
      { codings: [{ system: systems.loinc, code: '2823-3' }], value: '6.10', unit: 'mmol/L', comparator: '>' },
    ]);
    expect(event.codings.map(({ code }) => code)).toEqual(['2823-3', '8480-6']);
    expect(event.resource).toMatchObject({ valueQuantity: { value: 6.1 } });
  });

  test('registered, it is nothing yet', () => {
    expect(read({ ...observation, status: 'registered' })).toEqual([]);
    expect(eventOf({ ...observation, status: 'entered-in-error' }).cancelled).toBe(true);
  });
});

test('days without a time begin in the time zone of the source', () => {
  const day = { ...condition, recordedDate: '2026-07-01' };
  const at = (timeZone: string) => read(day, { ...byReference, timeZone })[0]!.time;
  expect(at('UTC')).toBe(Date.parse('2026-07-01T00:00:00Z'));
  expect(at('Europe/Berlin')).toBe(Date.parse('2026-06-30T22:00:00Z'));
  expect(at('+05:30')).toBe(Date.parse('2026-06-30T18:30:00Z'));
  expect(() => at('Mars/Olympus')).toThrow(refused('config-invalid'));
});

describe('what cannot be read', () => {
  const bad: [string, string, string | undefined][] = [
    ['no JSON', '{', 'the resource'],
    ['not UTF-8', '\u00ff', 'the resource'],
    ['a number', '5', 'resourceType'],
    ['no type', '{"id":"a"}', 'resourceType'],
    ['another type', '{"resourceType":"Patient"}', 'resourceType'],
    ['a search', '{"resourceType":"Bundle","type":"searchset"}', 'Bundle.type'],
    ['a status of R5', JSON.stringify({ ...encounter, status: 'completed' }), 'Encounter.status'],
    ['a class of R5', JSON.stringify({ ...encounter, class: [encounter.class] }), 'Encounter.class'],
    [
      'a time without a zone',
      JSON.stringify({ ...encounter, period: { start: '2026-03-09T08:15:00' } }),
      'Encounter.period.start',
    ],
    ['a day that is none', JSON.stringify({ ...condition, recordedDate: '2026-02-30' }), 'Condition.recordedDate'],
    ['100,000 levels', '['.repeat(100_000) + ']'.repeat(100_000), 'the resource'],
    [
      'a value that is no number',
      JSON.stringify({ ...observation, valueQuantity: { value: 'high' } }),
      'Observation.valueQuantity.value',
    ],
  ];
  test.each(bad)('%s', (name, text, where) => {
    const bytes = name === 'not UTF-8' ? Uint8Array.of(0x22, 0xff, 0x22) : utf8(text);
    expect(() => readFhir(bytes, byReference)).toThrow(refused('alert-event', where));
  });

  test('a resource of more than 1 MiB', () => {
    const big = utf8(JSON.stringify({ ...encounter, text: 'x'.repeat(1 << 20) }));
    expect(() => readFhir(big, byReference)).toThrow(refused('alert-event', 'the resource'));
  });

  test('what was there is not quoted', () => {
    const secret = 'Jane-Doe-19700102';
    for (const field of ['status', 'period', 'subject', 'class', 'id', 'reasonCode']) {
      try {
        read({ ...encounter, [field]: secret });
        expect.unreachable(field);
      } catch (error) {
        expect(String(error)).not.toContain(secret);
      }
    }
  });

  test('of NDJSON, resources of other types are no events', () => {
    expect(readNdjsonLine(utf8('{"resourceType":"Patient","id":"p1"}'), byReference)).toEqual([]);
    expect(() => readNdjsonLine(utf8('{}'), byReference)).toThrow(refused('alert-event', 'resourceType'));
  });
});

const folder = join(import.meta.dirname, '../../../../shared/data/fhir-bulk-10');
const present = existsSync(folder);
if (!present) console.warn(`skipped: ${folder} is not there (see CONTRIBUTING.md)`);

test.runIf(present)('a bulk export of Synthea: every Encounter and Condition is an event of a patient', () => {
  const lines = (type: string) =>
    readFileSync(join(folder, `${type}.000.ndjson`), 'utf8')
      .split('\n')
      .filter((line) => line !== '');
  const patients = new Set(lines('Patient').map((line) => (JSON.parse(line) as { id: string }).id));
  for (const type of ['Encounter', 'Condition'] as const) {
    const all = lines(type);
    const events = all.flatMap((line) => readNdjsonLine(utf8(line), byReference));
    expect(events.length).toBe(all.length);
    expect(new Set(events.map(({ id }) => id)).size).toBe(all.length);
    for (const event of events) {
      expect(patients.has(event.patient)).toBe(true);
      expect([event.kind, event.cancelled, event.codings.length > 0]).toEqual([type, false, true]);
      if (type === 'Encounter') expect(event.facility).not.toBeNull();
    }
    // By another way: the time is that of the JSON.
    const first = JSON.parse(all[0]!) as { period?: { end: string }; recordedDate: string };
    expect(events[0]!.time).toBe(Date.parse(first.period?.end ?? first.recordedDate));
  }
  expect(lines('MedicationRequest').flatMap((line) => readNdjsonLine(utf8(line), byReference))).toEqual([]);
});
