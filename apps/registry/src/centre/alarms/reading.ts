import { type Expression, type SqlBool, sql } from 'kysely';
import { ticker } from '../../common/ticker.ts';
import { type Context, policyOf } from '../context.ts';
import type { Alarms } from './alarms.ts';

const day = 24 * 3_600_000;
/** When a server starts, windows that ended so long ago are looked at; then those that ended since the last look, and a little before. */
const lookBackDays = 60;
const overlap = 3_600_000;
/** What is usual for a physician is the mean of the days of so many past ones on which it read at all. */
const usualDays = 28;
const timesUsual = 4;
const tickMilliseconds = 60_000;

/** When a window ended, or will. */
const ended = sql<string>`COALESCE(g.closed_at, g.until_at)`;

/** Looks at what physicians have read, and raises alarms. */
export class ReadingWatch {
  readonly #context: Pick<Context, 'database' | 'settings' | 'now' | 'logger'>;
  readonly #alarms: Alarms;
  #lookedAt: number | undefined;

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
    const since = this.#lookedAt === undefined ? time.getTime() - lookBackDays * day : this.#lookedAt - overlap;
    const rows = await database
      .selectFrom('centre_grant as g')
      .select(['g.session', 'g.module', 'g.patient', 'g.physician'])
      .where('g.kind', 'in', ['consent', 'reopened'])
      .where(({ or, and, eb }) => {
        const within = (column: 'g.until_at' | 'g.closed_at') =>
          and([eb(column, '<=', time.toISOString()), eb(column, '>', new Date(since).toISOString())]);
        return or([within('g.until_at'), within('g.closed_at')]);
      })
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
              .where(sql<SqlBool>`v.recorded_at BETWEEN g.granted_at AND ${ended}` as Expression<SqlBool>),
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
    this.#lookedAt = time.getTime();
  }

  /** Far more of others' records in a day than this physician is used to. */
  async #unusualVolume(): Promise<void> {
    const { settings, now } = this.#context;
    const today = now().toISOString().slice(0, 10);
    for (const { id: module } of settings.modules) {
      const { unusualReads } = policyOf(settings, module).records;
      for (const { by: physician, reads } of await this.#readsSince(module, `${today}T00:00:00.000Z`, unusualReads)) {
        const count = Number(reads);
        const usual = await this.#usual(module, physician, today);
        if (count <= timesUsual * usual) continue;
        const text = `${count} records of others were read on ${today}; usual are ${Math.round(usual)} a day`;
        await this.#raise('unusual-volume', { module, patient: null, physician, once: `${physician} ${today}` }, text);
      }
    }
  }

  /** Physicians who read more than so many records of others. */
  #readsSince(module: string, from: string, most: number) {
    return this.#othersRead(module)
      .select(({ fn }) => ['by', fn.countAll<number>().as('reads')])
      .where('at', '>=', from)
      .groupBy('by')
      .having(({ fn }) => fn.countAll(), '>', most)
      .execute();
  }

  /** Records of others that a physician reads on a day on which it reads at all. */
  async #usual(module: string, physician: string, today: string): Promise<number> {
    const days = await this.#othersRead(module)
      .select(({ fn }) => [fn.countAll<number>().as('reads')])
      .where('by', '=', physician)
      .where('at', '>=', new Date(Date.parse(today) - usualDays * day).toISOString())
      .where('at', '<', today)
      .groupBy(sql`substr(at, 1, 10)`)
      .execute();
    return days.reduce((sum, { reads }) => sum + Number(reads), 0) / Math.max(1, days.length);
  }

  #othersRead(module: string) {
    return this.#context.database
      .selectFrom('record_access')
      .where('module', '=', module)
      .where('what', '=', 'read')
      .where('basis', 'in', ['consent', 'break-glass']);
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
