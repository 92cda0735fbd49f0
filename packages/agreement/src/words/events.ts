import { alertFields, defaultMaxAgeDays, messageFields, sensitiveCategories } from '../alerts.ts';
import type { Agreement } from '../schema.ts';
import { count, listed, type Words } from './text.ts';

type Alert = NonNullable<Agreement['alerts']>[number];

/** Which events of linked patients one side tells the other of: in words. */
export function alertWords({ alerts = [] }: Pick<Agreement, 'alerts'>): Words {
  return alerts.map((alert) => {
    const { name, from, to, events, mergeMinutes, linkDays, escalateMinutes, includes = [] } = alert;
    const { maxAgeDays = defaultMaxAgeDays } = alert;
    const merged =
      mergeMinutes === 0 ? 'each event is a message' : `one message within ${count(mergeMinutes, 'minute')}`;
    const sensitive = includes.map((category) => sensitiveCategories[category]);
    const lines = [
      `'${name}': ${from} tells ${to}, of patients that a link found at most ${count(linkDays, 'day')} before, within ${count(maxAgeDays, 'day')} of the event`,
      ...events.map((event) => `- ${event.name}: ${event.description}; ${whenWords(event.when)}`),
      `a message says ${listed(messageFields(alert).map((field) => alertFields[field]))}; nothing else`,
      `sensitive: ${sensitive.length === 0 ? 'no event of a sensitive category is told' : `${listed(sensitive)} too`}`,
      `${merged}; ${escalateMinutes === undefined ? 'raised with nobody else' : `raised with another person after ${count(escalateMinutes, 'minute')} without acknowledgement`}`,
    ];
    return ['alert', lines.join('\n')];
  });
}

const shownCodes = 12;

function whenWords(when: Alert['events'][number]['when']): string {
  if ('fhirPath' in when) return `where ${when.fhirPath.trim()}`;
  if ('threshold' in when) {
    const { code, system, above, below, unit } = when.threshold;
    const bounds = [
      ...(above === undefined ? [] : [`above ${above}`]),
      ...(below === undefined ? [] : [`below ${below}`]),
    ];
    return `where ${code} (${system}) is ${bounds.join(' or ')} ${unit}`;
  }
  const sets = when.valueSet.map(({ system, codes }) => {
    const more = codes.length > shownCodes ? ` and ${codes.length - shownCodes} more` : '';
    return `${codes.slice(0, shownCodes).join(', ')}${more} of ${system}`;
  });
  return `coded ${sets.join(', or ')}`;
}
