import { fault, type Rng, SymbolonError } from '@symbolon/crypto';
import type { Transaction } from 'kysely';
import type { Database } from '../database.ts';
import type { ServerLog } from '../log.ts';
import type { DatabaseSchema } from '../schema.ts';
import { type Account, requireAccount } from './accounts.ts';
import { type Attempt, LoginGuard } from './guard.ts';
import { requireGoodPassword } from './password-rules.ts';
import { Passwords } from './passwords.ts';
import { endSessions, type LoginMethod, type OpenedSession, type SessionKind, type Sessions } from './sessions.ts';
import { newToken, tokenHash } from './tokens.ts';

/** Who wants to log in, from where, and how the session's token shall travel. */
export interface Entrance {
  readonly kind: SessionKind;
  /** Network address. */
  readonly address: string;
  /** Token of the device, if one was given to it at an earlier login. */
  readonly device: string | undefined;
  /** Id of the session that the caller has now; it ends. */
  readonly replaces: string | undefined;
}

/** Somebody who has logged in. */
export interface Entered extends OpenedSession {
  readonly account: Account;
  /** Shows at the next login that its user has logged in from this device; proves nothing else. */
  readonly device: string;
}

/** Devices of one user that are remembered: the newest. */
const mostDevices = 20;

/** Logging in, and what a user needs for it. Unknown users, wrong passwords and disabled users are told the same in the same time. */
export class Logins {
  readonly #database: Database;
  readonly #log: Pick<ServerLog, 'append'>;
  readonly #sessions: Sessions;
  readonly #passwords: Passwords;
  readonly #guard: LoginGuard;
  readonly #rng: Rng;
  readonly #now: () => Date;
  readonly #organisation: readonly string[];

  /** @param params.organisation its id and name, which are no passwords */
  constructor(params: {
    database: Database;
    log: Pick<ServerLog, 'append'>;
    sessions: Sessions;
    rng: Rng;
    now: () => Date;
    organisation: readonly string[];
  }) {
    this.#database = params.database;
    this.#log = params.log;
    this.#sessions = params.sessions;
    this.#passwords = new Passwords(params.rng);
    this.#guard = new LoginGuard(params.now);
    this.#rng = params.rng;
    this.#now = params.now;
    this.#organisation = params.organisation;
  }

  /** Throws `unauthenticated`, or `too-many-requests` while one has to wait. */
  async withPassword(user: string, password: string, entrance: Entrance): Promise<Entered> {
    const kept = await this.#database.selectFrom('account').selectAll().where('id', '=', user).executeTakeFirst();
    const device = await this.#knownDevice(user, entrance.device);
    const who = kept === undefined ? { stranger: user } : { user };
    const attempt = { method: 'password', ...who, device, address: entrance.address } as const;
    return this.attempt(attempt, async () => {
      const right = await this.#passwords.verify(kept?.password ?? null, password);
      if (!right || kept === undefined || kept.disabled === 1) {
        throw fault('unauthenticated', 'the user or the password is wrong', { hint: 'Type both again.' });
      }
      return this.enter(user, 'password', entrance, async (transaction) => {
        const { password: present } = await transaction
          .selectFrom('account')
          .select('password')
          .where('id', '=', user)
          .executeTakeFirstOrThrow();
        if (present !== kept.password) throw fault('unauthenticated', 'the password was changed meanwhile');
      });
    });
  }

  /** Sets the password of whoever holds a set-up code, once; all sessions of that user end. Returns the user's id. Throws `unauthenticated` or `password-weak`. */
  async setUp(code: string, password: string, address: string): Promise<string> {
    const hash = tokenHash('setup', code);
    const attempt = { method: 'setup-code', address } as const;
    return this.attempt(attempt, async () => {
      const row = await this.#database
        .selectFrom('setup_code')
        .selectAll()
        .where('hash', '=', hash)
        .where('expires_at', '>', this.#now().toISOString())
        .executeTakeFirst();
      if (row === undefined) throw unusable();
      const kept = await this.#goodHash(await requireAccount(this.#database, row.account), password);
      const event = { kind: 'user-password', user: row.account, by: row.account, method: 'setup-code' };
      await this.#log.append(event, async (transaction) => {
        const used = await transaction.deleteFrom('setup_code').where('hash', '=', hash).executeTakeFirst();
        if (used.numDeletedRows === 0n) throw unusable();
        await writePassword(transaction, row.account, kept);
        await endSessions(transaction, row.account);
      });
      return row.account;
    });
  }

  /** Changes the password of a user who is logged in; their other sessions end. Throws `unauthenticated`, `password-weak` or `conflict`. */
  async changePassword(user: string, session: string, passwords: { old: string; new: string }): Promise<void> {
    const kept = await this.#database
      .selectFrom('account')
      .select('password')
      .where('id', '=', user)
      .executeTakeFirstOrThrow();
    if (kept.password === null) throw fault('conflict', 'you have no password here', { culprit: user });
    const attempt = { method: 'password', user, device: `change ${user}`, address: '' } as const;
    await this.attempt(attempt, async () => {
      if (!(await this.#passwords.verify(kept.password, passwords.old))) {
        throw fault('unauthenticated', 'the old password is wrong', { hint: 'Type it again.' });
      }
      if (passwords.new === passwords.old) throw fault('password-weak', 'the new password is the old one');
      const hash = await this.#goodHash(await requireAccount(this.#database, user), passwords.new);
      await this.#log.append({ kind: 'user-password', user, by: user, method: 'password' }, async (transaction) => {
        await writePassword(transaction, user, hash);
        await endSessions(transaction, user, session);
      });
    });
  }

  /** Does what proves who somebody is: waits are kept, and a failure (`unauthenticated`) is counted and logged. */
  async attempt<T>(attempt: Attempt, work: () => Promise<T>): Promise<T> {
    const seconds = this.#guard.begin(attempt);
    try {
      const result = await work();
      this.#guard.succeed(attempt);
      return result;
    } catch (error) {
      if (error instanceof SymbolonError && error.code === 'unauthenticated') {
        await this.#logFailure(attempt, seconds);
      } else {
        this.#guard.cancel(attempt);
      }
      throw error;
    }
  }

  /** Opens a session for somebody who has proven who they are. @param within rejects if they may not log in after all */
  async enter(
    id: string,
    method: LoginMethod,
    { kind, device, replaces }: Entrance,
    within: (transaction: Transaction<DatabaseSchema>) => Promise<void>,
  ): Promise<Entered> {
    const known = await this.#knownDevice(id, device);
    const token = known === undefined || device === undefined ? newToken(this.#rng) : device;
    const opened = await this.#sessions.open({
      account: id,
      kind,
      method,
      replaces,
      within: async (transaction) => {
        await within(transaction);
        const { disabled } = await requireAccount(transaction, id);
        if (disabled) throw fault('unauthenticated', 'this user is disabled');
        await this.#rememberDevice(transaction, id, tokenHash('device', token));
      },
    });
    return { ...opened, account: await requireAccount(this.#database, id), device: token };
  }

  async #knownDevice(account: string, token: string | undefined): Promise<string | undefined> {
    if (token === undefined) return undefined;
    const row = await this.#database
      .selectFrom('account_device')
      .select('hash')
      .where('hash', '=', tokenHash('device', token))
      .where('account', '=', account)
      .executeTakeFirst();
    return row?.hash;
  }

  async #rememberDevice(transaction: Transaction<DatabaseSchema>, account: string, hash: string): Promise<void> {
    await transaction.deleteFrom('account_device').where('hash', '=', hash).execute();
    const older = await transaction
      .selectFrom('account_device')
      .select('hash')
      .where('account', '=', account)
      .orderBy('used_at', 'desc')
      .offset(mostDevices - 1)
      .limit(mostDevices)
      .execute();
    for (const { hash: old } of older) {
      await transaction.deleteFrom('account_device').where('hash', '=', old).execute();
    }
    const used_at = this.#now().toISOString();
    await transaction.insertInto('account_device').values({ hash, account, used_at }).execute();
  }

  /** The name of somebody who is not known here is not logged: people type passwords where the user's name belongs. */
  async #logFailure({ user, method }: Attempt, waitSeconds: number): Promise<void> {
    const event = { user: user ?? null, method };
    await this.#log.append(
      waitSeconds > 0 ? { kind: 'login-locked', ...event, waitSeconds } : { kind: 'login-failed', ...event },
    );
  }

  async #goodHash({ id, name }: Account, password: string): Promise<string> {
    requireGoodPassword(password, [id, name, ...this.#organisation]);
    return this.#passwords.hash(password);
  }
}

function unusable(): SymbolonError {
  return fault('unauthenticated', 'this set-up code was used, has expired, or never was one', {
    hint: 'Ask whoever manages users for a new one.',
  });
}

async function writePassword(transaction: Transaction<DatabaseSchema>, id: string, password: string): Promise<void> {
  await transaction.updateTable('account').set({ password }).where('id', '=', id).execute();
}
