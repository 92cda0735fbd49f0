import { fault, type Rng } from '@symbolon/crypto';
import type { Transaction } from 'kysely';
import type { Page, PageQuery } from '../contract.ts';
import { type Database, isDuplicate } from '../database.ts';
import type { Also } from '../idempotency.ts';
import type { ServerLog } from '../log.ts';
import type { DatabaseSchema } from '../schema.ts';
import { type Account, listAccounts, requireAccount, requireOperator, writeRoles } from './accounts.ts';
import type { Role } from './person.ts';
import { endSessions } from './sessions.ts';
import { newToken, tokenHash } from './tokens.ts';

const setupHours = 72;

/** A code with which a user sets a password, once. Nobody else has seen it, and it is not kept here. */
export interface SetupCode {
  readonly code: string;
  readonly expiresAt: string;
}

/**
 * The accounts of a server's users, for those who manage them. Every change is one transaction with its entry in the log; sessions end when
 * what their user may do changes.
 */
export class Users {
  readonly #database: Database;
  readonly #log: Pick<ServerLog, 'append'>;
  readonly #rng: Rng;
  readonly #now: () => Date;

  constructor(params: { database: Database; log: Pick<ServerLog, 'append'>; rng: Rng; now: () => Date }) {
    this.#database = params.database;
    this.#log = params.log;
    this.#rng = params.rng;
    this.#now = params.now;
  }

  list(query: PageQuery): Promise<Page<Account>> {
    return listAccounts(this.#database, query);
  }

  get(id: string): Promise<Account> {
    return requireAccount(this.#database, id);
  }

  /** Makes a local account, which can log in once its code was used. Throws `conflict` if the id was ever used. @param by who does it */
  async add(
    user: { id: string; name: string; roles: readonly Role[] },
    by: string,
    also?: Also<null>,
  ): Promise<SetupCode> {
    const { id, name, roles } = user;
    const [setup, row] = this.#newCode(id);
    const event = { kind: 'user-created', user: id, by, roles: [...roles] };
    const created = { id, name, password: null, issuer: null, subject: null, disabled: 0 as const };
    try {
      await this.#log.append(event, async (transaction) => {
        await transaction
          .insertInto('account')
          .values({ ...created, created_at: this.#now().toISOString() })
          .execute();
        await writeRoles(transaction, id, roles);
        await transaction.insertInto('setup_code').values(row).execute();
        await also?.(transaction, null);
      });
    } catch (error) {
      if (isDuplicate(error)) throw fault('conflict', `there is a user ${id} already`, { culprit: id });
      throw error;
    }
    return setup;
  }

  /**
   * Gives a user these roles and no others. Nobody changes their own, those of the identity provider's users are its own, and one user who
   * manages users is left. Throws `forbidden`, `conflict` or `not-found`.
   */
  async setRoles(id: string, roles: readonly Role[], by: string, also?: Also): Promise<void> {
    if (id === by) throw fault('forbidden', 'nobody changes their own roles', { culprit: id });
    await this.#log.append({ kind: 'user-roles', user: id, by, roles: [...roles] }, async (transaction) => {
      requireLocal(await requireAccount(transaction, id));
      const guarded = await isOperator(transaction, id);
      await writeRoles(transaction, id, roles);
      if (guarded) await requireOperator(transaction, id);
      await endSessions(transaction, id);
      await also?.(transaction);
    });
  }

  /** Whether a user may log in. One who is disabled is logged out at once. Throws `conflict` or `not-found`. */
  async setDisabled(id: string, disabled: boolean, by: string, also?: Also): Promise<void> {
    if (id === by) throw fault('forbidden', 'nobody disables or enables themselves', { culprit: id });
    const kind = disabled ? 'user-disabled' : 'user-enabled';
    await this.#log.append({ kind, user: id, by }, async (transaction) => {
      const account = await requireAccount(transaction, id);
      if (account.disabled === disabled) throw fault('conflict', `${id} is ${kind.slice(5)} already`, { culprit: id });
      const guarded = await isOperator(transaction, id);
      await transaction
        .updateTable('account')
        .set({ disabled: disabled ? 1 : 0 })
        .where('id', '=', id)
        .execute();
      if (guarded) await requireOperator(transaction, id);
      await also?.(transaction);
      if (!disabled) return;
      await endSessions(transaction, id);
      await transaction.deleteFrom('setup_code').where('account', '=', id).execute();
    });
  }

  /** A new code for a user who lost the password, or the last code. The present password stays until the code is used. */
  async renewCode(id: string, by: string, also?: Also<null>): Promise<SetupCode> {
    const [setup, row] = this.#newCode(id);
    await this.#log.append({ kind: 'user-setup-code', user: id, by }, async (transaction) => {
      const account = await requireAccount(transaction, id);
      requireLocal(account);
      if (account.disabled) throw fault('conflict', `${id} is disabled`, { culprit: id });
      await transaction.deleteFrom('setup_code').where('account', '=', id).execute();
      await transaction.insertInto('setup_code').values(row).execute();
      await also?.(transaction, null);
    });
    return setup;
  }

  #newCode(account: string): [SetupCode, DatabaseSchema['setup_code']] {
    const code = newToken(this.#rng);
    const expiresAt = new Date(this.#now().getTime() + setupHours * 3_600_000).toISOString();
    return [
      { code, expiresAt },
      { hash: tokenHash('setup', code), account, expires_at: expiresAt },
    ];
  }
}

function requireLocal({ id, source }: Account): void {
  if (source === 'local') return;
  throw fault('conflict', `${id} comes from the identity provider`, {
    culprit: id,
    hint: 'Change it there; it holds from the next login on. Disable the user here to end its sessions now.',
  });
}

async function isOperator(transaction: Transaction<DatabaseSchema>, id: string): Promise<boolean> {
  const { roles, disabled } = await requireAccount(transaction, id);
  return !disabled && roles.includes('operator');
}
