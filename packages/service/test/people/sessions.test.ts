import { onBothDatabases } from '@symbolon/testkit/databases';
import { describe, expect, test } from 'vitest';
import { cookiesOf } from '../../src/people/cookies.ts';
import { csrfToken } from '../../src/people/tokens.ts';
import { codeOf, type TestPeople, testPeople } from './support.ts';

const ask = ({ door }: TestPeople, headers: Record<string, string>, method = 'GET', secure = true) =>
  door.authenticate({ method, headers, address: '192.0.2.1', secure });
const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

async function withAda(settings = {}) {
  const people = await testPeople(settings);
  await people.user('ada');
  return people;
}

onBothDatabases(() => {
  describe('a session', () => {
    test('lives as long as it is used, and no longer than its hours', async () => {
      const people = await withAda({ idleMinutes: 30, sessionHours: 2 });
      const { token } = await people.logIn('ada');
      for (let i = 0; i < 4; i++) {
        people.later({ minutes: 29 });
        expect((await ask(people, bearer(token)))?.person.id).toBe('ada');
      }
      people.later({ minutes: 4 });
      expect(await ask(people, bearer(token))).toBeUndefined();
      expect(await people.sessions.list('ada')).toEqual([]);
    });

    test('that nobody uses ends', async () => {
      const people = await withAda({ idleMinutes: 30 });
      const { token } = await people.logIn('ada');
      people.later({ minutes: 30 });
      expect(await ask(people, bearer(token))).toBeUndefined();
      // Coming late does not revive it.
      people.later({ minutes: -1 });
      expect(await ask(people, bearer(token))).toBeDefined();
    });

    test('of a program is used by what it began, as long as that goes on; that of an open page is not', async () => {
      const people = await withAda({ idleMinutes: 30 });
      const program = await people.logIn('ada');
      const browser = await people.logIn('ada', undefined, { kind: 'cookie' });
      const recalled = async ({ session }: typeof program) => (await people.door.recall(session.id))?.id;
      people.later({ minutes: 29 });
      expect([await recalled(program), await recalled(browser)]).toEqual(['ada', 'ada']);
      people.later({ minutes: 29 });
      expect([await recalled(program), await recalled(browser)]).toEqual(['ada', undefined]);
      await people.users.setRoles('ada', [], 'owner');
      expect([await recalled(program), await people.door.recall('')]).toEqual([undefined, undefined]);
    });

    test('is known by its whole token alone, and travels as it was opened', async () => {
      const people = await withAda();
      const program = await people.logIn('ada');
      const browser = await people.logIn('ada', undefined, { kind: 'cookie' });
      const cookie = (token: string) => ({ cookie: `a=b; __Host-symbolon-session-fred=${token}` });
      expect((await ask(people, bearer(program.token)))?.session).toBe(program.session.id);
      expect((await ask(people, cookie(browser.token)))?.session).toBe(browser.session.id);
      const useless = [
        {},
        bearer(program.token.slice(0, -1)),
        bearer(program.session.id),
        bearer(browser.token),
        cookie(program.token),
        { cookie: `symbolon-session-fred=${browser.token}` },
        { authorization: `Basic ${program.token}` },
        // Judged by the bearer token alone, whatever else is there.
        { ...cookie(browser.token), ...bearer('x'.repeat(43)) },
      ];
      for (const headers of useless) expect(await ask(people, headers), JSON.stringify(headers)).toBeUndefined();
    });

    test('in a cookie changes nothing without its CSRF token', async () => {
      const people = await withAda();
      const { token } = await people.logIn('ada', undefined, { kind: 'cookie' });
      const other = await people.logIn('ada', undefined, { kind: 'cookie' });
      const cookie = { cookie: `__Host-symbolon-session-fred=${token}` };
      const post = (headers: Record<string, string>) => ask(people, { ...cookie, ...headers }, 'POST');
      expect(await codeOf(post({}))).toBe('cross-site');
      expect(await codeOf(post({ 'x-csrf-token': '' }))).toBe('cross-site');
      expect(await codeOf(post({ 'x-csrf-token': csrfToken(other.token) }))).toBe('cross-site');
      expect(await codeOf(post({ 'x-csrf-token': token }))).toBe('cross-site');
      expect(await codeOf(ask(people, cookie, 'DELETE'))).toBe('cross-site');
      expect((await post({ 'x-csrf-token': csrfToken(token) }))?.person.id).toBe('ada');
      expect((await ask(people, cookie))?.person.id).toBe('ada');
      // Before a proxy that speaks TLS it has the same name.
      expect(await ask(people, cookie, 'GET', false)).toBeDefined();
    });

    test('without TLS has a cookie of a plain name, as browsers refuse the other there', async () => {
      const people = await withAda({ origin: 'http://localhost:8080' });
      const { token } = await people.logIn('ada', undefined, { kind: 'cookie' });
      expect(await ask(people, { cookie: `symbolon-session-fred=${token}` }, 'GET', false)).toBeDefined();
      expect(await ask(people, { cookie: `__Host-symbolon-session-fred=${token}` }, 'GET', false)).toBeUndefined();
    });

    test('is always a new one: what a browser brought along ends and is never taken over', async () => {
      const people = await withAda();
      const first = await people.logIn('ada', undefined, { kind: 'cookie' });
      const second = await people.logIn('ada', undefined, { kind: 'cookie', replaces: first.session.id });
      expect(second.token).not.toBe(first.token);
      expect(await people.sessions.find(first.token, 'cookie')).toBeUndefined();
      expect(await people.sessions.find(second.token, 'cookie')).toBeDefined();
    });

    test('is ended by its user alone', async () => {
      const people = await withAda();
      await people.user('eve');
      const [ada, eve] = [await people.logIn('ada'), await people.logIn('eve')];
      expect(await codeOf(people.sessions.end('eve', ada.session.id))).toBe('not-found');
      expect(await people.sessions.find(ada.token, 'token')).toBeDefined();
      await people.sessions.end('eve', eve.session.id);
      expect(await people.sessions.find(eve.token, 'token')).toBeUndefined();
      expect((await people.events()).filter(({ kind }) => kind === 'session-ended')).toHaveLength(1);
    });

    test('one user has fifty at most; the oldest ends', async () => {
      const people = await withAda();
      const first = await people.logIn('ada');
      for (let i = 0; i < 50; i++) {
        people.later({ seconds: 1 });
        await people.logins.enter(
          'ada',
          'passkey',
          { kind: 'token', address: '', device: undefined, replaces: undefined },
          async () => undefined,
        );
      }
      expect(await people.sessions.list('ada')).toHaveLength(50);
      expect(await people.sessions.find(first.token, 'token')).toBeUndefined();
      expect(await people.database.selectFrom('account_device').selectAll().execute()).toHaveLength(20);
    });
  });
});

test('of two cookies with one name the first counts', () => {
  expect([...cookiesOf('a=1; b=2;a=3;; c ; d=e=f')]).toEqual([
    ['a', '1'],
    ['b', '2'],
    ['d', 'e=f'],
  ]);
  expect(cookiesOf(undefined).size).toBe(0);
});
