import type { AlertMessage } from '@symbolon/alerts';
import type { DatabaseSchema } from '@symbolon/service';
import type { Selectable } from 'kysely';

/** What has become of an alert: `open` and `escalated` ones wait for somebody to acknowledge them. */
export const alertStates = ['open', 'escalated', 'acknowledged', 'retracted'] as const;
/** One of {@link alertStates}. */
export type AlertState = (typeof alertStates)[number];

/** An alert that came. */
export interface AlertInfo {
  readonly id: string;
  /** Later ones have larger ones. */
  readonly number: number;
  readonly sender: string;
  /** Hash of the agreement. */
  readonly agreement: string;
  /** Names in the agreement: of the alert, and of the class of the event. */
  readonly alert: string;
  readonly event: string;
  /** Of the own records: values of the key column, or `record N`, counted from 1, where the link has none. */
  readonly keys: readonly string[];
  /** When it happened. */
  readonly time: string;
  readonly receivedAt: string;
  readonly state: AlertState;
  readonly escalatesAt: string | null;
  readonly escalatedAt: string | null;
  readonly acknowledgedAt: string | null;
  readonly acknowledgedBy: string | null;
  readonly note: string | null;
  /** The alert that this one takes back: its event has not happened after all. */
  readonly retracts: string | null;
  readonly retractedBy: string | null;
}

/** What else its message says. */
export type AlertSays = Pick<
  AlertMessage,
  'facility' | 'code' | 'value' | 'encounterClass' | 'disposition' | 'practitioner' | 'sentAt'
>;

/** An alert as it is kept. */
export type AlertRow = Selectable<DatabaseSchema['alert_inbox']>;

// An alert's number names its entry in the log: the epoch, and the place in it.
const mostEntries = 2 ** 40;

/** The number of an alert that is kept. */
export function numberOf({ log_epoch, log_index }: Pick<AlertRow, 'log_epoch' | 'log_index'>): number {
  return (log_epoch - 1) * mostEntries + log_index + 1;
}

/** Inverse of {@link numberOf}. */
export function placeOf(number: number): { readonly epoch: number; readonly index: number } {
  return { epoch: Math.floor(number / mostEntries) + 1, index: (number % mostEntries) - 1 };
}

/** What is known of an alert without opening its message. */
export function infoOf(row: AlertRow): AlertInfo {
  return {
    id: row.id,
    number: numberOf(row),
    sender: row.sender,
    agreement: row.agreement,
    alert: row.alert,
    event: row.class,
    keys: JSON.parse(row.keys) as string[],
    time: row.event_at,
    receivedAt: row.received_at,
    state: stateOf(row),
    escalatesAt: row.escalate_at,
    escalatedAt: row.escalated_at,
    acknowledgedAt: row.acknowledged_at,
    acknowledgedBy: row.acknowledged_by,
    note: row.note,
    retracts: row.retracts,
    retractedBy: row.retracted_by,
  };
}

function stateOf({ acknowledged_at, retracted_by, escalated_at }: AlertRow): AlertState {
  if (retracted_by !== null) return 'retracted';
  if (acknowledged_at !== null) return 'acknowledged';
  return escalated_at === null ? 'open' : 'escalated';
}
