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
import { enqueue } from './outbox.ts';
import { keepTold, Told } from './told.ts';

/** An event that waits for its answer. */
interface Waiting extends MarkedEvent {
  readonly event: ClinicalEvent;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** What a batch comes to before anything is kept. */
interface Decided {
  readonly standing: Standing;
  /** Of which nothing is told. */
  readonly plain: readonly Waiting[];
  readonly told: readonly { readonly waiting: Waiting; readonly tellings: readonly Telling[] }[];
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
  #marks: Marks | undefined;
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

  async #key(): Promise<Marks> {
    this.#marks ??= new Marks((await this.#context.optOuts.key()).bytes);
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
    const plain: Waiting[] = [];
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
      if (of.length === 0) plain.push(waiting);
      else candidates.push({ waiting, of });
    }
    const before = new Set(
      await answered(
        this.#context,
        candidates.map(({ waiting }) => waiting),
      ),
    );
    const decider = new Decider(this.#context, new Told(this.#context));
    const told: { waiting: Waiting; tellings: Telling[] }[] = [];
    for (const { waiting, of } of candidates) {
      const name = `${waiting.source} ${waiting.mark}`;
      const tellings = before.has(name) ? [] : await this.#tell(decider, waiting, of, outcomes);
      before.add(name);
      if (tellings.length === 0) plain.push(waiting);
      else told.push({ waiting, tellings });
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
      const decision = await decider.decide(candidate);
      if (typeof decision === 'string') {
        outcomes.push([source, decision]);
        continue;
      }
      outcomes.push([source, candidate.className === null ? 'retracted' : 'told']);
      tellings.push(...decision);
    }
    return tellings;
  }

  /** @returns the events that have to be decided anew */
  async #commit({ standing, plain, told, outcomes }: Decided): Promise<readonly Waiting[]> {
    // Made in one turn, so that they share a transaction.
    const writes = told.map(({ waiting, tellings }) => this.#keepTold(standing, waiting, tellings));
    const rest = plain.length === 0 ? Promise.resolve() : this.#keepPlain(standing, plain);
    const results = await Promise.allSettled([...writes, rest]);
    const partners = new Set<string>();
    const outdated: Waiting[] = [];
    for (const [i, result] of results.entries()) {
      const own = i < told.length ? [told[i]!.waiting] : plain;
      if (result.status === 'fulfilled') {
        for (const { resolve } of own) resolve();
        for (const { message } of told[i]?.tellings ?? []) partners.add(message.partner);
      } else if (result.reason instanceof Outdated) outdated.push(...own);
      else for (const { reject } of own) reject(result.reason);
    }
    if (outdated.length === 0) for (const [source, outcome] of outcomes) this.#counts.add(source, outcome);
    this.#backlog.add(told.reduce((sum, { tellings }) => sum + tellings.length, 0));
    if (partners.size > 0) this.#committed(partners);
    return outdated;
  }

  /** Each message with its entry in the log; that the event was answered for with the last of them. */
  async #keepTold(standing: Standing, waiting: Waiting, tellings: readonly Telling[]): Promise<void> {
    const { log, now } = this.#context;
    const indices = tellings.map(({ row, message }, i) =>
      log.append(entryOf(message), async (transaction) => {
        await this.terms.requireCurrent(standing, transaction);
        await keepTold(transaction, row);
        await enqueue(transaction, [message]);
        if (i === tellings.length - 1) await mark(transaction, [waiting], now());
      }),
    );
    advance(standing, (await Promise.all(indices)).at(-1)!);
  }

  async #keepPlain(standing: Standing, plain: readonly Waiting[]): Promise<void> {
    const { database, now } = this.#context;
    const { kept, index } = await database.transaction().execute(async (transaction) => ({
      kept: await mark(transaction, plain, now()),
      // The writes came first, as they take the lock that makes this read the newest.
      index: await this.terms.requireCurrent(standing, transaction),
    }));
    advance(standing, index);
    const [{ source }] = plain as [Waiting, ...Waiting[]];
    if (kept < plain.length) this.#counts.add(source, 'repeated', plain.length - kept);
  }
}

function entryOf({ agreement, alert, class: event, partner, id, document }: Telling['message']) {
  return { kind: 'alert-sent', agreement, alert, event, to: partner, message: id, hash: base64url(sha256(document)) };
}
