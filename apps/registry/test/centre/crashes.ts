import { type Card, type Operation, type SessionOutcome, signAnswer } from '@symbolon/consent';
import { hex, type Rng, SymbolonError } from '@symbolon/crypto';
import type { Database } from '@symbolon/service';
import type { KyselyPlugin } from 'kysely';
import type { Physician } from './played.ts';
import { connection, type Stage } from './stage.ts';

/** What ends a process in the middle. */
export class Crash extends Error {}

/** Ends the server at the n-th statement that it asks of its database from now on: what it has not committed by then is lost. */
export class Fuse implements KyselyPlugin {
  left = Number.POSITIVE_INFINITY;
  /** Whether the process is gone: it asks nothing any more. */
  blown = false;

  transformQuery: KyselyPlugin['transformQuery'] = ({ node }) => {
    if (this.blown || --this.left < 0) {
      this.blown = true;
      throw new Crash('the server was killed');
    }
    return node;
  };

  transformResult: KyselyPlugin['transformResult'] = async ({ result }) => result;
}

/** Notes what is asked of a database: statements without their values. */
export class Statements implements KyselyPlugin {
  readonly asked: string[] = [];

  transformQuery: KyselyPlugin['transformQuery'] = ({ node }) => {
    this.asked.push(
      JSON.stringify(node, (key, value: unknown) => (key === 'value' || key === 'values' ? typeof value : value)),
    );
    return node;
  };

  transformResult: KyselyPlugin['transformResult'] = async ({ result }) => result;
}

/** A server that is killed at random, with clients that try again until they know what came of it. */
export class CrashingServer {
  readonly #fuse = new Fuse();
  readonly #rng: Rng;
  readonly #database: Database;
  #stage: Stage;
  kills = 0;
  /** Of each K that was accepted, the session: a pair that is used twice shows. */
  readonly used = new Map<string, string>();

  /** @param stage whose database is not yet wrapped */
  constructor(stage: Stage, rng: Rng) {
    this.#stage = stage;
    this.#rng = rng;
    this.#database = stage.context.database;
  }

  get stage(): Stage {
    return this.#stage;
  }

  /** A whole visit; the server is killed at random statements meanwhile, and so is the client between two messages. */
  async visit(patient: string, by: Physician, operation: Operation, card?: Card): Promise<SessionOutcome> {
    for (;;) {
      const ticket = this.#stage.ticket(patient, by, operation);
      const { challenge } = await this.#until((stage) => stage.sessions.open(by, ticket));
      if (this.#chance(8)) continue;
      const draft = await this.#stage.draft(patient, by, { operation, card }, challenge);
      if (this.#chance(8)) continue;
      const answer = await signAnswer(draft, by.card, connection);
      const outcome = await this.#until((stage) => stage.finish(by, answer));
      if (challenge.envelopes.length > 0) {
        this.#note(await this.#stage.secretIn(patient, by, card!, challenge), hex(challenge.session));
      }
      return outcome;
    }
  }

  /** Asks until there is an answer, as a client does whose connection broke. */
  async #until<Result>(ask: (stage: Stage) => Promise<Result>): Promise<Result> {
    for (;;) {
      this.#stage = await this.#stage.restarted(this.#database.withPlugin(this.#fuse));
      this.#fuse.left = this.#rng(1)[0]! % 40;
      // After the commit too: the answer is lost, not the change.
      const loses = this.#chance(6);
      try {
        const result = await ask(this.#stage);
        if (!loses) return result;
        this.kills++;
      } catch (error) {
        if (error instanceof SymbolonError || !this.#fuse.blown) throw error;
        this.kills++;
      } finally {
        this.#fuse.blown = false;
        this.#fuse.left = Number.POSITIVE_INFINITY;
      }
    }
  }

  #note(secret: string, session: string): void {
    const before = this.used.get(secret);
    if (before !== undefined && before !== session) throw new Error('a pair was used twice');
    this.used.set(secret, session);
  }

  #chance(of: number): boolean {
    return this.#rng(1)[0]! % of === 0;
  }
}
