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

/** A message that is to be kept with what it tells. */
export interface Telling {
  readonly row: ToldRow;
  readonly message: OutgoingAlert;
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
  const decision = terms.rule.decide(event, event.birthDate ?? patient.birthDate, now);
  if ('tell' in decision) return { patient, className: decision.tell };
  const { withheld, category, unclear } = decision;
  if (withheld === 'sensitive') return `sensitive ${category!}`;
  return withheld === 'no-class' && unclear !== undefined ? 'unclear' : withheld;
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

  async decide(candidate: Candidate): Promise<Telling[] | Outcome> {
    const { event, episode, terms, className } = candidate;
    const subject = terms.identifiers.hash(event.patient) ?? '';
    const of = { agreement: terms.hash, alert: terms.alert.name, subject };
    const classes = terms.alert.events.map(({ name }) => name);
    const told = await this.#told.of(of, classes);
    if (className === null) return this.#takeBack(candidate, told);
    const same = told.filter((row) => row.class === className);
    if (same.some((row) => row.episode === episode)) return 'known';
    const within = terms.alert.mergeMinutes * minute;
    const isNear = (row: ToldRow): boolean => Math.abs(Date.parse(row.event_at) - event.time) <= within;
    if (within > 0 && same.some((row) => row.retracted_at === null && isNear(row))) return 'merged';
    const message = this.#message(candidate, className);
    const row: ToldRow = {
      ...{ ...of, class: className, episode, message: message.id },
      event_at: message.event_at,
      retracted_at: null,
    };
    told.push(row);
    return [{ row, message }];
  }

  /** One message for each that told of the episode. */
  #takeBack(candidate: Candidate, told: ToldRow[]): Telling[] | Outcome {
    const tellings: Telling[] = [];
    for (const [i, row] of told.entries()) {
      if (row.episode !== candidate.episode || row.retracted_at !== null) continue;
      const message = this.#message(candidate, row.class, row.message);
      const retracted = { ...row, retracted_at: message.taken_at };
      told[i] = retracted;
      tellings.push({ row: retracted, message });
    }
    return tellings.length === 0 ? 'known' : tellings;
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
      document: signMessage(message, home.signingKey),
      event_at: message.time,
      taken_at: sentAt,
    };
  }
}
