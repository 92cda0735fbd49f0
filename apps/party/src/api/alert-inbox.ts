import { contract, pageOf, pageQuery } from '@symbolon/service';
import { z } from 'zod';
import { alertStates } from '../alerts/alert-info.ts';
import { outboxStates } from '../alerts/carriage.ts';
import { mostAcknowledged } from '../alerts/inbox.ts';

const id = z.string().regex(/^[A-Za-z0-9_-]{22}$/, 'must be the id of an alert');
const alert = z.strictObject({ alert: id });
const moment = z.iso.datetime();

const flag = z.enum(['true', 'false']).transform((text) => text === 'true');
const filter = {
  open: flag.optional().describe('Those that nobody has acknowledged and that were not taken back'),
  escalated: flag.optional().describe('Of those, the ones that were raised'),
  since: z.iso.datetime({ offset: true }).optional().describe('Received at this moment or later'),
  event: z.string().min(1).max(63).optional().describe('Of this class of events'),
};

const alertFields = {
  id: z.string(),
  number: z.int().describe('Later ones have larger ones'),
  sender: z.string(),
  agreement: z.string(),
  alert: z.string().describe('Its name in the agreement'),
  event: z.string().describe('The class of the event, by its name in the agreement'),
  keys: z.array(z.string()).describe('Of the own records: values of the key column, or `record N`, counted from 1'),
  time: moment.describe('When it happened'),
  receivedAt: moment,
  state: z.enum(alertStates),
  escalatesAt: moment.nullable(),
  escalatedAt: moment.nullable(),
  acknowledgedAt: moment.nullable(),
  acknowledgedBy: z.string().nullable(),
  note: z.string().nullable(),
  retracts: z.string().nullable().describe('The alert that it takes back: its event has not happened after all'),
  retractedBy: z.string().nullable(),
};
const alertInfo = z
  .strictObject(alertFields)
  .meta({ id: 'Alert', description: 'A medical event of a shared patient.' });

const alertDetails = z
  .strictObject({
    ...alertFields,
    sentAt: moment,
    facility: z.string(),
    code: z.strictObject({ system: z.string(), code: z.string() }).exactOptional(),
    value: z
      .strictObject({ value: z.string(), comparator: z.enum(['<', '<=', '>=', '>']).exactOptional(), unit: z.string() })
      .exactOptional(),
    encounterClass: z.string().exactOptional(),
    disposition: z.string().exactOptional(),
    practitioner: z.string().exactOptional(),
  })
  .meta({
    id: 'AlertDetails',
    description: 'An alert and all that its message says, as far as the agreement lets it.',
  });

const outgoing = z
  .strictObject({
    id: z.string(),
    partner: z.string(),
    agreement: z.string(),
    alert: z.string(),
    event: z.string(),
    state: z.enum(outboxStates),
    tries: z.int(),
    error: z.string().nullable(),
    time: moment,
    takenAt: moment.describe('When its source was answered'),
    endedAt: moment.nullable(),
  })
  .meta({ id: 'OutgoingAlert' });

export const listAlerts = contract({
  name: 'listAlerts',
  summary: 'Alerts that came, the newest first',
  action: 'alert.list',
  method: 'GET',
  path: '/v1/alerts',
  query: pageQuery.extend(filter),
  answer: pageOf(alertInfo),
});

export const exportAlerts = contract({
  name: 'exportAlerts',
  summary: 'Alerts with all that their messages say, the oldest first',
  action: 'alert.show',
  method: 'GET',
  path: '/v1/alerts/export',
  query: pageQuery.extend(filter),
  answer: pageOf(alertDetails),
});

export const followAlerts = contract({
  name: 'followAlerts',
  summary: 'Alerts as they come, from now on, or after the one that Last-Event-ID numbers; the stream does not end',
  action: 'alert.list',
  method: 'GET',
  path: '/v1/alerts/events',
  answer: alertInfo,
  events: true,
});

export const getAlert = contract({
  name: 'getAlert',
  summary: 'One alert and all that its message says',
  action: 'alert.show',
  method: 'GET',
  path: '/v1/alerts/:alert',
  params: alert,
  answer: alertDetails,
  errors: ['not-found'],
});

export const acknowledgeAlerts = contract({
  name: 'acknowledgeAlerts',
  summary: 'Somebody has seen alerts and takes care of them; who did so first stays',
  action: 'alert.acknowledge',
  method: 'POST',
  path: '/v1/alerts/acknowledgements',
  body: z.strictObject({
    ids: z.array(id).min(1).max(mostAcknowledged),
    note: z.string().min(1).max(1000).optional().describe('It stays in the inbox'),
  }),
  answer: z.strictObject({ alerts: z.array(alertInfo) }),
  repeatable: true,
  errors: ['not-found'],
});

export const listOutgoingAlerts = contract({
  name: 'listOutgoingAlerts',
  summary: 'Messages for partners in one state',
  action: 'alert.outbox',
  method: 'GET',
  path: '/v1/alert-outbox',
  query: pageQuery.extend({ state: z.enum(outboxStates).default('waiting') }),
  answer: pageOf(outgoing),
});

export const countOutgoingAlerts = contract({
  name: 'countOutgoingAlerts',
  summary: 'How many messages for partners are in which state',
  action: 'alert.outbox',
  method: 'GET',
  path: '/v1/alert-outbox/counts',
  answer: z.strictObject({ waiting: z.int(), delivered: z.int(), dead: z.int() }),
});

export const retryAlert = contract({
  name: 'retryAlert',
  summary: 'Sends a message again that its receiver refused, or whose agreement had stopped',
  action: 'alert.retry',
  method: 'POST',
  path: '/v1/alert-outbox/:alert/retry',
  params: alert,
  answer: outgoing,
  repeatable: true,
  errors: ['not-found', 'conflict'],
});

export const listAlertHooks = contract({
  name: 'listAlertHooks',
  summary: 'How the programs that are told of alerts fare',
  action: 'alert.hooks',
  method: 'GET',
  path: '/v1/alert-hooks',
  answer: z.strictObject({
    hooks: z.array(
      z.strictObject({
        name: z.string(),
        waiting: z.int(),
        error: z.string().nullable(),
        lastDelivered: moment.nullable(),
      }),
    ),
  }),
});

export const alertInboxContracts = [
  listAlerts,
  exportAlerts,
  followAlerts,
  getAlert,
  acknowledgeAlerts,
  listOutgoingAlerts,
  countOutgoingAlerts,
  retryAlert,
  listAlertHooks,
];
