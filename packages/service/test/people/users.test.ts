import { onBothDatabases } from '@symbolon/testkit/databases';
import { describe, expect, test } from 'vitest';
import { hasRole, independentApprovers, isUserId, roles } from '../../src/people/person.ts';
import { codeOf, goodPassword, testPeople } from './support.ts';

const everybody = { after: undefined, limit: 100 };

describe('who is who', () => {
  test('the owner of the folder does everything until there are users, and manages them from then on', async () => {
    const { door, users } = await testPeople();
    expect((await door.owner()).roles).toEqual(roles);
    await users.add({ id: 'ada', name: 'Ada', roles: ['analyst'] }, 'owner');
    const owner = await door.owner();
    expect(owner).toEqual({ kind: 'owner', id: 'owner', roles: ['operator'] });
    // A user who is disabled is a user: nobody becomes everything again by disabling all others.
    await users.setDisabled('ada', true, 'owner');
    expect((await door.owner()).roles).toEqual(['operator']);
    expect(hasRole(owner, 'analyst')).toBe(false);
  });

  test('no user has the name of somebody else', async () => {
    for (const id of ['owner', 'identity-provider', 'sso-1234', 'Ada', 'a', '-ada', 'ada lovelace', 'a'.repeat(32)]) {
      expect(isUserId(id), id).toBe(false);
    }
    expect(isUserId('ada.lovelace-2')).toBe(true);
    const { users } = await testPeople();
    await users.add({ id: 'ada', name: 'Ada', roles: ['analyst'] }, 'owner');
    expect(await codeOf(users.add({ id: 'ada', name: 'Another', roles: ['operator'] }, 'owner'))).toBe('conflict');
    expect((await users.get('ada')).roles).toEqual(['analyst']);
  });

  test('where two people are needed, who asked does not count, and nobody counts twice', () => {
    expect(independentApprovers('ada', ['ada', 'bob', 'bob'])).toEqual(['bob']);
    expect(independentApprovers('ada', ['bob', 'cleo', 'ada'])).toEqual(['bob', 'cleo']);
  });
});

onBothDatabases(() => {
  describe('managing users', () => {
    test('a set-up code sets a password once, and not after three days', async () => {
      const { users, logins, later } = await testPeople();
      const first = await users.add({ id: 'ada', name: 'Ada', roles: ['analyst'] }, 'owner');
      later({ hours: 72 });
      expect(await codeOf(logins.setUp(first.code, goodPassword, '::1'))).toBe('unauthenticated');
      const { code } = await users.renewCode('ada', 'owner');
      expect(await codeOf(logins.setUp(first.code, goodPassword, '::1'))).toBe('unauthenticated');
      expect(await codeOf(logins.setUp(code, 'too short', '::1'))).toBe('password-weak');
      expect(await logins.setUp(code, goodPassword, '::1')).toBe('ada');
      expect(await codeOf(logins.setUp(code, `${goodPassword}!`, '::1'))).toBe('unauthenticated');
    });

    test('of many who use one code at once, one sets the password', async () => {
      const { users, logins } = await testPeople();
      const { code } = await users.add({ id: 'ada', name: 'Ada', roles: ['analyst'] }, 'owner');
      const tries = Array.from({ length: 5 }, (_, i) => codeOf(logins.setUp(code, `${goodPassword} ${i}`, '::1')));
      expect((await Promise.all(tries)).filter((error) => error === undefined)).toHaveLength(1);
    });

    test('sessions end when roles change or the user is disabled, and a code of somebody disabled is worth nothing', async () => {
      const { users, door, logIn, user } = await testPeople();
      await user('ada');
      const person = async (token: string) =>
        door.authenticate({ method: 'GET', headers: { authorization: `Bearer ${token}` }, address: '', secure: true });
      const first = await logIn('ada');
      expect((await person(first.token))?.person.roles).toEqual(['analyst']);
      await users.setRoles('ada', ['auditor', 'analyst'], 'owner');
      expect(await person(first.token)).toBeUndefined();
      const second = await logIn('ada');
      expect((await person(second.token))?.person.roles).toEqual(['analyst', 'auditor']);
      await users.setDisabled('ada', true, 'owner');
      expect(await person(second.token)).toBeUndefined();
      expect(await codeOf(logIn('ada'))).toBe('unauthenticated');
      expect(await codeOf(users.renewCode('ada', 'owner'))).toBe('conflict');
      await users.setDisabled('ada', false, 'owner');
      expect(await person(second.token)).toBeUndefined();
      await logIn('ada');
    });

    test('nobody changes their own roles, and one who manages users is left, however many are removed at once', async () => {
      const { users, user, database } = await testPeople();
      await user('ada', ['operator']);
      await user('bob', ['operator', 'auditor']);
      expect(await codeOf(users.setRoles('ada', ['privacy-officer'], 'ada'))).toBe('forbidden');
      expect(await codeOf(users.setDisabled('ada', true, 'ada'))).toBe('forbidden');
      const both = [users.setDisabled('ada', true, 'bob'), users.setRoles('bob', ['auditor'], 'ada')].map(codeOf);
      expect((await Promise.all(both)).sort()).toEqual(['conflict', undefined].sort());
      const { items } = await users.list(everybody);
      expect(items.filter((each) => !each.disabled && each.roles.includes('operator'))).toHaveLength(1);
      expect(await database.selectFrom('account_role').selectAll().execute()).not.toEqual([]);
    });

    test('every change is in the log with who did it, and what is refused is not', async () => {
      const { users, logins, events, logIn, sessions } = await testPeople();
      const { code } = await users.add({ id: 'ada', name: 'Ada', roles: ['analyst'] }, 'owner');
      await logins.setUp(code, goodPassword, '::1');
      const { session } = await logIn('ada');
      expect(await codeOf(logIn('ada', 'wrong password!'))).toBe('unauthenticated');
      expect(await codeOf(logIn('my secret password', 'ada'))).toBe('unauthenticated');
      await logins.changePassword('ada', session.id, { old: goodPassword, new: `${goodPassword} 8` });
      await sessions.end('ada', session.id);
      await users.setRoles('ada', ['auditor'], 'owner');
      await users.setDisabled('ada', true, 'owner');
      expect(await codeOf(users.setDisabled('ada', true, 'owner'))).toBe('conflict');
      await users.setDisabled('ada', false, 'owner');
      await users.renewCode('ada', 'owner');
      const said = await events();
      expect(new Set(said.map(({ at }) => at))).toEqual(new Set(['2026-11-22T12:00:00.000Z']));
      expect(said.map(({ at: _, ...event }) => event)).toMatchInlineSnapshot(`
      [
        {
          "by": "owner",
          "kind": "user-created",
          "roles": [
            "analyst",
          ],
          "user": "ada",
        },
        {
          "by": "ada",
          "kind": "user-password",
          "method": "setup-code",
          "user": "ada",
        },
        {
          "kind": "user-logged-in",
          "method": "password",
          "user": "ada",
        },
        {
          "kind": "login-failed",
          "method": "password",
          "user": "ada",
        },
        {
          "kind": "login-failed",
          "method": "password",
          "user": null,
        },
        {
          "by": "ada",
          "kind": "user-password",
          "method": "password",
          "user": "ada",
        },
        {
          "by": "ada",
          "kind": "session-ended",
          "user": "ada",
        },
        {
          "by": "owner",
          "kind": "user-roles",
          "roles": [
            "auditor",
          ],
          "user": "ada",
        },
        {
          "by": "owner",
          "kind": "user-disabled",
          "user": "ada",
        },
        {
          "by": "owner",
          "kind": "user-enabled",
          "user": "ada",
        },
        {
          "by": "owner",
          "kind": "user-setup-code",
          "user": "ada",
        },
      ]
    `);
    });

    test('the database and the log hold no password, code or token', async () => {
      const { users, logins, database, logIn, events } = await testPeople();
      const { code } = await users.add({ id: 'ada', name: 'Ada', roles: ['analyst'] }, 'owner');
      const kept = async () => {
        const tables = ['account', 'setup_code', 'account_session', 'account_device'] as const;
        const rows = await Promise.all(tables.map((table) => database.selectFrom(table).selectAll().execute()));
        return JSON.stringify([rows, await events()]);
      };
      expect(await kept()).not.toContain(code);
      await logins.setUp(code, goodPassword, '::1');
      const { token, device, session } = await logIn('ada');
      const all = await kept();
      for (const secret of [goodPassword, token, device]) expect(all).not.toContain(secret);
      // The search would find them.
      expect(all).toContain(session.id);
    });
  });
});
