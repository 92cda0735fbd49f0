import { setTimeout } from 'node:timers/promises';
import type { Alert } from '@symbolon/agreement';
import { agreedName, loadTable } from '@symbolon/party';
import { freePort, type NewHome } from '@symbolon/service';
import type { Cleanup } from '../cleanup.ts';
import { withOrganisation } from '../organisation.ts';
import type { ClearPatient, ExpectedAlert } from './alert-clear.ts';
import type { EventFile } from './alert-events.ts';
import { type Answers, tellAll } from './alert-source.ts';
import type { PairSet } from './pairs.ts';
import { Rehearsal, type Script } from './rehearsal.ts';

/** What is rehearsed: left are the members, right the patients, of whom events are told. */
export interface AlertScript extends Script {
  readonly alert: Alert;
  readonly events: EventFile;
  /** Columns of the patients: how events name them, and when they were born. */
  readonly patientColumn: string;
  readonly birthDateColumn?: string | undefined;
}

/** An alert as it arrived. */
export interface Arrived extends ExpectedAlert {
  /** From the decision at the sender to the receiver's inbox. */
  readonly milliseconds: number;
  /** Ms since 1970. */
  readonly receivedAt: number;
}

const sourceName = 'rehearsal';
const patienceMilliseconds = 60_000;
const pageOfAlerts = 1000;

/** Two organisations and a key service link two tables; then one tells the other of events. */
export class AlertRehearsal extends Rehearsal {
  readonly alerts: AlertScript;
  /** Where the source of events listens. */
  port = 0;
  #token: Promise<string> | undefined;

  constructor(script: AlertScript, folder: string, cleanup: Cleanup) {
    super(script, folder, cleanup);
    this.alerts = script;
  }

  /** As `makeHomes`, with a source of events at the right. @param more settings of those that have any */
  async makeAll(more: Partial<Record<'left' | 'right', NewHome['settings']>> = {}): Promise<void> {
    const { events, right, patientColumn, birthDateColumn } = this.alerts;
    this.port = await freePort('127.0.0.1');
    const { kind, patient } = events.form;
    const source = {
      name: sourceName,
      kind: kind === 'hl7' ? 'mllp' : 'fhir',
      port: this.port,
      patient: { ...patient } as Record<string, string | null>,
    };
    const columns = {
      patientColumn: agreedName(patientColumn),
      ...(birthDateColumn === undefined ? {} : { birthDateColumn: agreedName(birthDateColumn) }),
    } as Record<string, string>;
    const alerts = { sources: [source], patients: { [right.dataset]: columns } };
    this.exchangeCards(await this.makeHomes({ ...more, right: { ...more.right, alerts } }));
  }

  /** As the draft of the link, with the alert. */
  override async draft(): Promise<string> {
    const hash = await super.draft();
    this.agreement = await withOrganisation(this.homes.left, async ({ agreements }) => {
      const { agreement } = await agreements.show(hash);
      const ids = { parties: agreement.parties.map(({ id }) => id), keyService: agreement.keyService.id };
      const written = { ...agreement, ...ids, alerts: [this.alerts.alert] };
      const drafted = await agreements.draftText(JSON.stringify(written), 'json');
      await agreements.discard(hash);
      return drafted.hash;
    });
    return this.agreement;
  }

  /** Both sign, and the right approves that it tells. */
  override async sign(): Promise<void> {
    await super.sign();
    await withOrganisation(this.homes.right, ({ agreements }) => agreements.approve(this.agreement, 'alerts'));
  }

  /** Patients as both files know them, by what events call them. No party could make this. */
  async clearPatients(pairs: PairSet): Promise<Map<string, ClearPatient>> {
    const { right, patientColumn, birthDateColumn } = this.alerts;
    const columns = {
      patient: { type: 'text' as const, from: patientColumn },
      ...(birthDateColumn === undefined ? {} : { born: { type: 'text' as const, from: birthDateColumn } }),
    };
    const table = await loadTable(right.source, columns, { maxRows: this.data.right.rows });
    const texts = (name: string) => table.column(name) as readonly (string | null)[];
    const [names, born] = [texts('patient'), birthDateColumn === undefined ? [] : texts('born')];
    const members = new Map<number, number[]>();
    for (const [left, row] of pairs.pairs) members.set(row, [...(members.get(row) ?? []), left]);
    const patients = new Map<string, ClearPatient>();
    for (const [row, name] of names.entries()) {
      if (name === null) continue;
      // What two patients are called by names neither.
      const own = patients.has(name) ? [] : (members.get(row) ?? []);
      patients.set(name, { members: own.toSorted((a, b) => a - b), birthDate: born[row]?.slice(0, 10) ?? null });
    }
    return patients;
  }

  /** Tells events to the right, as a source does: those of the script, or others of their form. */
  async tell(onAnswer: (answers: number) => void, events: EventFile = this.alerts.events): Promise<Answers> {
    if (events.form.kind === 'hl7') return tellAll(events, { port: this.port, onAnswer });
    this.#token ??= makeToken(this.homes.right);
    return tellAll(events, { port: this.port, onAnswer, token: await this.#token });
  }

  /** What arrived at the left, once nothing waits at the right any more. */
  async arrived(): Promise<Arrived[]> {
    for (const deadline = Date.now() + patienceMilliseconds; Date.now() < deadline; await setTimeout(50)) {
      const { waiting } = await withOrganisation(this.homes.right, ({ carriage }) => carriage.counts());
      if (waiting === 0) break;
    }
    return withOrganisation(this.homes.left, async ({ alertInbox }) => {
      const arrived: Arrived[] = [];
      for (let after: string | undefined; ; ) {
        const { items, next } = await alertInbox.export({ limit: pageOfAlerts, after });
        for (const { event, keys, time, retracts, sentAt, receivedAt } of items) {
          const members = keys.map((key) => Number(key.replace('record ', '')) - 1).sort((a, b) => a - b);
          const at = Date.parse(receivedAt);
          const milliseconds = at - Date.parse(sentAt);
          arrived.push({ event, members, time: retracts === null ? time : null, milliseconds, receivedAt: at });
        }
        if (next === null) return arrived;
        after = next;
      }
    });
  }
}

function makeToken(home: string): Promise<string> {
  return withOrganisation(home, ({ alertSources }) => alertSources.token(sourceName));
}
