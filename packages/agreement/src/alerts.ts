import { z } from 'zod';
import { codeSystemUri, unit } from './described.ts';
import { datasetName, decimal, type Frozen, line, organisationId, visibleText } from './fields.ts';
import { distinct, type Must } from './rules.ts';
import type { Agreement } from './schema.ts';

/** What a message of an alert may say, in words. The first four are in every message. */
export const alertFields = {
  row: "the receiver's own row of the patient",
  event: 'which class of event it is',
  time: 'when it happened',
  facility: 'where it happened',
  code: 'the code of the diagnosis, procedure or observation',
  value: 'the value that was measured',
  'encounter-class': 'the kind of stay: emergency, inpatient, ambulatory',
  disposition: 'where the patient went after it',
  practitioner: 'who is in charge of the care',
} as const;
/** One of {@link alertFields}. */
export type AlertField = keyof typeof alertFields;

/** In every message. */
export const leastAlertFields = ['row', 'event', 'time', 'facility'] as const satisfies readonly AlertField[];

/** Events that no alert tells of unless the agreement says so. */
export const sensitiveCategories = {
  'substance-use': 'substance use',
  hiv: 'HIV',
  psychiatry: 'psychiatry',
  minors: 'patients under age',
} as const;
/** One of {@link sensitiveCategories}. */
export type SensitiveCategory = keyof typeof sensitiveCategories;

const keysOf = <Name extends string>(table: Readonly<Record<Name, string>>) => Object.keys(table) as [Name, ...Name[]];

const code = z.string().regex(/^[!-~]{1,64}$/, 'must be a code: printable ASCII without spaces');

const whenSchema = z.union([
  /** A resource with one of these codes. */
  z.strictObject({
    valueSet: z
      .array(z.strictObject({ system: codeSystemUri, codes: z.array(code).min(1).max(4096) }))
      .min(1)
      .max(16),
  }),
  /** An observation whose value lies beyond a bound. */
  z.strictObject({
    threshold: z.strictObject({
      system: codeSystemUri,
      code,
      unit: unit.unwrap(),
      above: decimal.exactOptional(),
      below: decimal.exactOptional(),
    }),
  }),
  /** A resource of which this FHIRPath expression is true. */
  z.strictObject({ fhirPath: visibleText(4096) }),
]);

const alertSchema = z.strictObject({
  name: datasetName,
  /** Who tells whom: the two holders of the link's tables, which both know the linked pairs. */
  from: organisationId,
  to: organisationId,
  events: z
    .array(
      z.strictObject({
        name: datasetName,
        /** What it is, for people. */
        description: line(500),
        when: whenSchema,
        /** Its category, if it is a sensitive one. */
        sensitive: z.enum(keysOf(sensitiveCategories)).exactOptional(),
      }),
    )
    .min(1)
    .max(64),
  /** What a message says beside row, event, time and facility. */
  message: z
    .array(z.enum(keysOf(alertFields)))
    .min(1)
    .exactOptional(),
  /** Sensitive categories that are told too; none, if absent. */
  includes: z
    .array(z.enum(keysOf(sensitiveCategories)))
    .min(1)
    .exactOptional(),
  /** Events of one class about one patient within so many minutes are one message; each is a message, if 0. */
  mergeMinutes: z.int().min(0).max(10_080),
  /** Events that happened more than so many days before are not told: a source may load the history of its patients. {@link defaultMaxAgeDays} if absent. */
  maxAgeDays: z.int().min(1).max(36_500).exactOptional(),
  /** A pair is used for so many days after the link that found it. */
  linkDays: z.int().min(1).max(366),
  /** A message that nobody has acknowledged by then is raised with another person. */
  escalateMinutes: z.int().min(1).max(10_080).exactOptional(),
});

/** `maxAgeDays` of an alert that does not say it. */
export const defaultMaxAgeDays = 30;

export const alertsSchema = z.array(alertSchema).min(1).max(16);

/** Which events of linked patients one party tells another of, and what it says of them. */
export type Alert = Frozen<z.output<typeof alertSchema>>;

/** What a message of an alert says. */
export function messageFields({ message = [] }: Pick<Alert, 'message'>): AlertField[] {
  return [...new Set([...leastAlertFields, ...message])];
}

export function checkAlerts(
  must: Must,
  alerts: readonly Alert[],
  { tables, link }: Pick<Agreement, 'tables' | 'link'>,
): void {
  must(distinct(alerts.map(({ name }) => name)), 'alerts', 'two alerts have the same name');
  const holders = tables === undefined ? [] : [tables.a.party, tables.b.party];
  const pairs = link?.reveal === 'pairs' && link.to.length === 2;
  must(pairs, 'alerts', 'need a link that shows its pairs to both sides');
  for (const [i, alert] of alerts.entries()) checkAlert(must, `alerts.${i}`, alert, holders);
}

function checkAlert(must: Must, at: string, alert: Alert, holders: readonly string[]): void {
  const { from, to, events, message = [], includes = [] } = alert;
  must(from !== to, `${at}.to`, `${to} does not tell itself`);
  for (const [side, id] of [['from', from] as const, ['to', to] as const]) {
    must(holders.length === 0 || holders.includes(id), `${at}.${side}`, `${id} holds neither table of the link`);
  }
  must(distinct(events.map(({ name }) => name)), `${at}.events`, 'two events have the same name');
  must(distinct(message), `${at}.message`, 'names a field twice');
  must(distinct(includes), `${at}.includes`, 'names a category twice');
  for (const [j, { when, sensitive }] of events.entries()) {
    const event = `${at}.events.${j}`;
    must(
      sensitive === undefined || includes.includes(sensitive),
      `${event}.sensitive`,
      `an event of the category ${sensitive} is told of only where includes names it`,
    );
    if ('valueSet' in when) {
      must(distinct(when.valueSet.map(({ system }) => system)), `${event}.when.valueSet`, 'names a code system twice');
      for (const [k, { codes }] of when.valueSet.entries()) {
        must(distinct(codes), `${event}.when.valueSet.${k}.codes`, 'names a code twice');
      }
    }
    if ('threshold' in when) {
      const { above, below } = when.threshold;
      must(above !== undefined || below !== undefined, `${event}.when.threshold`, 'has neither above nor below');
    }
  }
}
