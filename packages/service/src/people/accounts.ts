import { fault } from '@symbolon/crypto';
import type { Transaction } from 'kysely';
import { type Page, type PageQuery, pageFrom } from '../contract.ts';
import type { Database } from '../database.ts';
import type { DatabaseSchema } from '../schema.ts';
import { type Person, type Role, roles } from './person.ts';

/** A user of this server. */
export interface Account {
  readonly id: string;
  readonly name: string;
  readonly roles: readonly Role[];
  /** Has an account of this server, or comes from the identity provider of the organisation. */
  readonly source: 'local' | 'oidc';
  readonly disabled: boolean;
  readonly createdAt: string;
}

/** Where accounts are read: the database, or the transaction that changes them. */
type Reader = Database | Transaction<DatabaseSchema>;

/** Whether the server has users. Accounts are never deleted, so once it has, it has for ever. */
export async function usersExist(database: Reader): Promise<boolean> {
  return (await database.selectFrom('account').select('id').limit(1).executeTakeFirst()) !== undefined;
}

/** The account of an id. */
export async function findAccount(database: Reader, id: string): Promise<Account | undefined> {
  const row = await database.selectFrom('account').selectAll().where('id', '=', id).executeTakeFirst();
  return row && accountOf(row, await rolesOf(database, [id]));
}

/** The roles that a user has now; none where there is no such user, or one who is disabled. */
export async function currentRoles(database: Reader, id: string): Promise<readonly Role[]> {
  const account = await findAccount(database, id);
  return account === undefined || account.disabled ? [] : account.roles;
}

/** {@link findAccount}; throws `not-found`. */
export async function requireAccount(database: Reader, id: string): Promise<Account> {
  const account = await findAccount(database, id);
  if (account === undefined) throw fault('not-found', `there is no user ${id}`, { culprit: id });
  return account;
}

/** Accounts by id, a page of them. */
export async function listAccounts(database: Reader, { after, limit }: PageQuery): Promise<Page<Account>> {
  const rows = await database
    .selectFrom('account')
    .selectAll()
    .$if(after !== undefined, (query) => query.where('id', '>', after!))
    .orderBy('id')
    .limit(limit + 1)
    .execute();
  const held = await rolesOf(
    database,
    rows.map(({ id }) => id),
  );
  return pageFrom(
    rows.map((row) => accountOf(row, held)),
    limit,
    ({ id }) => id,
  );
}

/** Gives an account these roles and no others. */
export async function writeRoles(
  transaction: Transaction<DatabaseSchema>,
  account: string,
  wanted: readonly Role[],
): Promise<void> {
  await transaction.deleteFrom('account_role').where('account', '=', account).execute();
  if (wanted.length === 0) return;
  const rows = [...new Set(wanted)].map((role) => ({ account, role }));
  await transaction.insertInto('account_role').values(rows).execute();
}

/** Throws `conflict` if no user is left who manages users, beside the owner of the folder. */
export async function requireOperator(transaction: Transaction<DatabaseSchema>, culprit: string): Promise<void> {
  const left = await transaction
    .selectFrom('account')
    .innerJoin('account_role', 'account_role.account', 'account.id')
    .select('account.id')
    .where('account.disabled', '=', 0)
    .where('account_role.role', '=', 'operator')
    .limit(1)
    .executeTakeFirst();
  if (left !== undefined) return;
  throw fault('conflict', `${culprit} is the last user who manages users`, {
    culprit,
    hint: 'Make somebody else an operator first.',
  });
}

/** Who an account is, to whatever is asked of the server. */
export function personOf({ id, roles: held }: Account): Person {
  return { kind: 'user', id, roles: held };
}

async function rolesOf(database: Reader, ids: readonly string[]): Promise<Map<string, Role[]>> {
  const held = new Map<string, Role[]>();
  if (ids.length === 0) return held;
  const rows = await database.selectFrom('account_role').selectAll().where('account', 'in', ids).execute();
  // A role that this version does not know gives nobody anything.
  for (const role of roles) {
    for (const row of rows) if (row.role === role) held.set(row.account, [...(held.get(row.account) ?? []), role]);
  }
  return held;
}

function accountOf(row: DatabaseSchema['account'], held: ReadonlyMap<string, Role[]>): Account {
  return {
    id: row.id,
    name: row.name,
    roles: held.get(row.id) ?? [],
    source: row.issuer === null ? 'local' : 'oidc',
    disabled: row.disabled === 1,
    createdAt: row.created_at,
  };
}
