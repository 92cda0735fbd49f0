import { fault } from '@symbolon/crypto';

/** How far local time is ahead of UTC, in ms, at a moment (ms since 1970). */
export type Zone = (at: number) => number;

const minute = 60_000;
const hour = 60 * minute;
const zones = new Map<string, Zone>([['UTC', () => 0]]);

/** A time zone by its IANA name or as ±hh:mm; anything else throws `config-invalid`. */
export function zoneOf(name: string): Zone {
  const known = zones.get(name);
  if (known !== undefined) return known;
  const zone = newZone(name);
  zones.set(name, zone);
  return zone;
}

function newZone(name: string): Zone {
  let format: Intl.DateTimeFormat;
  try {
    format = new Intl.DateTimeFormat('en', { timeZone: name, timeZoneName: 'longOffset' });
  } catch {
    throw fault('config-invalid', `there is no time zone ${name}`, { hint: 'Write it like Europe/Berlin or +01:00.' });
  }
  const offset = (at: number): number => {
    const text = format.formatToParts(at).find(({ type }) => type === 'timeZoneName')?.value ?? '';
    const [, sign, hours = '0', minutes = '0'] = /GMT([+-])(\d\d):(\d\d)/.exec(text) ?? [];
    return (sign === '-' ? -1 : 1) * (Number(hours) * hour + Number(minutes) * minute);
  };
  return remembered(offset);
}

const mostRemembered = 4096;

// No zone changes within a quarter of an hour that begins at a full one.
function remembered(offset: Zone): Zone {
  const quarters = new Map<number, number>();
  return (at) => {
    const quarter = Math.floor(at / (15 * minute));
    const known = quarters.get(quarter);
    if (known !== undefined) return known;
    if (quarters.size === mostRemembered) quarters.clear();
    const found = offset(quarter * 15 * minute);
    quarters.set(quarter, found);
    return found;
  };
}

/** Year, month (1 to 12), day, hour, minute, second (with decimals). */
type Clock = readonly [number, number, number, number, number, number];

/** The moment at which a clock shows this; undefined for what no clock shows. Without an offset (ms), it is one in `zone`. */
function moment([year, month, day, hours, minutes, seconds]: Clock, zone: Zone, offset?: number): number | undefined {
  // A leap second is the first of the next minute.
  if (year < 1 || hours > 23 || minutes > 59 || seconds >= 61) return undefined;
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  if (date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day) return undefined;
  const shown = date.getTime() + hours * hour + minutes * minute + Math.floor(seconds * 1000);
  if (offset !== undefined) return shown - offset;
  return shown - zone(shown - zone(shown));
}

function offsetOf(sign: string, hours: string, minutes: string): number {
  return (sign === '-' ? -1 : 1) * (Number(hours) * hour + Number(minutes) * minute);
}

const fhir = /^(\d{4})(?:-(\d\d)(?:-(\d\d)(?:T(\d\d):(\d\d):(\d\d(?:\.\d{1,9})?)(?:Z|([+-])(\d\d):(\d\d)))?)?)?$/;

/** A dateTime or instant of FHIR R4, in ms since 1970; a day without a time is its beginning in `zone`. Undefined if it is none. */
export function fhirTime(text: string, zone: Zone): number | undefined {
  const found = fhir.exec(text);
  if (found === null) return undefined;
  const [, year, month = '01', day = '01', hours, minutes = '0', seconds = '0', sign, ahead = '0', by = '0'] = found;
  const clock = [year, month, day, hours ?? '0', minutes, seconds].map(Number) as unknown as Clock;
  if (hours === undefined) return moment(clock, zone);
  return moment(clock, zone, sign === undefined ? 0 : offsetOf(sign, ahead, by));
}

const hl7 = /^(\d{4})(?:(\d\d)(?:(\d\d)(?:(\d\d)(?:(\d\d)(?:(\d\d(?:\.\d{1,4})?))?)?)?)?)?(?:([+-])(\d\d)(\d\d))?$/;

/** A time stamp (TS, DTM) of HL7 v2, in ms since 1970; one without an offset is in `zone`. Undefined if it is none. */
export function hl7Time(text: string, zone: Zone): number | undefined {
  const found = hl7.exec(text);
  if (found === null) return undefined;
  const [, year, month = '01', day = '01', hours = '0', minutes = '0', seconds = '0', sign, ahead = '0', by = '0'] =
    found;
  const clock = [year, month, day, hours, minutes, seconds].map(Number) as unknown as Clock;
  return moment(clock, zone, sign === undefined ? undefined : offsetOf(sign, ahead, by));
}

/** Whole years from a day, `YYYY-MM-DD`, to a moment (ms), by the calendar in UTC. */
export function yearsBetween(birth: string, at: number): number {
  const [year, month, day] = birth.split('-').map(Number) as [number, number, number];
  const then = new Date(at);
  const before = (then.getUTCMonth() + 1 - month || then.getUTCDate() - day) < 0;
  return then.getUTCFullYear() - year - (before ? 1 : 0);
}
