import { type Expression, type SqlBool, sql } from 'kysely';
import { ticker } from '../../common/ticker.ts';
import { type Context, policyOf } from '../context.ts';
import type { Alarms } from './alarms.ts';

const day = 24 * 3_600_000;
/** Windows that ended longer ago were looked at when the server ran. */
const lookBackDays = 60;
/** What is usual for a physician is the mean of the days of so many past ones on which it read at all. */
const usualDays = 28;
const timesUsual = 4;
const tickMilliseconds = 60_000;

/** Looks at what physicians have read, and raises alarms. */
export class ReadingWatch {
  readonly #context: Pick<Context, 'database' | 'settings' | 'now' | 'logger'>;
  readonly #alarms: Alarms;

  constructor(context: Pick<Context, 'database' | 'settings' | 'now' | 'logger'>, alarms: Alarms) {
    this.#context = context;
    this.#alarms = alarms;
  }

  async tick(): Promise<void> {
    await this.#readAndAddedNothing();
    await this.#unusualVolume();
  }

  /** {@link tick}, now and again. */
  watch(): { close(): Promise<void> } {
    const { logger } = this.#context;
    return ticker(
      () => this.tick(),
      tickMilliseconds,
      (error) => logger.error({ err: error }, 'readings could not be looked through'),
    );
  }

  /** A physician who reads a case and adds nothing (§5.4 of the paper): known when the window has ended. */
  async #readAndAddedNothing(): Promise<void> {
    const { database, now } = this.#context;
    const time = now();
    const rows = await database
      .selectFrom('centre_grant as g')
      .select(['g.session', 'g.module', 'g.patient', 'g.physician'])
      .where('g.kind', 'in', ['consent', 'reopened'])
      .where('g.granted_at', '>', new Date(time.getTime() - lookBackDays * day).toISOString())
      .where(({ or, eb }) => or([eb('g.until_at', '<=', time.toISOString()), eb('g.closed_at', 'is not', null)]))
      .where(({ exists, selectFrom }) =>
        exists(
          selectFrom('record_access as a')
            .select('a.id')
            .whereRef('a.module', '=', 'g.module')
            .whereRef('a.relation', '=', 'g.relation')
            .whereRef('a.session', '=', 'g.session')
            .where('a.what', '=', 'read'),
        ),
      )
      .where(({ not, exists, selectFrom }) =>
        not(
          exists(
            selectFrom('record as r')
              .innerJoin('record_version as v', 'v.record', 'r.id')
              .select('r.id')
              .whereRef('r.module', '=', 'g.module')
              .whereRef('r.relation', '=', 'g.relation')
              .where(
                sql<SqlBool>`v.recorded_at BETWEEN g.granted_at AND COALESCE(g.closed_at, g.until_at)` as Expression<SqlBool>,
              ),
          ),
        ),
      )
      .where(({ not, exists, selectFrom }) =>
        not(
          exists(
            selectFrom('registry_alarm as b')
              .select('b.id')
              .whereRef('b.module', '=', 'g.module')
              .where('b.kind', '=', 'read-without-record')
              .whereRef('b.subject', '=', 'g.session'),
          ),
        ),
      )
      .execute();
    for (const { session, module, patient, physician } of rows) {
      await this.#raise(
        'read-without-record',
        { module, patient, physician, once: session },
        'a case was read, and nothing was added to it',
      );
    }
  }

  /** Far more of others' records in a day than this physician is used to. */
  async #unusualVolume(): Promise<void> {
    const { settings, now } = this.#context;
    const today = now().toISOString().slice(0, 10);
    for (const { id: module } of settings.modules) {
      const { unusualReads } = policyOf(settings, module).records;
      for (const [physician, days] of await this.#readsByDay(module, today)) {
        const count = days.get(today) ?? 0;
        const past = [...days].filter(([date]) => date !== today).map(([, reads]) => reads);
        const usual = past.reduce((sum, reads) => sum + reads, 0) / Math.max(1, past.length);
        if (count <= unusualReads || count <= timesUsual * usual) continue;
        const text = `${count} records of others were read on ${today}; usual are ${Math.round(usual)} a day`;
        await this.#raise('unusual-volume', { module, patient: null, physician, once: `${physician} ${today}` }, text);
      }
    }
  }

  /** By physician, then by day. */
  async #readsByDay(module: string, today: string): Promise<Map<string, Map<string, number>>> {
    const from = new Date(Date.parse(today) - usualDays * day).toISOString();
    const date = sql<string>`substr(at, 1, 10)`;
    const rows = await this.#context.database
      .selectFrom('record_access')
      .select(({ fn }) => ['by', date.as('date'), fn.countAll<number>().as('reads')])
      .where('module', '=', module)
      .where('at', '>=', from)
      .where('what', '=', 'read')
      .where('basis', 'in', ['consent', 'break-glass'])
      .groupBy(['by', date])
      .execute();
    const found = new Map<string, Map<string, number>>();
    for (const { by, date: day, reads } of rows) found.set(by, (found.get(by) ?? new Map()).set(day, Number(reads)));
    return found;
  }

  async #raise(
    alarm: 'read-without-record' | 'unusual-volume',
    { once, ...about }: { module: string; patient: number | null; physician: string; once: string },
    text: string,
  ): Promise<void> {
    await this.#context.database.transaction().execute(async (within) => {
      await this.#alarms.raise({ ...about, alarm, installation: null, text, tellPatient: false }, within, once);
    });
  }
}
