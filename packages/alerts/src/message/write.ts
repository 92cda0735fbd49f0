import { fromBase64url, hex } from '@symbolon/crypto';
import type { Coding, Measured } from '../event.ts';
import { systems } from '../systems.ts';
import type { AlertMessage } from './message.ts';
import { checkedMessage } from './shape.ts';

// HL7 Da Vinci Unsolicited Notifications, STU 1: a message Bundle of a MessageHeader, what happened (the focus), the patient, and who
// provides the care. Departures: the patient is named by the receiver's row alone, where the guide wants US Core demographics; the code of
// the event is the agreement's, not one of notification-event; so no profile is claimed.

export const nullFlavor = 'http://terminology.hl7.org/CodeSystem/v3-NullFlavor';
const verification = 'http://terminology.hl7.org/CodeSystem/condition-ver-status';

/** A message as FHIR JSON: a Bundle in the shape of HL7 Da Vinci Unsolicited Notifications. Throws `bad-document` if it is none. */
export function writeBundle(message: AlertMessage): string {
  return render(checkedMessage(message));
}

/** {@link writeBundle} of what is known to be one. */
export function render(message: AlertMessage): string {
  const { id, sentAt } = message;
  const entries = [
    header(message),
    focus(message),
    patient(message),
    { resourceType: 'Organization', name: message.facility },
  ];
  return JSON.stringify({
    resourceType: 'Bundle',
    identifier: { system: 'urn:symbolon:alert', value: id },
    type: 'message',
    timestamp: sentAt,
    entry: entries.map((resource, i) => ({ fullUrl: url(id, i), resource })),
  });
}

/** Places in the Bundle. */
export const at = { focus: 1, patient: 2, facility: 3 } as const;

/** A UUID for each place, of the 16 random bytes of the message (RFC 9562 §5.8). */
function url(id: string, place: number): string {
  const bytes = fromBase64url(id);
  bytes[15]! ^= place;
  bytes[6] = (bytes[6]! & 0x0f) | 0x80;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  return `urn:uuid:${hex(bytes).replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')}`;
}

function header({ id, from, to, agreement, alert, event }: AlertMessage): object {
  return {
    resourceType: 'MessageHeader',
    eventCoding: { system: `urn:symbolon:agreement:${agreement}:${alert}`, code: event },
    destination: [{ name: to, endpoint: `urn:symbolon:organisation:${to}` }],
    source: { name: from, endpoint: `urn:symbolon:organisation:${from}` },
    responsible: { reference: url(id, at.facility) },
    focus: [{ reference: url(id, at.focus) }],
  };
}

function patient({ link, rows }: AlertMessage): object {
  const identifier = rows.map((row) => ({ system: `urn:symbolon:link:${link}`, value: String(row) }));
  return { resourceType: 'Patient', identifier };
}

/** What happened; it is named by the message that told of it first, also where another takes that back. */
function focus(message: AlertMessage): object {
  const { id, kind, retracts } = message;
  const common = {
    resourceType: kind,
    identifier: [{ system: 'urn:symbolon:alert', value: retracts ?? id }],
  };
  const subject = { reference: url(id, at.patient) };
  if (kind === 'Condition') return { ...common, ...condition(message), subject };
  if (kind === 'Observation') return { ...common, ...observation(message), subject };
  return { ...common, ...encounter(message), subject };
}

function encounter({ id, retracts, time, code, encounterClass, disposition, practitioner }: AlertMessage): object {
  return {
    // Nothing is said of how it goes on.
    status: retracts === undefined ? 'unknown' : 'entered-in-error',
    class:
      encounterClass === undefined
        ? { system: nullFlavor, code: 'MSK' }
        : { system: systems.actCode, code: encounterClass },
    ...optional(practitioner, (display) => ({ participant: [{ individual: { display } }] })),
    period: { start: time },
    ...optional(code, (coding) => ({ reasonCode: [{ coding: [ordered(coding)] }] })),
    ...optional(disposition, (own) => ({ hospitalization: { dischargeDisposition: { coding: [{ code: own }] } } })),
    serviceProvider: { reference: url(id, at.facility) },
  };
}

function condition({ retracts, time, code, practitioner }: AlertMessage): object {
  return {
    ...optional(retracts, () => ({
      verificationStatus: { coding: [{ system: verification, code: 'entered-in-error' }] },
    })),
    ...optional(code, (coding) => ({ code: { coding: [ordered(coding)] } })),
    recordedDate: time,
    ...optional(practitioner, (display) => ({ recorder: { display } })),
  };
}

function observation({ retracts, time, event, code, value, practitioner }: AlertMessage): object {
  return {
    status: retracts === undefined ? 'unknown' : 'entered-in-error',
    code: code === undefined ? { text: event } : { coding: [ordered(code)] },
    effectiveDateTime: time,
    ...optional(practitioner, (display) => ({ performer: [{ display }] })),
    ...optional(value, (measured) => ({ valueQuantity: quantity(measured) })),
  };
}

function ordered({ system, code }: Coding): Coding {
  return { system, code };
}

// ECMAScript's JSON.rawJSON: a number with the digits that it has.
const { rawJSON } = JSON as unknown as { rawJSON(text: string): unknown };

function quantity({ value, comparator, unit }: Measured): object {
  return {
    value: rawJSON(value),
    ...optional(comparator, (own) => ({ comparator: own })),
    unit,
    system: systems.ucum,
    code: unit,
  };
}

function optional<Value>(value: Value | undefined, made: (value: Value) => object): object {
  return value === undefined ? {} : made(value);
}
