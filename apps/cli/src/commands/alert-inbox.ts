import { writeFileSync } from 'node:fs';
import type { AlertFilter, AlertInfo, AlertSays, OrganisationView } from '@symbolon/party';
import { csv } from '@symbolon/report';
import type { Command } from 'commander';
import type { Leaf } from '../command.ts';
import { withView } from '../organisation.ts';
import { counted, facts, number, table, UsageError } from '../ui.ts';

interface FilterOptions {
  open?: boolean;
  escalated?: boolean;
  since?: string;
  class?: string;
}

const filterOptions = (command: Command): Command =>
  command
    .option('--open', 'those that nobody has acknowledged and that were not taken back')
    .option('--escalated', 'of those, the ones that nobody acknowledged in time')
    .option('--since <time>', 'received then or later: 2027-01-31, or 2027-01-31T08:00:00Z')
    .option('--class <name>', 'of this class of events');

function filterOf({ open, escalated, since, class: event }: FilterOptions): AlertFilter {
  if (since !== undefined && Number.isNaN(Date.parse(since))) {
    throw new UsageError(`--since ${since} is no time`, 'Write 2027-01-31, or 2027-01-31T08:00:00Z.');
  }
  return { open, escalated, since: since && new Date(since).toISOString(), event };
}

const shown = 100;

/** `symbolon alerts list`. */
export const list: Leaf<FilterOptions> = {
  name: 'list',
  summary: 'alerts that came, the newest first',
  description: `Lists the newest ${shown} alerts; \`symbolon alerts export\` writes all of them.`,
  examples: ['symbolon alerts list --open', 'symbolon alerts list --since 2027-01-31 --class heart-failure --json'],
  served: true,
  options: filterOptions,
  run: async ({ ui, at }, _, options) => {
    const { items, next } = await withView(at, ({ alertInbox }) =>
      alertInbox.list({ ...filterOf(options), limit: shown }),
    );
    if (items.length === 0) ui.say('No such alert has come.');
    if (next !== null) ui.note(`These are the newest ${shown}; there are more.`);
    return { json: items, text: items.length === 0 ? '' : listed(items) };
  },
};

function listed(alerts: readonly AlertInfo[]): string {
  const rows = alerts.map(({ id, time, event, keys, sender, state }) => [
    ...[id, time.slice(0, 16).replace('T', ' '), event, keys.join(', '), sender, state],
  ]);
  return table(['alert', 'event at (UTC)', 'class', 'record', 'from', 'state'], rows);
}

/** `symbolon alerts show`. */
export const show: Leaf<object> = {
  name: 'show <alert>',
  summary: 'one alert and all that its message says',
  examples: ['symbolon alerts show nVx1hFfZqkPPvfrSSj3v7g'],
  served: true,
  run: async ({ at }, [id]) => {
    const alert = await withView(at, ({ alertInbox }) => alertInbox.show(id!));
    return { json: alert, text: facts(factsOf(alert)) };
  },
};

function factsOf(alert: AlertInfo & AlertSays): [string, string][] {
  const { code, value, encounterClass, disposition, practitioner } = alert;
  const optional: [string, string | null | undefined][] = [
    ['code', code && `${code.code} (${code.system})`],
    ['value', value && `${value.comparator ?? ''}${value.value} ${value.unit}`],
    ['kind of stay', encounterClass],
    ['went to', disposition],
    ['in charge', practitioner],
    ['escalates', alert.escalatesAt],
    ['escalated', alert.escalatedAt],
    ['acknowledged', alert.acknowledgedAt && `${alert.acknowledgedAt} by ${alert.acknowledgedBy}`],
    ['note', alert.note],
    ['takes back', alert.retracts],
    ['taken back by', alert.retractedBy],
  ];
  return [
    ['class', alert.event],
    ['record', alert.keys.join(', ')],
    ['event at', alert.time],
    ['facility', alert.facility],
    ...optional.flatMap(([name, text]): [string, string][] =>
      text === null || text === undefined ? [] : [[name, text]],
    ),
    ['state', alert.state],
    ['from', `${alert.sender}, by '${alert.alert}' of agreement ${alert.agreement.slice(0, 8)}`],
    ['received', alert.receivedAt],
  ];
}

/** `symbolon alerts ack`. */
export const ack: Leaf<{ note?: string }> = {
  name: 'ack <alerts...>',
  summary: 'say that somebody takes care of alerts',
  description:
    'Acknowledges alerts, in your name: they are not escalated any more. Who did so first stays; again, nothing changes.',
  examples: ['symbolon alerts ack nVx1hFfZqkPPvfrSSj3v7g --note "Care manager calls today"'],
  served: true,
  options: (command) => command.option('--note <words>', 'kept with the alert'),
  run: async ({ ui, at }, ids, { note }) => {
    const alerts = await withView(at, ({ alertInbox }) => alertInbox.acknowledge(ids, note));
    ui.say(`${ui.talk.green('✔')} ${counted(alerts.length, 'alert')} acknowledged.`);
    return { json: alerts, text: listed(alerts) };
  },
};

const columns = [
  ...['alert', 'class', 'records', 'event_at', 'facility', 'code_system', 'code', 'value', 'unit', 'stay'],
  ...['disposition', 'practitioner', 'state', 'sender', 'agreement', 'received_at', 'escalated_at'],
  ...['acknowledged_at', 'acknowledged_by', 'note', 'takes_back', 'taken_back_by'],
].map((name) => ({ name, type: 'VARCHAR' }));

function rowOf(alert: AlertInfo & AlertSays): (string | null)[] {
  const { code, value, encounterClass = null, disposition = null, practitioner = null } = alert;
  return [
    ...[alert.id, alert.event, alert.keys.join('; '), alert.time, alert.facility],
    ...[code?.system ?? null, code?.code ?? null],
    ...[value === undefined ? null : `${value.comparator ?? ''}${value.value}`, value?.unit ?? null],
    ...[encounterClass, disposition, practitioner],
    ...[alert.state, alert.sender, alert.agreement, alert.receivedAt, alert.escalatedAt],
    ...[alert.acknowledgedAt, alert.acknowledgedBy, alert.note, alert.retracts, alert.retractedBy],
  ];
}

/** `symbolon alerts export`. */
export const exportCsv: Leaf<FilterOptions> = {
  name: 'export <file>',
  summary: 'write alerts, the oldest first, into a CSV file',
  description:
    'Writes alerts with all that their messages say into a CSV file (RFC 4180). It has what stands in your key column: keep it as you keep that.',
  examples: ['symbolon alerts export alerts.csv --since 2027-01-01'],
  served: true,
  options: filterOptions,
  run: async ({ ui, at }, [file], options) => {
    const alerts = await withView(at, (view) => exported(view, filterOf(options)));
    writeFileSync(file!, csv({ name: 'alerts', columns, rows: alerts.map(rowOf) }), { mode: 0o600, flag: 'wx' });
    ui.say(`${ui.talk.green('✔')} ${counted(alerts.length, 'alert')} written to ${file}.`);
    return { json: { file, alerts: alerts.length } };
  },
};

async function exported(
  { alertInbox }: Pick<OrganisationView, 'alertInbox'>,
  filter: AlertFilter,
): Promise<(AlertInfo & AlertSays)[]> {
  const alerts: (AlertInfo & AlertSays)[] = [];
  for (let after: string | undefined; ; ) {
    const { items, next } = await alertInbox.export({ ...filter, after, limit: 1000 });
    alerts.push(...items);
    if (next === null) return alerts;
    after = next;
  }
}

/** `symbolon alerts outbox`. */
export const outbox: Leaf<{ state?: 'waiting' | 'delivered' | 'dead' }> = {
  name: 'outbox',
  summary: 'messages for partners: what waits, and what could not be delivered',
  description: `Shows the first ${shown} messages that wait or, with --state, that are dead or delivered. A dead one was refused, or its agreement has stopped.`,
  examples: ['symbolon alerts outbox', 'symbolon alerts outbox --state dead'],
  served: true,
  options: (command) => command.option('--state <state>', 'waiting, dead or delivered'),
  run: async ({ ui, at }, _, { state = 'waiting' }) => {
    if (!['waiting', 'dead', 'delivered'].includes(state)) {
      throw new UsageError(`--state ${state} is none`, 'Take waiting, dead or delivered.');
    }
    const { counts, items } = await withView(at, async ({ carriage }) => ({
      counts: await carriage.counts(),
      ...(await carriage.outbox({ state, limit: shown })),
    }));
    const { waiting, dead, delivered } = counts;
    ui.say(`${number(waiting)} waiting, ${number(dead)} dead, ${number(delivered)} delivered.`);
    const rows = items.map(({ id, partner, event, takenAt, tries, error }) => [
      ...[id, partner, event, takenAt.slice(0, 19).replace('T', ' '), number(tries), error ?? ''],
    ]);
    const text = rows.length === 0 ? '' : table(['message', 'to', 'class', 'since (UTC)', 'tries', 'why'], rows);
    return { json: { counts, messages: items }, text };
  },
};

/** `symbolon alerts retry`. */
export const retry: Leaf<object> = {
  name: 'retry <message>',
  summary: 'send a dead message again',
  description:
    'Sends a message again that its receiver refused, or whose agreement had stopped. It goes only if the agreement lets it go now.',
  examples: ['symbolon alerts retry nVx1hFfZqkPPvfrSSj3v7g'],
  served: true,
  run: async ({ ui, at }, [id]) => {
    const message = await withView(at, ({ carriage }) => carriage.retry(id!));
    ui.say(`${ui.talk.green('✔')} It is sent to ${message.partner} within seconds, while the server runs.`);
    return { json: message };
  },
};

/** `symbolon alerts hooks`. */
export const hooks: Leaf<object> = {
  name: 'hooks',
  summary: 'how the programs that are told of alerts fare',
  examples: ['symbolon alerts hooks'],
  served: true,
  run: async ({ ui, at }) => {
    const states = await withView(at, ({ carriage }) => carriage.hooks());
    if (states.length === 0) ui.say('No program is told of alerts: docs/alert-inbox.md says how one is set up.');
    const rows = states.map(({ name, waiting, lastDelivered, error }) => [
      ...[name, number(waiting), lastDelivered ?? 'never', error ?? ''],
    ]);
    return { json: states, text: rows.length === 0 ? '' : table(['hook', 'waiting', 'last told', 'why'], rows) };
  },
};
