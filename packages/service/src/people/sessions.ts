import { fault, type Rng } from '@symbolon/crypto';
import type { Transaction } from 'kysely';
import type { Database } from '../database.ts';
import type { ServerLog } from '../log.ts';
import type { DatabaseSchema } from '../schema.ts';
import { type Account, findAccount } from './accounts.ts';
import { newToken, tokenHash } from './tokens.ts';

/** How the token of a session travels: a browser's cookie, or a program's Authorization header. */
export type SessionKind = DatabaseSchema['account_session']['kind'];
/** How a user proved who they are. */
export type LoginMethod = DatabaseSchema['account_session']['method'];

/** Somebody who is logged in, as they see it. */
export interface Session {
  /** Hash of its token; not a secret. */
  readonly id: string;
  readonly kind: SessionKind;
  readonly method: LoginMethod;
  readonly createdAt: string;
  readonly usedAt: string;
  /** When it ends at the latest. */
  readonly expiresAt: string;
}

/** A session that has just been opened. Nobody else has seen the token, and it is not kept here. */
export interface OpenedSession {
  readonly token: string;
  readonly session: Session;
}

/** How exactly the last use is kept: a write for each request would cost more than it tells. */
const touchMilliseconds = 60_000;
/** Sessions of one user; those that were opened first end. */
const mostSessions = 50;

/** Who is logged in. A session ends when it is idle for too long, when it is too old, when its user ends it, and when the account changes. */
export class Sessions {
  readonly #database: Database;
  readonly #log: Pick<ServerLog, 'append'>;
  readonly #rng: Rng;
  readonly #now: () => Date;
  readonly #idle: number;
  readonly #age: number;

  constructor(params: {
    database: Database;
    log: Pick<ServerLog, 'append'>;
    rng: Rng;
    now: () => Date;
    limits: { readonly idleMinutes: number; readonly sessionHours: number };
  }) {
    this.#database = params.database;
    this.#log = params.log;
    this.#rng = params.rng;
    this.#now = params.now;
    this.#idle = params.limits.idleMinutes * 60_000;
    this.#age = params.limits.sessionHours * 3_600_000;
  }

  /**
   * Logs a user in: always a fresh token, whatever the caller showed before, and that earlier session ends.
   * @param options.within what else belongs to the login; it rejects if the user may not log in after all
   */
  async open(options: {
    account: string;
    kind: SessionKind;
    method: LoginMethod;
    replaces: string | undefined;
    within: (transaction: Transaction<DatabaseSchema>) => Promise<void>;
  }): Promise<OpenedSession> {
    const { account, kind, method, replaces, within } = options;
    const token = newToken(this.#rng);
    const now = this.#now().toISOString();
    const row = { id: tokenHash('session', token), account, kind, method, created_at: now, used_at: now };
    await this.#log.append({ kind: 'user-logged-in', user: account, method }, async (transaction) => {
      await within(transaction);
      const stale = new Date(this.#now().getTime() - this.#age).toISOString();
      await transaction.deleteFrom('account_session').where('created_at', '<=', stale).execute();
      if (replaces !== undefined) await transaction.deleteFrom('account_session').where('id', '=', replaces).execute();
      await endOldest(transaction, account);
      await transaction.insertInto('account_session').values(row).execute();
    });
    return { token, session: this.#shown(row) };
  }

  /** Who shows a token: undefined if it is no session, or one that has ended. A cookie's token counts as a cookie only. */
  async find(token: string, kind: SessionKind): Promise<{ account: Account; session: Session } | undefined> {
    const live = await this.#live(tokenHash('session', token));
    if (live === undefined || live.row.kind !== kind) return undefined;
    await this.#touch(live.row);
    return { account: live.account, session: this.#shown(live.row) };
  }

  /** Whose session this is, for what it began and has not ended; see `Doorkeeper`. */
  async recall(id: string): Promise<Account | undefined> {
    const live = await this.#live(id);
    if (live?.row.kind === 'token') await this.#touch(live.row);
    return live?.account;
  }

  /** A live session of a user. Throws `not-found`. */
  async get(account: string, id: string): Promise<Session> {
    const session = (await this.list(account)).find((each) => each.id === id);
    if (session === undefined) throw fault('not-found', 'you have no such session', { culprit: 'session' });
    return session;
  }

  /** The live sessions of a user, newest first. */
  async list(account: string): Promise<Session[]> {
    const rows = await this.#database
      .selectFrom('account_session')
      .selectAll()
      .where('account', '=', account)
      .orderBy('created_at', 'desc')
      .execute();
    return rows.filter((row) => this.#lives(row)).map((row) => this.#shown(row));
  }

  /** Ends a session of a user. Throws `not-found` if that user has no such session. */
  async end(account: string, id: string): Promise<void> {
    await this.#log.append({ kind: 'session-ended', user: account, by: account }, async (transaction) => {
      const { numDeletedRows } = await transaction
        .deleteFrom('account_session')
        .where('id', '=', id)
        .where('account', '=', account)
        .executeTakeFirst();
      if (numDeletedRows === 0n) throw fault('not-found', 'you have no such session', { culprit: 'session' });
    });
  }

  async #live(id: string): Promise<{ row: DatabaseSchema['account_session']; account: Account } | undefined> {
    const row = await this.#database.selectFrom('account_session').selectAll().where('id', '=', id).executeTakeFirst();
    if (row === undefined || !this.#lives(row)) return undefined;
    const account = await findAccount(this.#database, row.account);
    return account === undefined || account.disabled ? undefined : { row, account };
  }

  #lives({ created_at, used_at }: DatabaseSchema['account_session']): boolean {
    const now = this.#now().getTime();
    return now < Date.parse(created_at) + this.#age && now < Date.parse(used_at) + this.#idle;
  }

  async #touch({ id, used_at }: DatabaseSchema['account_session']): Promise<void> {
    const now = this.#now();
    if (now.getTime() < Date.parse(used_at) + Math.min(touchMilliseconds, this.#idle / 4)) return;
    await this.#database
      .updateTable('account_session')
      .set({ used_at: now.toISOString() })
      .where('id', '=', id)
      .execute();
  }

  #shown({ id, kind, method, created_at, used_at }: DatabaseSchema['account_session']): Session {
    const expiresAt = new Date(Date.parse(created_at) + this.#age).toISOString();
    return { id, kind, method, createdAt: created_at, usedAt: used_at, expiresAt };
  }
}

async function endOldest(transaction: Transaction<DatabaseSchema>, account: string): Promise<void> {
  const oldest = await transaction
    .selectFrom('account_session')
    .select('id')
    .where('account', '=', account)
    .orderBy('created_at', 'desc')
    .orderBy('id')
    .offset(mostSessions - 1)
    .limit(mostSessions)
    .execute();
  for (const { id } of oldest) await transaction.deleteFrom('account_session').where('id', '=', id).execute();
}

/** Ends all sessions of a user, with the change of the account that asks for it. @param except lives on */
export async function endSessions(
  transaction: Transaction<DatabaseSchema>,
  account: string,
  except?: string,
): Promise<void> {
  await transaction
    .deleteFrom('account_session')
    .where('account', '=', account)
    .$if(except !== undefined, (query) => query.where('id', '!=', except!))
    .execute();
}
