import { hash } from '@node-rs/argon2';
import { insecureTestRng } from '@symbolon/crypto';
import { onBothDatabases } from '@symbolon/testkit/databases';
import { describe, expect, test, vi } from 'vitest';
import { Backoff } from '../../src/people/backoff.ts';
import { LoginGuard, networkOf } from '../../src/people/guard.ts';
import { requireGoodPassword } from '../../src/people/password-rules.ts';
import { Passwords } from '../../src/people/passwords.ts';
import { codeOf, goodPassword, testPeople } from './support.ts';

const hashing = vi.hoisted(() => ({ verified: 0, atOnce: 0, most: 0 }));

vi.mock(import('@node-rs/argon2'), async (original) => {
  const argon2 = await original();
  return {
    ...argon2,
    async verify(...params: Parameters<typeof argon2.verify>) {
      hashing.verified++;
      hashing.most = Math.max(hashing.most, ++hashing.atOnce);
      return argon2.verify(...params).finally(() => hashing.atOnce--);
    },
  };
});

/** How many passwords were compared while something was done. */
async function compared(work: () => Promise<unknown>): Promise<number> {
  const before = hashing.verified;
  await work();
  return hashing.verified - before;
}

describe('passwords', () => {
  test.each([
    ['short', 'has fewer than 12 characters'],
    ['aaaaaaaabbbb', 'has fewer than 5 different characters'],
    ['Password2026!!', 'is little more'],
    ['1234567890123456', 'is little more'],
    ['QWERTYUIOPasdfghjkl', 'is little more'],
    ['ada.lovelace', 'is little more'],
    ["Fred's Health Insurance!", 'is little more'],
    ['summer hospital 2026', 'is little more'],
  ])('%s is refused', (password, why) => {
    const known = ['ada', 'Ada Lovelace', 'fred', "Fred's Health Insurance"];
    expect(() => requireGoodPassword(password, known)).toThrow(why);
  });

  test('others are not, whatever signs they have', () => {
    for (const password of [
      goodPassword,
      'vé6%kQ!p2$zL',
      '  Lattenrost  Flugzeug  ',
      '839 201 746 512',
      '🦊🐻🐼🐨🐯🦁🐮🐷🐸🐵🐔🐧',
    ]) {
      requireGoodPassword(password, ['ada', 'fred']);
    }
  });

  test('are argon2id with a salt of their own, compared as the same text from two keyboards', async () => {
    const passwords = new Passwords(insecureTestRng(1));
    const [first, second] = [await passwords.hash('caf\u00e9 au lait!'), await passwords.hash('caf\u00e9 au lait!')];
    expect(first).toMatch(/^\$argon2id\$v=19\$m=32768,t=2,p=1\$/);
    expect(first).not.toBe(second);
    expect(await passwords.verify(first, 'cafe\u0301 au lait!')).toBe(true);
    expect(await passwords.verify(first, 'cafe au lait!')).toBe(false);
    expect(await passwords.verify(null, 'cafe au lait!')).toBe(false);
  });

  test('two are compared at once, some wait, and the rest are turned away', async () => {
    const passwords = new Passwords(insecureTestRng(1));
    const kept = await hash(goodPassword, { memoryCost: 8, timeCost: 1 });
    // Too many at the very first login do no harm later.
    await Promise.all(Array.from({ length: 60 }, () => codeOf(passwords.verify(kept, goodPassword))));
    hashing.most = 0;
    const tries = Array.from({ length: 60 }, () => codeOf(passwords.verify(kept, goodPassword)));
    const refused = (await Promise.all(tries)).filter((code) => code === 'too-many-requests');
    expect(refused).toHaveLength(60 - 34);
    expect(hashing.most).toBe(2);
    expect(await passwords.verify(kept, goodPassword)).toBe(true);
  });
});

describe('logging in', () => {
  test('an unknown user, a wrong password and a disabled user cost the same and are told the same', async () => {
    const { users, user, logIn } = await testPeople();
    await user('ada');
    await user('bob');
    await users.setDisabled('bob', true, 'owner');
    await users.add({ id: 'cleo', name: 'Cleo', roles: ['auditor'] }, 'owner');
    const messages = new Set<string>();
    for (const [id, password] of [
      ['nobody', goodPassword],
      ['ada', 'not the password'],
      ['bob', goodPassword],
      ['cleo', goodPassword],
    ] as const) {
      const attempt = () => logIn(id, password).catch((error: Error) => messages.add(error.message));
      expect(await compared(attempt), id).toBe(1);
    }
    expect([...messages]).toEqual(['the user or the password is wrong']);
    expect(await compared(() => logIn('ada'))).toBe(1);
  });

  test('whoever guesses on waits longer each time, a quarter of an hour at most, and never for ever', async () => {
    const { user, logIn, later } = await testPeople();
    await user('ada');
    const waits: number[] = [];
    for (let i = 0; i < 18; i++) {
      const from = { address: `198.51.100.${i}` };
      expect(await codeOf(logIn('ada', `guess ${i}`, from))).toBe('unauthenticated');
      const refusal = i < 4 ? 'in 0 s' : await logIn('ada', 'more', from).catch((error: Error) => error.message);
      waits.push(Number(/in (\d+) s/.exec(String(refusal))![1]));
      later({ seconds: waits.at(-1)! });
    }
    expect(waits).toEqual([0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900, 900]);
    await logIn('ada');
  });

  test('guesses at many users from one address run out as well, and others are not concerned', async () => {
    const { user, logIn } = await testPeople();
    await user('ada');
    const guess = (i: number) => codeOf(logIn(`user${i}`, 'guess', { address: '2001:db8:1:2::1' }));
    expect(
      await compared(async () => {
        for (let i = 0; i < 40; i++) await guess(i);
      }),
    ).toBe(30);
    expect(await codeOf(logIn('ada', goodPassword, { address: '2001:db8:1:2:ffff::7' }))).toBe('too-many-requests');
    await logIn('ada', goodPassword, { address: '2001:db8:1:3::1' });
    expect(networkOf('2001:db8::1')).toBe('2001:db8:0:0');
    expect(networkOf('::1')).toBe('0:0:0:0');
    expect(networkOf('::ffff:192.0.2.1')).toBe('::ffff:192.0.2.1');
  });

  test('however many names are made up, what was guessed at a user stays counted', () => {
    const guard = new LoginGuard(() => new Date(0));
    const at = (i: number) => ({
      method: 'password' as const,
      address: `2001:db8:${(i >> 8).toString(16)}:${i & 255}::1`,
    });
    for (let i = 0; i < 5; i++) guard.begin({ ...at(i), user: 'ada' });
    for (let i = 0; i < 25_000; i++) guard.begin({ ...at(i), stranger: `user${i}` });
    expect(() => guard.begin({ ...at(99_999), user: 'ada' })).toThrow('too many logins');
    guard.begin({ ...at(99_999), user: 'ada', method: 'passkey', device: 'passkey of ada' });
  });

  test('whoever has an account cannot clear what was guessed at others', async () => {
    const { user, logIn } = await testPeople();
    await user('ada');
    await user('eve');
    const address = '192.0.2.66';
    for (let i = 0; i < 29; i++) await codeOf(logIn(`user${i}`, 'guess', { address }));
    await logIn('eve', goodPassword, { address });
    expect(await codeOf(logIn('ada', 'guess', { address }))).toBe('unauthenticated');
    expect(await codeOf(logIn('ada', 'guess', { address }))).toBe('too-many-requests');
  });
});

describe('waiting', () => {
  test('what was tried while one waits does not count, and a day later all is forgotten', () => {
    let now = new Date(0);
    const backoff = new Backoff({ free: 3, mostSeconds: 900 }, () => now);
    const tried = () => (backoff.wait('a') > 0 ? backoff.wait('a') : -backoff.begin('a'));
    expect([tried(), tried(), tried(), tried(), tried()]).toEqual([-0, -0, -1, 1, 1]);
    now = new Date(1000);
    expect(tried()).toBe(-2);
    now = new Date(86_400_000 + 4000);
    expect(tried()).toBe(-0);
  });
});

onBothDatabases(() => {
  test('of fifty guesses at once, five are compared; the user comes in from a device that is known all the while', async () => {
    const { user, logIn, later, events } = await testPeople();
    await user('ada');
    const { device } = await logIn('ada');
    const guess = (i: number) => codeOf(logIn('ada', `guess ${i}`, { address: `198.51.100.${i}` }));
    expect(await compared(() => Promise.all(Array.from({ length: 50 }, (_, i) => guess(i))))).toBe(5);
    expect(await codeOf(logIn('ada'))).toBe('too-many-requests');
    expect((await logIn('ada', goodPassword, { device })).device).toBe(device);
    // Whoever holds another's device, or makes one up, is a stranger.
    expect(await codeOf(logIn('ada', goodPassword, { device: 'x'.repeat(43) }))).toBe('too-many-requests');
    later({ seconds: 2 });
    await logIn('ada');
    expect((await events()).filter(({ kind }) => kind === 'login-locked')).toHaveLength(1);
  });

  test('a password that is changed ends the other sessions, and the old one must be known', async () => {
    const { user, logIn, logins, sessions } = await testPeople();
    await user('ada');
    const [here, elsewhere] = [await logIn('ada'), await logIn('ada')];
    const change = (old: string, next: string) => logins.changePassword('ada', here.session.id, { old, new: next });
    expect(await codeOf(change('wrong', `${goodPassword}!`))).toBe('unauthenticated');
    expect(await codeOf(change(goodPassword, goodPassword))).toBe('password-weak');
    expect(await codeOf(change(goodPassword, 'ADAADAADAADA'))).toBe('password-weak');
    await change(goodPassword, `${goodPassword}!`);
    expect((await sessions.list('ada')).map(({ id }) => id)).toEqual([here.session.id]);
    expect(await sessions.find(elsewhere.token, 'token')).toBeUndefined();
    expect(await codeOf(logIn('ada'))).toBe('unauthenticated');
    // A stolen session does not guess for ever either.
    for (let i = 0; i < 5; i++) expect(await codeOf(change(`${i}`, goodPassword))).toBe('unauthenticated');
    expect(await codeOf(change(`${goodPassword}!`, goodPassword))).toBe('too-many-requests');
  });
});
