import { fromUtf8, utf8 } from '@symbolon/crypto';
import { describe, expect, test } from 'vitest';
import { acknowledge, adtEvents, readHl7 } from '../src/index.ts';
import { systems } from '../src/systems.ts';
import { adt, adtEvent, hl7Options, now, refused } from './samples.ts';

const at = (text: string) => Date.parse(text);

describe('an ADT message', () => {
  test('is read with all that an alert may say', () => {
    const { resource, id, ...event } = adtEvent(
      'A01',
      { 'PV1-3': 'ED^12^3^St. \\T\\ Mary', 'PV1-7': '1^Strange^Stephen^^^Dr.', 'PV1-36': '01' },
      ['DG1|1||I21.4^NSTEMI^I10C', 'DG1|2||E11.9^Diabetes^I10'],
    );
    expect(event).toEqual({
      episode: 'visit V77',
      kind: 'Encounter',
      patient: '123',
      birthDate: '1970-01-02',
      // Daylight saving time began in New York on 8 March 2026.
      time: at('2026-03-09T12:15:00Z'),
      cancelled: false,
      codings: [
        { system: systems.actCode, code: 'EMER' },
        { system: systems.patientClass, code: 'E' },
        { system: systems.icd10cm, code: 'I21.4' },
        { system: systems.icd10cm, code: 'E11.9' },
        { system: systems.icd10, code: 'E11.9' },
      ],
      measured: [],
      facility: 'St. & Mary',
      encounterClass: 'EMER',
      disposition: '01',
      practitioner: 'Dr. Stephen Strange',
    });
    expect(resource).toMatchObject({
      resourceType: 'Encounter',
      status: 'in-progress',
      period: { start: '2026-03-09T12:15:00.000Z' },
    });
  });

  const ends = { 'PV1-45': '20260312100000' };
  test.each([
    ['A01', {}, '2026-03-09T12:15:00Z', 'in-progress'],
    ['A02', {}, '2026-03-09T12:30:00Z', 'in-progress'],
    ['A02', { 'EVN-6': '20260309082000' }, '2026-03-09T12:20:00Z', 'in-progress'],
    ['A03', ends, '2026-03-12T14:00:00Z', 'finished'],
    ['A04', {}, '2026-03-09T12:15:00Z', 'in-progress'],
    ['A08', {}, '2026-03-09T12:15:00Z', 'in-progress'],
    ['A08', ends, '2026-03-12T14:00:00Z', 'finished'],
    ['A11', {}, '2026-03-09T12:30:00Z', 'cancelled'],
  ])('%s %j', (trigger, fields, time, status) => {
    const event = adtEvent(trigger, fields);
    expect(new Date(event.time).toISOString()).toBe(new Date(time).toISOString());
    expect(event.resource).toMatchObject({ status });
    expect(event.cancelled).toBe(trigger === 'A11');
  });

  test('other messages are no events', () => {
    for (const trigger of ['A05', 'A12', 'A31', 'A40'])
      expect(adtEvents(readHl7(adt(trigger)), hl7Options)).toEqual([]);
    expect(adtEvents(readHl7(adt('R01', { 'MSH-9': 'ORU^R01' })), hl7Options)).toEqual([]);
  });

  test('times with an offset, and parts of times', () => {
    const time = (text: string) => adtEvent('A01', { 'PV1-44': text }).time;
    expect(time('20260309081500.1234+0100')).toBe(at('2026-03-09T07:15:00.123Z'));
    expect(time('2026030908')).toBe(at('2026-03-09T12:00:00Z'));
    expect(time('20260115')).toBe(at('2026-01-15T05:00:00Z'));
    for (const bad of ['2026-03-09', '20260230', '202603092500', 'yesterday', '20260309081500+1']) {
      expect(() => time(bad)).toThrow(refused('alert-event', 'PV1-44'));
    }
  });

  test('which identifier is the patient: authority by name or universal id, type, or the first', () => {
    const of = (pid: string, authority: string | null, type: string | null) =>
      adtEvents(readHl7(adt('A01', { 'PID-3': pid })), { ...hl7Options, patient: { authority, type } })[0]!.patient;
    const pid = '1^^^A^MR~2^^^B&1.2.3&ISO^MR~3^^^B^PI';
    expect(of(pid, null, null)).toBe('1');
    expect(of(pid, 'B', null)).toBe('2');
    expect(of(pid, '1.2.3', 'MR')).toBe('2');
    expect(of(pid, 'B', 'PI')).toBe('3');
    expect(() => of(pid, 'C', null)).toThrow(refused('alert-event', 'PID-3'));
    expect(() => of('', null, null)).toThrow(refused('alert-event', 'PID-3'));
    expect(() => of('""', null, null)).toThrow(refused('alert-event', 'PID-3'));
  });

  test('the stay: visit number, else account and when it began, else each message for itself', () => {
    const without = { 'PV1-19': '' };
    const account = { ...without, 'PID-18': 'ACC9^^^GH' };
    expect(adtEvent('A01', account).episode).toBe('account ACC9 admitted 20260309081500');
    expect(adtEvent('A01', { ...account, 'PV1-44': '' }).episode).toBe('account ACC9');
    // A later stay on the same account is another.
    const later = adtEvent('A01', { ...account, 'PV1-44': '20260401093000' });
    expect(later.episode).not.toBe(adtEvent('A01', account).episode);
    expect(adtEvent('A01', without).episode).toBe('admitted 20260309081500');
    const alone = adtEvent('A01', { ...without, 'PV1-44': '' });
    expect(alone.episode).toMatch(/^message /);
    expect(alone.time).toBe(at('2026-03-09T12:30:00Z'));
  });

  test('diagnoses in other systems, twice coded, and of v2.3', () => {
    const codings = (...segments: string[]) => adtEvent('A01', {}, segments).codings.slice(2);
    expect(codings('DG1|1||22298006^MI^SCT^I21.9^MI^I10C')).toEqual([
      { system: systems.snomed, code: '22298006' },
      { system: systems.icd10cm, code: 'I21.9' },
    ]);
    expect(codings('DG1|1|I9|410.9')).toEqual([{ system: systems.icd9cm, code: '410.9' }]);
    expect(codings('DG1|1||I21.9').map(({ system }) => system)).toEqual([systems.icd10cm, systems.icd10]);
    expect(codings('DG1|1||X^local^99LOCAL', 'DG1|2||', 'PV2|||R07.9^Chest pain^I10C')).toEqual([
      { system: systems.icd10cm, code: 'R07.9' },
    ]);
  });
});

describe('the encoding', () => {
  test('other delimiters, line ends and escapes', () => {
    const text = [
      'MSH$*@!%$EHR$GENERAL$S$I$20260309083000$$ADT*A01$7$P$2.3',
      'PID$1$$12!F!3*x*x*GH*MR',
      'PV1$1$I$*A*B*!S!!T!!R!!E!!X41!!H!b!N!',
    ].join('\n');
    const [event] = adtEvents(readHl7(utf8(text)), hl7Options);
    expect([event!.patient, event!.facility, event!.encounterClass]).toEqual(['12$3', '*%@!Ab', 'IMP']);
  });

  test('character sets', () => {
    const facility = (charset: string, encoding: BufferEncoding) => {
      const bytes = Buffer.from(
        fromUtf8(adt('A01', { 'MSH-18': charset, 'PV1-3': '^^^Kreiskrankenhaus Köln' })),
        encoding,
      );
      return adtEvents(readHl7(new Uint8Array(bytes)), hl7Options)[0]!.facility;
    };
    for (const charset of ['UNICODE UTF-8', '', 'ASCII'])
      expect(facility(charset, 'utf8')).toBe('Kreiskrankenhaus Köln');
    for (const charset of ['8859/1', '8859/15', '']) expect(facility(charset, 'latin1')).toBe('Kreiskrankenhaus Köln');
    expect(facility('8859/1~UNICODE UTF-8', 'latin1')).toBe('Kreiskrankenhaus Köln');
    expect(() => facility('UNICODE UTF-8', 'latin1')).toThrow(refused('alert-event', 'MSH-18'));
    expect(() => facility('EBCDIC', 'latin1')).toThrow(refused('alert-event', 'MSH-18'));
  });

  const broken: [string, string, string][] = [
    ['nothing', '', 'MSH'],
    ['FHIR', '{"resourceType":"Encounter"}', 'MSH'],
    ['a batch', 'BHS|^~\\&|', 'MSH'],
    ['delimiters twice', 'MSH|^^\\&|a', 'MSH-2'],
    ['delimiters that are letters', 'MSHabcdea', 'MSH-2'],
    ['a header that ends', 'MSH|^~\\&', 'MSH-2'],
    ['no type', fromUtf8(adt('A01', { 'MSH-9': '' })), 'MSH-9'],
    ['no id', fromUtf8(adt('A01', { 'MSH-10': '' })), 'MSH-10'],
    ['version 3', fromUtf8(adt('A01', { 'MSH-12': '3.0' })), 'MSH-12'],
    ['a second message', `${fromUtf8(adt('A01'))}${fromUtf8(adt('A01'))}`, 'segment 5'],
    ['a line that is no segment', `${fromUtf8(adt('A01'))}hello`, 'segment 5'],
  ];
  test.each(broken)('%s', (_, text, where) => {
    expect(() => readHl7(utf8(text))).toThrow(refused('alert-event', where));
  });

  test('a message without patient or visit', () => {
    const without = (name: string) =>
      fromUtf8(adt('A01'))
        .split('\r')
        .filter((line) => !line.startsWith(name))
        .join('\r');
    for (const name of ['PID', 'PV1']) {
      expect(() => adtEvents(readHl7(utf8(without(name))), hl7Options)).toThrow(refused('alert-event', name));
    }
  });
});

describe('acknowledgements', () => {
  test('name the receiver as the message named its sender', () => {
    const lines = fromUtf8(acknowledge(readHl7(adt('A01')), 'AA', '', now)).split('\r');
    expect(lines).toEqual([
      'MSH|^~\\&|SYMBOLON|INSURER|EHR|GENERAL|20260310120000||ACK^A01^ACK|42|P|2.5.1||||||UNICODE UTF-8',
      'MSA|AA|42|',
      '',
    ]);
  });

  test('are messages themselves, in the delimiters of the sender; a text can hold anything', () => {
    const message = readHl7(utf8('MSH$*@!%$EHR$GENERAL$S$I$20260309083000$$ADT*A01$7$P$2.3'));
    const answer = readHl7(acknowledge(message, 'AE', 'PV1-44: a $ and\r a * and !', now));
    expect(answer.segments[1]!.fields).toEqual(['MSA', 'AE', '7', 'PV1-44: a !F! and  a !S! and !E!']);
  });

  test('to what is no message', () => {
    expect(fromUtf8(acknowledge(undefined, 'AR', 'not HL7', now))).toMatch(
      /^MSH\|\^~\\&\|{5}20260310120000\|\|ACK\|\|P\|2.5.1/,
    );
  });
});
