import { type AlertMessage, type ClinicalEvent, messageOf, signMessage } from '@symbolon/alerts';
import { base64url } from '@symbolon/crypto';
import type { PartyContext } from '../context.ts';
import type { Outcome } from './counts.ts';
import type { LinkedPatient } from './linked.ts';
import type { OutgoingAlert } from './outbox.ts';
import type { AlertTerms } from './terms.ts';
import type { Told, ToldRow } from './told.ts';

/** An event that an alert may tell of: its patient is linked, and it is of a class or takes one back. */
export interface Candidate {
  readonly event: ClinicalEvent;
  /** Of its episode, with its source. */
  readonly episode: string;
  readonly terms: AlertTerms;
  readonly patient: LinkedPatient;
  /** Null where it was cancelled. */
  readonly className: string | null;
}

/** What is to be kept of an event, with the message that it comes to. */
export interface Telling {
  readonly row: ToldRow;
  /** Null where a partner knows already: that the event belongs to what was told is kept, so that it is taken back with the last of them. */
  readonly message: OutgoingAlert | null;
}

/** What becomes of a candidate. */
export interface Decided {
  readonly outcome: Outcome;
  readonly tellings: readonly Telling[];
}

/** What an alert makes of an event, by everything but what was told before. */
export function looked(
  event: ClinicalEvent,
  terms: AlertTerms,
  now: Date,
): Pick<Candidate, 'patient' | 'className'> | Outcome {
  const patient = terms.link.patients.find(event.patient);
  if (patient === undefined) return 'not-linked';
  if (event.cancelled) return { patient, className: null };
  if (now.getTime() > terms.link.until) return 'not-linked';
  const decision = terms.rule.decide(event, later(event.birthDate, patient.birthDate), now);
  if ('tell' in decision) return { patient, className: decision.tell };
  const { withheld, category, unclear } = decision;
  if (withheld === 'sensitive') return `sensitive ${category!}`;
  return withheld === 'no-class' && unclear !== undefined ? 'unclear' : withheld;
}

/** Of two dates of birth that are not the same, that by which somebody is younger. */
function later(one: string | null, other: string | null): string | null {
  return one === null || (other !== null && other > one) ? other : one;
}

const minute = 60_000;

/** Decides on candidates one after the other, each by what was told before and by what the others tell. */
export class Decider {
  readonly #context: Pick<PartyContext, 'home' | 'rng' | 'now'>;
  readonly #told: Told;

  constructor(context: Pick<PartyContext, 'home' | 'rng' | 'now'>, told: Told) {
    this.#context = context;
    this.#told = told;
  }

  async decide(candidate: Candidate): Promise<Decided> {
    const { event, episode, terms, className } = candidate;
    const subject = terms.identifiers.hash(event.patient) ?? '';
    const of = { agreement: terms.hash, alert: terms.alert.name, subject };
    const classes = terms.alert.events.map(({ name }) => name);
    const told = await this.#told.of(of, classes);
    if (className === null) return this.#takeBack(candidate, told);
    const same = told.filter((row) => row.class === className);
    // One that was taken back and comes again has happened after all.
    if (same.some((row) => row.episode === episode && row.retracted_at === null)) return known;
    const within = terms.alert.mergeMinutes * minute;
    const isNear = (row: ToldRow): boolean => Math.abs(Date.parse(row.event_at) - event.time) <= within;
    const near = within > 0 ? same.find((row) => row.retracted_at === null && isNear(row)) : undefined;
    if (near !== undefined) return { outcome: 'merged', tellings: [remember(told, { ...near, episode }, null)] };
    const message = this.#message(candidate, className);
    const row: ToldRow = {
      ...{ ...of, class: className, episode, message: message.id },
      event_at: message.event_at,
      retracted_at: null,
    };
    return { outcome: 'told', tellings: [remember(told, row, message)] };
  }

  /** One message for each that told of the episode and of nothing else that stands. */
  #takeBack(candidate: Candidate, told: ToldRow[]): Decided {
    const own = told.filter((row) => row.episode === candidate.episode && row.retracted_at === null);
    if (own.length === 0) return known;
    const retractedAt = this.#context.now().toISOString();
    const tellings = own.map((row) => {
      const others = told.some((one) => one !== row && one.message === row.message && one.retracted_at === null);
      const message = others ? null : this.#message(candidate, row.class, row.message);
      return remember(told, { ...row, retracted_at: retractedAt }, message);
    });
    return { outcome: tellings.some(({ message }) => message !== null) ? 'retracted' : 'merged', tellings };
  }

  #message({ event, terms, patient }: Candidate, className: string, retracts?: string): OutgoingAlert {
    const { home, rng, now } = this.#context;
    const { alert, hash: agreement, link } = terms;
    const sentAt = now().toISOString();
    const message: AlertMessage = messageOf(event, alert, className, {
      ...{ id: base64url(rng(16)), from: home.card.id, to: alert.to, agreement },
      ...{ link: link.attempt, rows: patient.rows, sentAt },
      ...(retracts === undefined ? {} : { retracts }),
    });
    return {
      ...{ id: message.id, partner: alert.to, agreement, alert: alert.name, class: className },
      ...{ subject: terms.identifiers.hash(event.patient) ?? '', link: link.attempt, retracts: retracts ?? null },
      document: signMessage(message, home.signingKey),
      event_at: message.time,
      taken_at: sentAt,
    };
  }
}

const known: Decided = { outcome: 'known', tellings: [] };

/** Puts a row in the place of that of its class and episode. */
function remember(told: ToldRow[], row: ToldRow, message: OutgoingAlert | null): Telling {
  const at = told.findIndex((one) => one.class === row.class && one.episode === row.episode);
  if (at === -1) told.push(row);
  else told[at] = row;
  return { row, message };
}
