import type { Encounter } from 'fhir/r4.js';
import type { ClinicalEvent, Coding } from '../event.ts';
import { unreadable } from '../fault.ts';
import { codingOf } from '../fhir/source.ts';
import { systems } from '../systems.ts';
import { plainText } from '../text.ts';
import { hl7Time, type Zone, zoneOf } from '../time.ts';
import { diagnosesOf } from './diagnoses.ts';
import { repetitions, segment, subcomponent, component as textOf, value } from './field.ts';
import type { Hl7Message, Segment } from './message.ts';

/** Which of the identifiers in PID-3 names the patient: the first of this assigning authority (CX.4) and type (CX.5); null: of any. */
export interface Hl7Patient {
  readonly authority: string | null;
  readonly type: string | null;
}

/** How to read what a source tells. */
export interface Hl7Options {
  readonly patient: Hl7Patient;
  /** IANA name, or ±hh:mm, of times that stand without an offset. */
  readonly timeZone: string;
}

/** When an event happened: of these fields the first that says it. */
const times: Readonly<Record<string, readonly string[]>> = {
  A01: ['PV1-44', 'EVN-6', 'EVN-2', 'MSH-7'],
  A02: ['EVN-6', 'EVN-2', 'MSH-7'],
  A03: ['PV1-45', 'EVN-6', 'EVN-2', 'MSH-7'],
  A04: ['PV1-44', 'EVN-6', 'EVN-2', 'MSH-7'],
  A08: ['PV1-45', 'PV1-44', 'EVN-6', 'EVN-2', 'MSH-7'],
  A11: ['EVN-6', 'EVN-2', 'MSH-7'],
};

// HL7 table 0004 to v3-ActCode, as the v2-to-FHIR concept map has it.
const classes: Readonly<Record<string, string>> = { E: 'EMER', I: 'IMP', O: 'AMB', P: 'PRENC', R: 'AMB' };

/** The events of an ADT message: one of A01–A04, A08 and A11; none of any other. Throws `alert-event`. */
export function adtEvents(message: Hl7Message, { patient, timeZone }: Hl7Options): ClinicalEvent[] {
  const trigger = message.trigger || value(message, segment(message, 'EVN'), 1);
  if (message.type !== 'ADT' || !Object.hasOwn(times, trigger)) return [];
  const pid = required(message, 'PID');
  const visit = required(message, 'PV1');
  const zone = zoneOf(timeZone);
  const time = firstTime(message, times[trigger]!, zone);
  const name = patientOf(message, pid, patient);
  const resource = encounterOf(message, trigger, zone);
  const { reasonCode = [] } = resource;
  const coded = (system: string, code: string): Coding[] => (code === '' ? [] : [{ system, code }]);
  const kind = value(message, visit, 2);
  return [
    {
      id: `${message.controlId}#${message.hash}`,
      episode: episodeOf(message, visit, pid),
      kind: 'Encounter',
      patient: name,
      time,
      cancelled: trigger === 'A11',
      codings: [
        ...coded(systems.actCode, classes[kind] ?? ''),
        ...coded(systems.patientClass, kind),
        ...reasonCode.flatMap(({ coding = [] }) => coding).flatMap(codingOf),
      ],
      measured: [],
      facility: resource.serviceProvider?.display ?? null,
      encounterClass: classes[kind] ?? null,
      disposition: value(message, visit, 36) || null,
      practitioner: resource.participant?.[0]?.individual?.display ?? null,
      birthDate: birthOf(message, pid),
      resource,
    },
  ];
}

function required(message: Hl7Message, name: string): Segment {
  const found = segment(message, name);
  if (found === undefined) throw unreadable(name, `is missing: ${message.trigger} needs this segment`);
  return found;
}

function patientOf(message: Hl7Message, pid: Segment, { authority, type }: Hl7Patient): string {
  const found = repetitions(message, pid, 3).find(
    (cx) =>
      (authority === null || [1, 2].some((part) => subcomponent(message, cx, 4, part) === authority)) &&
      (type === null || textOf(message, cx, 5) === type) &&
      textOf(message, cx, 1) !== '',
  );
  if (found === undefined) {
    const of = [authority === null ? '' : ` of ${authority}`, type === null ? '' : ` of type ${type}`].join('');
    throw unreadable('PID-3', `has no identifier${of}`);
  }
  return textOf(message, found, 1);
}

/** Whose identifier stands first in PID-3, by its authority, else its type; undefined where it says neither. */
export function firstPatientOf(message: Hl7Message): Hl7Patient | undefined {
  const [first] = repetitions(message, segment(message, 'PID'), 3);
  const authority = subcomponent(message, first, 4, 1) || subcomponent(message, first, 4, 2) || null;
  const type = authority === null ? textOf(message, first, 5) || null : null;
  return authority === null && type === null ? undefined : { authority, type };
}

/**
 * The visit by its number (PV1-19), else by its account (PID-18) and when it began (PV1-44): one account may be that of many stays. Else each message
 * stands for itself.
 */
function episodeOf(message: Hl7Message, visit: Segment, pid: Segment): string {
  const number = value(message, visit, 19);
  if (number !== '') return `visit ${number}`;
  const [account, admitted] = [value(message, pid, 18), value(message, visit, 44)];
  const known = [account === '' ? [] : [`account ${account}`], admitted === '' ? [] : [`admitted ${admitted}`]].flat();
  return known.length === 0 ? `message ${message.hash}` : known.join(' ');
}

function firstTime(message: Hl7Message, fields: readonly string[], zone: Zone): number {
  const found = fields.map((field) => timeOf(message, field, zone)).find((at) => at !== undefined);
  if (found === undefined) throw unreadable(fields[0]!, 'is missing: nothing says when it was');
  return found;
}

function timeOf(message: Hl7Message, field: string, zone: Zone): number | undefined {
  const [name, number] = field.split('-');
  const text = value(message, segment(message, name!), Number(number));
  if (text === '') return undefined;
  const at = hl7Time(text, zone);
  if (at === undefined) throw unreadable(field, 'must be a time stamp, like 20260309083000+0100');
  return at;
}

function birthOf(message: Hl7Message, pid: Segment): string | null {
  const found = /^(\d{4})(\d\d)(\d\d)/.exec(value(message, pid, 7));
  if (found === null || hl7Time(found[0], () => 0) === undefined) return null;
  return found.slice(1, 4).join('-');
}

/** The stay as a FHIR Encounter, as far as the v2-to-FHIR maps of PV1, PV2 and DG1 say what is used here. */
function encounterOf(message: Hl7Message, trigger: string, zone: Zone): Encounter {
  const visit = segment(message, 'PV1')!;
  const iso = (field: string): string | undefined => {
    const at = timeOf(message, field, zone);
    return at === undefined ? undefined : new Date(at).toISOString();
  };
  const [start, end] = [iso('PV1-44'), iso('PV1-45')];
  const kind = value(message, visit, 2);
  const known = classes[kind];
  const disposition = value(message, visit, 36);
  const ended = trigger === 'A03' || (trigger === 'A08' && end !== undefined);
  const [doctor, facility] = [doctorOf(message, visit), facilityOf(message, visit)];
  return {
    resourceType: 'Encounter',
    status: trigger === 'A11' ? 'cancelled' : ended ? 'finished' : 'in-progress',
    class:
      known === undefined
        ? { system: systems.patientClass, code: kind || 'U' }
        : { system: systems.actCode, code: known },
    period: { ...(start === undefined ? {} : { start }), ...(end === undefined ? {} : { end }) },
    reasonCode: diagnosesOf(message).map((coding) => ({ coding })),
    ...(doctor === null ? {} : { participant: [{ individual: { display: doctor } }] }),
    ...(facility === null ? {} : { serviceProvider: { display: facility } }),
    ...(disposition === ''
      ? {}
      : {
          hospitalization: {
            dischargeDisposition: { coding: [{ system: systems.disposition, code: disposition }] },
          },
        }),
  };
}

/** PV1-7, attending doctor: the name, or else the number. */
function doctorOf(message: Hl7Message, visit: Segment): string | null {
  const [xcn] = repetitions(message, visit, 7);
  const part = (index: number) => textOf(message, xcn, index);
  return plainText(`${part(6)} ${part(3)} ${part(2)}`) ?? plainText(part(1));
}

/** The facility of the patient's location (PV1-3.4), that which serves them (PV1-39), or that which sends the message. */
function facilityOf(message: Hl7Message, visit: Segment): string | null {
  const named = value(message, visit, 3, 4) || value(message, visit, 39) || value(message, segment(message, 'MSH'), 4);
  return plainText(named);
}
