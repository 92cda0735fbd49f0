import { fault } from '@symbolon/crypto';
import { type Database, numberCursor, type PageQuery, type ServerLog } from '@symbolon/service';

/** Something that administrators should look at. `text` holds nothing of a patient. */
export interface Alarm {
  /** What it is about, like `many-failures`. */
  readonly alarm: string;
  /** The identity by which the patient is named. */
  readonly patient: number | null;
  readonly physician: string | null;
  readonly installation: string | null;
  readonly text: string;
  /** Whether the patient has to be told. */
  readonly tellPatient: boolean;
}

/** An alarm as it was kept. */
export interface AlarmInfo extends Alarm {
  readonly id: number;
  /** Whether the central server told of it. */
  readonly ofCentre: boolean;
  readonly raisedAt: string;
  readonly seenAt: string | null;
  readonly seenBy: string | null;
  readonly note: string | null;
}

/** Alarms of a module: its own, and what its central server tells. */
export class Alarms {
  readonly #database: Database;
  readonly #log: Pick<ServerLog, 'append'>;
  readonly #now: () => Date;

  constructor({ database, log, now }: { database: Database; log: Pick<ServerLog, 'append'>; now: () => Date }) {
    this.#database = database;
    this.#log = log;
    this.#now = now;
  }

  async raise(alarm: Alarm): Promise<void> {
    await this.#log.append(this.eventOf(alarm), (transaction) => this.keep(transaction, alarm, null));
  }

  /** {@link raise}, unless one of its kind is there that nobody has looked at. */
  async raiseUnlessOpen(alarm: Alarm): Promise<void> {
    const append = this.#log.append(this.eventOf(alarm), async (transaction) => {
      const open = await transaction
        .selectFrom('module_alarm')
        .select('id')
        .where('alarm', '=', alarm.alarm)
        .where('seen_at', 'is', null)
        .executeTakeFirst();
      if (open !== undefined) throw new Open();
      await this.keep(transaction, alarm, null);
    });
    await append.catch((error: unknown) => {
      if (!(error instanceof Open)) throw error;
    });
  }

  /** What the log says of an alarm. */
  eventOf({ alarm, patient, physician, installation }: Alarm) {
    return { kind: 'alarm', alarm, patient, physician, installation, at: this.#now().toISOString() };
  }

  /** Keeps an alarm in a transaction. @param notice of the centre, if it told of it */
  async keep(within: Database, { tellPatient, ...alarm }: Alarm, notice: string | null): Promise<void> {
    const row = { ...alarm, notice, tell_patient: tellPatient ? (1 as const) : (0 as const) };
    const raised_at = this.#now().toISOString();
    await within
      .insertInto('module_alarm')
      .values({ ...row, raised_at, seen_at: null, seen_by: null, note: null })
      .execute();
  }

  /** Alarms, the newest first. @param query after: the id of the last one of the page before */
  async list({ after, limit }: PageQuery, open: boolean): Promise<AlarmInfo[]> {
    const rows = await this.#database
      .selectFrom('module_alarm')
      .selectAll()
      .$if(after !== undefined, (query) => query.where('id', '<', numberCursor(after!)))
      .$if(open, (query) => query.where('seen_at', 'is', null))
      .orderBy('id', 'desc')
      .limit(limit)
      .execute();
    return rows.map(({ notice, tell_patient, raised_at, seen_at, seen_by, ...row }) => ({
      ...{ ...row, ofCentre: notice !== null, tellPatient: tell_patient === 1 },
      ...{ raisedAt: raised_at, seenAt: seen_at, seenBy: seen_by },
    }));
  }

  /** Somebody has looked at an alarm, and says what was done: whether the patient was told, too. Throws `not-found`. */
  async see(id: number, by: string, note: string): Promise<void> {
    const at = this.#now().toISOString();
    await this.#log.append({ kind: 'alarm-seen', alarm: id, by, at }, async (transaction) => {
      const row = await transaction
        .updateTable('module_alarm')
        .set({ seen_at: at, seen_by: by, note })
        .where('id', '=', id)
        .where('seen_at', 'is', null)
        .returning('id')
        .executeTakeFirst();
      if (row === undefined) throw fault('not-found', `there is no alarm ${id} to look at`, { culprit: 'alarm' });
    });
  }
}

class Open extends Error {}
