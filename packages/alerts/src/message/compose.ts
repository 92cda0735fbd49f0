import { type Alert, alertFields, messageFields } from '@symbolon/agreement';
import type { ClinicalEvent, Coding, Measured } from '../event.ts';
import { measurementBeyond } from '../rules/condition.ts';
import { ValueSets } from '../rules/value-sets.ts';
import { systems } from '../systems.ts';
import { plainText } from '../text.ts';
import type { AlertMessage } from './message.ts';
import { plainCode, plainSystem } from './shape.ts';

/** What a message says beside the event. */
export type Envelope = Pick<AlertMessage, 'id' | 'from' | 'to' | 'agreement' | 'link' | 'rows' | 'sentAt' | 'retracts'>;

/** What an alert lets its sender say of an event that is of one of its classes; a retraction says row, event, time and facility only. */
export function messageOf(event: ClinicalEvent, alert: Alert, className: string, envelope: Envelope): AlertMessage {
  const { time, facility } = event;
  const told = envelope.retracts === undefined ? details(event, alert, className) : {};
  const allowed = new Set(messageFields(alert));
  const kept = optionalFields.flatMap(([field, property]) => {
    const value = told[property];
    return allowed.has(field) && value !== undefined ? [[property, value]] : [];
  });
  return {
    ...envelope,
    alert: alert.name,
    event: className,
    kind: event.kind,
    time: time === 0 ? envelope.sentAt : new Date(time).toISOString(),
    facility: facility ?? 'unknown',
    ...Object.fromEntries(kept),
  };
}

type Details = Pick<AlertMessage, 'code' | 'value' | 'encounterClass' | 'disposition' | 'practitioner'>;

/** Fields that an agreement may allow, and where a message has them. */
const optionalFields = [
  ['code', 'code'],
  ['value', 'value'],
  ['encounter-class', 'encounterClass'],
  ['disposition', 'disposition'],
  ['practitioner', 'practitioner'],
] as const satisfies readonly (readonly [keyof typeof alertFields, keyof Details])[];

function details(event: ClinicalEvent, alert: Alert, className: string): Details {
  const { codings, measured, encounterClass, disposition, practitioner } = event;
  const when = alert.events.find(({ name }) => name === className)?.when;
  const beyond = when !== undefined && 'threshold' in when ? measurementBeyond(when.threshold, measured) : undefined;
  const value = beyond ?? measured[0];
  const named = { encounterClass: short(encounterClass), disposition: short(disposition), practitioner };
  return {
    ...present({ code: telling(codings, when), value: value === undefined ? null : quantity(value) }),
    ...present(named),
  };
}

// What kind of stay it is, is a field of its own.
const stays: ReadonlySet<string> = new Set([systems.actCode, systems.patientClass]);

/** The code that put an event into its class: of a value set, the one in it; else the first. */
function telling(codings: readonly Coding[], when: Alert['events'][number]['when'] | undefined): Coding | null {
  if (when !== undefined && 'threshold' in when) {
    const { system, code } = when.threshold;
    return { system, code };
  }
  const said = codings.filter(
    ({ system, code }) => !stays.has(system) && plainCode.test(code) && plainSystem.test(system),
  );
  if (when === undefined || !('valueSet' in when)) return said[0] ?? null;
  const sets = new ValueSets();
  for (const { system, codes } of when.valueSet) for (const code of codes) sets.add(system, code, 0);
  return said.find((coding) => sets.firstOf([coding]) === 0) ?? null;
}

function quantity({ value, comparator, unit }: Measured): Measured | null {
  const own = plainText(unit)?.slice(0, 64);
  if (own === undefined) return null;
  return { value, unit: own, ...(comparator === undefined ? {} : { comparator }) };
}

function short(code: string | null): string | null {
  return code !== null && plainCode.test(code) ? code : null;
}

function present<Fields extends object>(fields: Fields): { [Name in keyof Fields]?: NonNullable<Fields[Name]> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null)) as never;
}

/** What a message says and its alert does not allow, in words; undefined: nothing. */
export function beyondAlert(message: AlertMessage, alert: Alert): string | undefined {
  if (!alert.events.some(({ name }) => name === message.event)) return `events of class ${message.event}`;
  const allowed = new Set(messageFields(alert));
  const retracts = message.retracts !== undefined;
  const found = optionalFields.find(
    ([field, property]) => message[property] !== undefined && (retracts || !allowed.has(field)),
  );
  return found === undefined ? undefined : alertFields[found[0]];
}
