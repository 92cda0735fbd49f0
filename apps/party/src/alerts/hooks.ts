import { fault, SymbolonError } from '@symbolon/crypto';
import { backOff, type DatabaseSchema, Lane, type Poster, poster } from '@symbolon/service';
import type { Selectable } from 'kysely';
import type { PartyContext } from '../context.ts';
import { infoOf } from './alert-info.ts';
import { type HookEvent, type HookRequest, restHookRequest, webhookRequest } from './hook-bodies.ts';
import { type HookSettings, readSecret } from './hook-settings.ts';
import { openKept } from './kept-message.ts';

/** What is to be told to a hook. */
type Pending = Selectable<DatabaseSchema['alert_hook']>;

/** How a hook fares. */
export interface HookState {
  readonly name: string;
  /** What it has not been told yet. */
  readonly waiting: number;
  /** Code and message of the last failure of what waits. */
  readonly error: string | null;
  readonly lastDelivered: string | null;
}

/** Tells other programs of the organisation of alerts, each apart from the others, at least once. Runs at: the receiver. */
export class Hooks {
  readonly #hooks: readonly Hook[];

  /** Throws `config-invalid` where a secret is missing. @param environment of the process */
  constructor(
    context: PartyContext,
    settings: readonly HookSettings[],
    environment: Readonly<Record<string, string | undefined>>,
  ) {
    this.#hooks = settings.map((one) => new Hook(context, one, environment));
  }

  /** There may be something to tell. */
  wake(): void {
    for (const hook of this.#hooks) hook.wake();
  }

  async close(): Promise<void> {
    await Promise.all(this.#hooks.map((hook) => hook.close()));
  }
}

/** How many things of one hook are looked up at once. */
const atOnce = 64;

class Hook {
  readonly #context: PartyContext;
  readonly #name: string;
  readonly #request: (event: HookEvent, now: Date) => HookRequest;
  readonly #poster: Poster;
  readonly #lane: Lane;
  readonly #stop = new AbortController();
  #failures = 0;
  #notBefore = 0;

  constructor(
    context: PartyContext,
    settings: HookSettings,
    environment: Readonly<Record<string, string | undefined>>,
  ) {
    this.#context = context;
    this.#name = settings.name;
    this.#poster = poster(settings.url);
    const read = (place: Parameters<typeof readSecret>[0]): string => readSecret(place, context.home.path, environment);
    if (settings.kind === 'webhook') {
      const secret = read(settings.secret);
      this.#request = (event, now) => webhookRequest(event, secret, now);
    } else {
      const token = settings.token && read(settings.token);
      this.#request = (event) => restHookRequest(event, token);
    }
    this.#lane = new Lane(
      () => this.#round(),
      (error) => {
        context.logger.error({ hook: this.#name, err: error }, 'a hook could not be told; it is tried again');
        return backOff(++this.#failures, context.rng);
      },
    );
  }

  wake(): void {
    this.#lane.wake();
  }

  async close(): Promise<void> {
    this.#stop.abort();
    await this.#lane.close();
    await this.#poster.close();
  }

  async #round(): Promise<number | undefined> {
    const { now, database } = this.#context;
    const wait = this.#notBefore - now().getTime();
    if (wait > 0) return wait;
    const waiting = await database
      .selectFrom('alert_hook')
      .selectAll()
      .where('delivered_at', 'is', null)
      .where('hook', '=', this.#name)
      .orderBy('due_at')
      .orderBy('id')
      .limit(atOnce)
      .execute();
    for (const pending of waiting) {
      const early = Date.parse(pending.due_at) - now().getTime();
      if (early > 0) return early;
      if (this.#stop.signal.aborted || !(await this.#tell(pending))) return this.#notBefore - now().getTime();
    }
    return waiting.length === 0 ? undefined : 0;
  }

  /** @returns whether the next may be told at once */
  async #tell(pending: Pending): Promise<boolean> {
    const { database, now, logger, rng } = this.#context;
    const { id, alert, occasion, tries } = pending;
    const record = (change: Partial<Omit<Pending, 'id'>>) =>
      database
        .updateTable('alert_hook')
        .set({ tries: tries + 1, ...change })
        .where('id', '=', id)
        .execute();
    try {
      const { body, headers } = this.#request(await this.#event(alert, occasion), now());
      await this.#poster.post(body, headers, this.#stop.signal);
      await record({ delivered_at: now().toISOString(), error: null });
      this.#failures = 0;
      return true;
    } catch (error) {
      if (this.#stop.signal.aborted) return false;
      if (!(error instanceof SymbolonError)) throw error;
      const { code, message } = error;
      const wait = backOff(++this.#failures, rng);
      this.#notBefore = now().getTime() + wait;
      // It goes behind the others: what one of them cannot take is not in their way.
      const due = new Date(now().getTime() + backOff(tries + 1, rng));
      logger.warn({ hook: this.#name, code, tries: tries + 1 }, 'a hook could not be told of an alert');
      await record({ error: `${code}: ${message}`, due_at: due.toISOString() });
      return false;
    }
  }

  async #event(id: string, occasion: Pending['occasion']): Promise<HookEvent> {
    const row = await this.#context.database
      .selectFrom('alert_inbox')
      .selectAll()
      .where('id', '=', id)
      .executeTakeFirst();
    if (row === undefined) throw fault('not-found', `alert ${id} was erased meanwhile`);
    return { occasion, alert: infoOf(row), message: openKept(this.#context, row) };
  }
}

/** How the hooks of an organisation fare, those that were told something once and are no longer set up too. */
export async function hookStates({
  database,
  settings,
}: Pick<PartyContext, 'database' | 'settings'>): Promise<HookState[]> {
  const rows = await database
    .selectFrom('alert_hook')
    .select(({ fn }) => [
      'hook',
      fn.countAll<number>().as('all'),
      fn.count<number>('delivered_at').as('told'),
      fn.max('delivered_at').as('last'),
    ])
    .groupBy('hook')
    .execute();
  const names = new Set([...settings.alerts.hooks.map(({ name }) => name), ...rows.map(({ hook }) => hook)]);
  return Promise.all(
    [...names].sort().map(async (name) => {
      const row = rows.find(({ hook }) => hook === name);
      const failed = await database
        .selectFrom('alert_hook')
        .select('error')
        .where('hook', '=', name)
        .where('delivered_at', 'is', null)
        .where('error', 'is not', null)
        .orderBy('due_at', 'desc')
        .limit(1)
        .executeTakeFirst();
      const waiting = row === undefined ? 0 : row.all - row.told;
      return { name, waiting, error: failed?.error ?? null, lastDelivered: row?.last ?? null };
    }),
  );
}
