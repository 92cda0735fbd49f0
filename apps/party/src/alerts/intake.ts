import { setTimeout as sleep } from 'node:timers/promises';
import type { ClinicalEvent } from '@symbolon/alerts';
import { base64url, fault, sha256 } from '@symbolon/crypto';
import { isFull } from '@symbolon/service';
import type { PartyContext } from '../context.ts';
import type { Backlog } from './backlog.ts';
import type { Counts, Outcome } from './counts.ts';
import { advance, CurrentTerms, Outdated, type Standing } from './current.ts';
import { type Candidate, Decider, looked, type Telling } from './decide.ts';
import { answered, type MarkedEvent, Marks, mark } from './marks.ts';
import { enqueue, type OutgoingAlert } from './outbox.ts';
import { keepTold, Told } from './told.ts';

/** An event that waits for its answer. */
interface Waiting extends MarkedEvent {
  readonly event: ClinicalEvent;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** An event, and what is kept of it. */
interface Kept {
  readonly waiting: Waiting;
  readonly tellings: readonly Telling[];
}

/** What a batch comes to before anything is kept. */
interface Decided {
  readonly standing: Standing;
  /** Of which nothing is told. */
  readonly plain: readonly Kept[];
  readonly told: readonly Kept[];
  readonly outcomes: readonly (readonly [source: string, outcome: Outcome])[];
}

const batchMilliseconds = 3;
const batchEvents = 512;
/** Events that wait in memory at most. */
const mostWaiting = 8192;
const mostTries = 8;
const skewMilliseconds = 5 * 60_000;

/**
 * Takes events in: each is answered for when everything that follows from it is durable, and follows from it once however often it is sent. Events that come
 * at about the same time share a transaction. Runs at: the sender.
 */
export class Intake {
  readonly terms: CurrentTerms;
  readonly #context: PartyContext;
  readonly #counts: Counts;
  readonly #backlog: Backlog;
  readonly #committed: (partners: ReadonlySet<string>) => void;
  #marks: Promise<Marks> | undefined;
  #waiting: Waiting[] = [];
  #running: Promise<void> | undefined;

  /** @param params.committed is told which partners messages wait for */
  constructor(
    context: PartyContext,
    params: {
      readonly counts: Counts;
      readonly backlog: Backlog;
      readonly committed: (partners: ReadonlySet<string>) => void;
    },
  ) {
    this.#context = context;
    this.terms = new CurrentTerms(context);
    this.#counts = params.counts;
    this.#backlog = params.backlog;
    this.#committed = params.committed;
  }

  /**
   * Resolves when all events of one message are durable. Throws `event-from-future`: then none was taken; `alerts-full`, `storage-full` or
   * `database-unavailable`: then the message is to be sent again.
   */
  async take(source: string, events: readonly ClinicalEvent[]): Promise<void> {
    if (events.length === 0) return;
    try {
      this.#requirePast(events);
      await this.#backlog.requireRoom();
      if (this.#waiting.length > mostWaiting) throw fault('alerts-full', 'too many events come at once');
      const marks = await this.#key();
      const all = events.map((event) => this.#wait({ source, mark: marks.of(source, event.id), event }));
      this.#running ??= this.#run();
      await Promise.all(all);
    } catch (error) {
      throw isFull(error) ? fault('storage-full', 'there is no room left to keep events', { cause: error }) : error;
    }
  }

  /** Resolves when what waits is answered. */
  async close(): Promise<void> {
    await this.#running;
  }

  #requirePast(events: readonly ClinicalEvent[]): void {
    const latest = this.#context.now().getTime() + skewMilliseconds;
    if (events.every(({ time }) => time <= latest)) return;
    throw fault('event-from-future', 'an event lies more than 5 minutes ahead of the clock of this server');
  }

  #wait(event: MarkedEvent & { readonly event: ClinicalEvent }): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#waiting.push({ ...event, resolve, reject });
    return promise;
  }

  #key(): Promise<Marks> {
    this.#marks ??= this.#context.optOuts.key().then(({ bytes }) => new Marks(bytes));
    this.#marks.catch(() => (this.#marks = undefined));
    return this.#marks;
  }

  async #run(): Promise<void> {
    // The first waits a moment for others; those that come while a batch is written are the next one.
    await sleep(batchMilliseconds);
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.splice(0, batchEvents);
      try {
        await this.#keep(batch);
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
    }
    this.#running = undefined;
  }

  /** Decides and keeps a batch; anew where something that it went by has changed meanwhile. */
  async #keep(batch: readonly Waiting[]): Promise<void> {
    let open = batch;
    for (let tries = 1; open.length > 0; tries++) {
      const decided = await this.#decide(open);
      const outdated = await this.#commit(decided);
      if (outdated.length > 0 && tries === mostTries)
        throw fault('database-unavailable', 'agreements change all the time');
      if (outdated.length > 0) this.terms.drop();
      open = outdated;
    }
  }

  async #decide(batch: readonly Waiting[]): Promise<Decided> {
    const standing = await this.terms.get();
    const { terms } = standing;
    const now = this.#context.now();
    const marks = await this.#key();
    const plain: Kept[] = [];
    const outcomes: [string, Outcome][] = [];
    const candidates: { readonly waiting: Waiting; readonly of: Candidate[] }[] = [];
    for (const waiting of batch) {
      const { event, source } = waiting;
      const of: Candidate[] = [];
      for (const one of terms) {
        const found = looked(event, one, now);
        if (typeof found === 'string') outcomes.push([source, found]);
        else of.push({ ...found, event, episode: marks.of(source, event.episode), terms: one });
      }
      if (terms.length === 0) outcomes.push([source, 'not-linked']);
      if (of.length === 0) plain.push({ waiting, tellings: [] });
      else candidates.push({ waiting, of });
    }
    const before = new Set(
      await answered(
        this.#context,
        candidates.map(({ waiting }) => waiting),
      ),
    );
    const decider = new Decider(this.#context, new Told(this.#context));
    const told: Kept[] = [];
    for (const { waiting, of } of candidates) {
      const name = `${waiting.source} ${waiting.mark}`;
      const tellings = before.has(name) ? [] : await this.#tell(decider, waiting, of, outcomes);
      before.add(name);
      const says = tellings.some(({ message }) => message !== null);
      (says ? told : plain).push({ waiting, tellings });
    }
    return { standing, plain, told, outcomes };
  }

  async #tell(
    decider: Decider,
    { source }: Waiting,
    candidates: readonly Candidate[],
    outcomes: [string, Outcome][],
  ): Promise<Telling[]> {
    const tellings: Telling[] = [];
    for (const candidate of candidates) {
      const decided = await decider.decide(candidate);
      outcomes.push([source, decided.outcome]);
      tellings.push(...decided.tellings);
    }
    return tellings;
  }

  /** @returns the events that have to be decided anew */
  async #commit({ standing, plain, told, outcomes }: Decided): Promise<readonly Waiting[]> {
    // Made in one turn, so that they share a transaction.
    const results = await Promise.allSettled(told.map((one) => this.#keepTold(standing, one)));
    const partners = new Set<string>();
    const outdated: Waiting[] = [];
    for (const [i, result] of results.entries()) {
      const { waiting, tellings } = told[i]!;
      if (result.status === 'fulfilled') {
        waiting.resolve();
        for (const { message } of tellings) if (message !== null) partners.add(message.partner);
      } else if (result.reason instanceof Outdated) outdated.push(waiting);
      else waiting.reject(result.reason);
    }
    if (partners.size > 0) this.#committed(partners);
    this.#backlog.add(told.length);
    // Some of these are not told because the others are: where one of them is not after all, they are decided anew.
    if (results.some(({ status }) => status === 'rejected')) outdated.push(...plain.map(({ waiting }) => waiting));
    else outdated.push(...(await this.#commitPlain(standing, plain)));
    if (outdated.length === 0) for (const [source, outcome] of outcomes) this.#counts.add(source, outcome);
    return outdated;
  }

  async #commitPlain(standing: Standing, plain: readonly Kept[]): Promise<readonly Waiting[]> {
    if (plain.length === 0) return [];
    const events = plain.map(({ waiting }) => waiting);
    try {
      await this.#keepPlain(standing, plain);
      for (const { resolve } of events) resolve();
    } catch (error) {
      if (error instanceof Outdated) return events;
      for (const { reject } of events) reject(error);
    }
    return [];
  }

  /** Each message with its entry in the log; that the event was answered for with the last of them. */
  async #keepTold(standing: Standing, { waiting, tellings }: Kept): Promise<void> {
    const { log, now } = this.#context;
    const said = tellings.flatMap(({ row, message }) => (message === null ? [] : [{ row, message }]));
    const indices = said.map(({ row, message }, i) =>
      log.append(entryOf(message), async (transaction) => {
        await this.terms.requireCurrent(standing, transaction);
        await keepTold(transaction, row);
        await enqueue(transaction, [message]);
        if (i < said.length - 1) return;
        for (const other of tellings) if (other.message === null) await keepTold(transaction, other.row);
        await mark(transaction, [waiting], now());
      }),
    );
    advance(standing, (await Promise.all(indices)).at(-1)!);
  }

  async #keepPlain(standing: Standing, plain: readonly Kept[]): Promise<void> {
    const { database, now } = this.#context;
    const events = plain.map(({ waiting }) => waiting);
    const { kept, index } = await database.transaction().execute(async (transaction) => {
      const marked = await mark(transaction, events, now());
      for (const { tellings } of plain) for (const { row } of tellings) await keepTold(transaction, row);
      // The writes came first, as they take the lock that makes this read the newest.
      return { kept: marked, index: await this.terms.requireCurrent(standing, transaction) };
    });
    advance(standing, index);
    const [{ source }] = events as [Waiting, ...Waiting[]];
    if (kept < plain.length) this.#counts.add(source, 'repeated', plain.length - kept);
  }
}

function entryOf({ agreement, alert, class: event, partner, id, document }: OutgoingAlert) {
  return { kind: 'alert-sent', agreement, alert, event, to: partner, message: id, hash: base64url(sha256(document)) };
}
