import { fault } from '@symbolon/crypto';
import { type Database, type Logger, type Page, type PageQuery, pageFrom, type ServerLog } from '@symbolon/service';
import type { NoticeOutbox } from '../../common/notices.ts';
import { ticker } from '../../common/ticker.ts';
import type { Alarm, AlarmBook, AlarmKind } from '../alarm.ts';

const lookMilliseconds = 5_000;
const loggedAtOnce = 100;

/** An alarm as administrators see it. Patients are named by number, nothing else. */
export interface AlarmInfo {
  readonly id: number;
  readonly module: string;
  readonly alarm: AlarmKind;
  readonly patient: number | null;
  readonly physician: string | null;
  readonly installation: string | null;
  readonly text: string;
  readonly at: string;
  readonly seenAt: string | null;
  readonly seenBy: string | null;
  readonly note: string | null;
}

/** Which alarms are listed. */
export interface AlarmQuery extends PageQuery {
  readonly module?: string | undefined;
  readonly alarm?: AlarmKind | undefined;
  /** Only those that nobody has looked at. */
  readonly open?: boolean | undefined;
}

interface Needs {
  readonly database: Database;
  readonly log: Pick<ServerLog, 'append'>;
  readonly logger: Logger;
  readonly now: () => Date;
  readonly outbox: Pick<NoticeOutbox, 'write' | 'wake'>;
}

/**
 * Alarms: a row and a notice to the module in the transaction of what they are about, an entry in the log right after. The module alone can find out who the
 * patient is.
 */
export class Alarms implements AlarmBook {
  readonly #needs: Needs;

  constructor(needs: Needs) {
    this.#needs = needs;
  }

  /** @param once names what this kind of alarm is raised for one time only */
  async raise(raised: Alarm, within: Database, once: string | null = null): Promise<void> {
    const { now, outbox } = this.#needs;
    const { alarm, module, patient, physician, installation, text, tellPatient } = raised;
    const about = { module, patient, physician, installation, text };
    const row = await within
      .insertInto('registry_alarm')
      .values({ ...about, kind: alarm, subject: once, at: now().toISOString(), logged: 0 })
      .onConflict((conflict) => conflict.columns(['module', 'kind', 'subject']).doNothing())
      .returning('id')
      .executeTakeFirst();
    if (row === undefined) return;
    const pseudonym = patient === null ? null : await pseudonymOf(within, patient);
    const told = { alarm, pseudonym, physician, installation, text, patient: tellPatient && pseudonym !== null };
    await outbox.write(within, module, { about: 'alarm', ...told }, { subject: `alarm ${row.id}`, concerns: [] });
  }

  /** A module refuses what it is told: one alarm, until somebody has looked at it. */
  async noticeRefused(module: string): Promise<void> {
    const kind = 'notice-refused';
    const none = { patient: null, physician: null, installation: null, tellPatient: false };
    const text = 'The module refuses what it is told: the status of this server shows what.';
    await this.#needs.database.transaction().execute(async (within) => {
      const open = await within
        .selectFrom('registry_alarm')
        .select('id')
        .where('module', '=', module)
        .where('kind', '=', kind)
        .where('seen_at', 'is', null)
        .executeTakeFirst();
      if (open === undefined) await this.raise({ alarm: kind, module, ...none, text }, within);
    });
  }

  async list({ module, alarm, open, after, limit }: AlarmQuery): Promise<Page<AlarmInfo>> {
    const rows = await this.#needs.database
      .selectFrom('registry_alarm')
      .select([
        'id',
        'module',
        'kind',
        'patient',
        'physician',
        'installation',
        'text',
        'at',
        'seen_at',
        'seen_by',
        'note',
      ])
      .$if(module !== undefined, (query) => query.where('module', '=', module!))
      .$if(alarm !== undefined, (query) => query.where('kind', '=', alarm!))
      .$if(open === true, (query) => query.where('seen_at', 'is', null))
      .$if(after !== undefined, (query) => query.where('id', '<', Number(after)))
      .orderBy('id', 'desc')
      .limit(limit + 1)
      .execute();
    const items = rows.map(({ kind, seen_at: seenAt, seen_by: seenBy, ...row }): AlarmInfo => {
      return { ...row, alarm: kind as AlarmKind, seenAt, seenBy };
    });
    return pageFrom(items, limit, ({ id }) => id);
  }

  /** Somebody has looked at it. Again, it changes nothing. Throws `not-found`. */
  async see(id: number, by: string, note: string | null): Promise<void> {
    const { database, log, now } = this.#needs;
    const row = await database
      .selectFrom('registry_alarm')
      .select(['module', 'seen_at'])
      .where('id', '=', id)
      .executeTakeFirst();
    if (row === undefined) throw fault('not-found', `there is no alarm ${id}`);
    if (row.seen_at !== null) return;
    const at = now().toISOString();
    await log.append({ kind: 'alarm-seen', module: row.module, alarm: id, by, at }, async (within) => {
      const change = { seen_at: at, seen_by: by, note };
      await within
        .updateTable('registry_alarm')
        .set(change)
        .where('id', '=', id)
        .where('seen_at', 'is', null)
        .execute();
    });
  }

  /** Writes what is new into the log, and sends it. */
  async tick(): Promise<void> {
    const { database, log, outbox } = this.#needs;
    for (;;) {
      const rows = await database
        .selectFrom('registry_alarm')
        .select(['id', 'module', 'kind', 'physician', 'installation', 'at'])
        .where('logged', '=', 0)
        .orderBy('id')
        .limit(loggedAtOnce)
        .execute();
      for (const { id, module, kind: alarm, physician, installation, at } of rows) {
        const event = { kind: 'alarm', id, module, alarm, physician, installation, at };
        await log.append(event, async (within) => {
          await within.updateTable('registry_alarm').set({ logged: 1 }).where('id', '=', id).execute();
        });
        outbox.wake(module);
      }
      if (rows.length < loggedAtOnce) return;
    }
  }

  /** {@link tick}, now and again. */
  watch(): { close(): Promise<void> } {
    const { logger } = this.#needs;
    return ticker(
      () => this.tick(),
      lookMilliseconds,
      (error) => logger.error({ err: error }, 'alarms could not be written to the log'),
    );
  }
}

async function pseudonymOf(within: Database, patient: number): Promise<string | null> {
  const row = await within
    .selectFrom('centre_pseudonym')
    .select('pseudonym')
    .where('patient', '=', patient)
    .where('replaced', '=', 0)
    .executeTakeFirst();
  return row?.pseudonym ?? null;
}
