import { type Alert, coversLink, type LinkAgreement, renewed } from '@symbolon/agreement';
import { type AlertMessage, beyondAlert } from '@symbolon/alerts';
import { type AgreementFacts, day, inForce, type PartyRefusal, refuse } from './force.ts';

/** What a receiver knows of the agreement that a message names. */
export type AlertFacts = Omit<AgreementFacts, 'approvals' | 'runsSoFar'>;

/** An alert that is agreed, between these two and today. */
export interface AlertGrant {
  readonly grant: true;
  readonly hash: string;
  readonly agreement: LinkAgreement;
  readonly alert: Alert;
  /** The receiver's table. */
  readonly table: 'a' | 'b';
}

/** Which alert: its name in the agreement, and who tells whom. */
export type AlertNamed = Pick<AlertMessage, 'agreement' | 'alert' | 'from' | 'to'>;

/** Whether one party may tell another by this alert, by the own copy of the agreement. Runs at: both. */
export function authorizeAlert(
  { agreement: hash, alert: name, from, to }: AlertNamed,
  facts: AlertFacts,
): AlertGrant | PartyRefusal {
  const force = inForce(hash, { ...facts, approvals: [], runsSoFar: 0 });
  if (!force.grant) return force;
  const { agreement, notices } = force;
  const { title, alerts = [] } = agreement;
  const { term } = renewed(agreement, notices);
  const today = day(facts.now);
  if (today < term.from || today > term.until) {
    return refuse('agreement-term', `The agreement "${title}" is in force from ${term.from} to ${term.until} only.`);
  }
  const alert = alerts.find((one) => one.name === name && one.from === from && one.to === to);
  if (alert === undefined || !coversLink(agreement)) {
    return refuse(
      'agreement-party',
      `By the agreement "${title}", ${from} does not tell ${to} by an alert of that name.`,
      from,
    );
  }
  const table = agreement.tables.a.party === to ? 'a' : 'b';
  return { grant: true, hash, agreement, alert, table };
}

/** Clocks differ by no more. */
const skewMilliseconds = 5 * 60_000;

/** Whether a message says what its alert lets it say, and of a time that has been. Runs at: its receiver. */
export function authorizeMessage(
  message: AlertMessage,
  { alert, agreement }: AlertGrant,
  now: Date,
): { readonly grant: true } | PartyRefusal {
  const { title } = agreement;
  if (!alert.events.some(({ name }) => name === message.event)) {
    return refuse(
      'agreement-limit',
      `The alert '${alert.name}' of "${title}" has no such class of events.`,
      message.from,
    );
  }
  const beyond = beyondAlert(message, alert);
  if (beyond !== undefined) {
    return refuse(
      'agreement-limit',
      `The alert '${alert.name}' of "${title}" does not let a message say: ${beyond}.`,
      message.from,
    );
  }
  const latest = now.getTime() + skewMilliseconds;
  for (const [what, at] of [
    ['event', message.time],
    ['message', message.sentAt],
  ] as const) {
    if (Date.parse(at) <= latest) continue;
    return refuse(
      'event-from-future',
      `The ${what} is more than 5 minutes ahead of the clock of ${message.to}.`,
      message.from,
    );
  }
  return { grant: true };
}
