import { onBothDatabases } from '@symbolon/testkit/databases';
import { describe, expect, test, vi } from 'vitest';
import type { Entered } from '../../src/people/logins.ts';
import { assertionResponse, registrationResponse } from '../../src/people/passkey-shapes.ts';
import { Authenticator, type Tricks } from './authenticator.ts';
import { codeOf, fromSomewhere, origin, type TestPeople, testPeople } from './support.ts';

async function withAda(): Promise<TestPeople & { entered: Entered }> {
  const people = await testPeople();
  await people.user('ada');
  return { ...people, entered: await people.logIn('ada') };
}

async function register({ passkeys, entered }: TestPeople & { entered: Entered }, key: Authenticator, tricks?: Tricks) {
  const options = await passkeys.registrationOptions(entered.account.id, entered.session);
  const response = registrationResponse.parse(JSON.parse(JSON.stringify(key.create(options, tricks))));
  return passkeys.register(entered.account.id, entered.session, 'key', response);
}

async function logIn({ passkeys }: TestPeople, key: Authenticator, tricks?: Tricks) {
  const response = key.get(await passkeys.loginOptions(), tricks);
  return passkeys.logIn(assertionResponse.parse(JSON.parse(JSON.stringify(response))), fromSomewhere);
}

onBothDatabases(() => {
  describe('a passkey', () => {
    test('is registered, logs its user in without a name or password, and is removed', async () => {
      const people = await withAda();
      const [one, two] = [new Authenticator(origin), new Authenticator(origin)];
      const kept = await register(people, one);
      people.later({ minutes: 1 });
      await register(people, two);
      expect((await people.passkeys.list('ada')).map(({ id }) => id)).toEqual(
        [one, two].map(({ id }) => id.toString('base64url')),
      );
      for (const key of [one, two, one]) {
        const { account, session } = await logIn(people, key);
        expect([account.id, session.method]).toEqual(['ada', 'passkey']);
      }
      await people.user('eve');
      expect(await codeOf(people.passkeys.remove('eve', kept.id))).toBe('not-found');
      await people.passkeys.remove('ada', kept.id);
      expect(await codeOf(logIn(people, one))).toBe('unauthenticated');
      await logIn(people, two);
      expect((await people.events()).map(({ kind }) => kind).filter((kind) => /passkey/.test(String(kind)))).toEqual([
        'passkey-added',
        'passkey-added',
        'passkey-removed',
      ]);
    });

    test('answers one challenge once, and none of another purpose, session or time', async () => {
      const people = await withAda();
      const key = new Authenticator(origin);
      await register(people, key);
      const options = await people.passkeys.loginOptions();
      const answer = key.get(options);
      await people.passkeys.logIn(answer, fromSomewhere);
      expect(await codeOf(people.passkeys.logIn(answer, fromSomewhere))).toBe('unauthenticated');
      // Fresh answers, with a counter that goes up, to what was answered or is none of ours.
      expect(await codeOf(people.passkeys.logIn(key.get(options), fromSomewhere))).toBe('unauthenticated');
      const registration = await people.passkeys.registrationOptions('ada', people.entered.session);
      expect(await codeOf(people.passkeys.logIn(key.get(registration), fromSomewhere))).toBe('unauthenticated');
      const made = { challenge: Buffer.alloc(56, 7).toString('base64url') };
      expect(await codeOf(people.passkeys.logIn(key.get(made), fromSomewhere))).toBe('unauthenticated');
      const old = await people.passkeys.loginOptions();
      people.later({ minutes: 10 });
      // Wrong answers for a passkey make its holder wait, as wrong passwords do.
      expect(await codeOf(people.passkeys.logIn(key.get(old), fromSomewhere))).toBe('unauthenticated');
      expect(await codeOf(logIn(people, key))).toBe('too-many-requests');
      people.later({ seconds: 1 });
      await logIn(people, key);
    });

    test('of one answer that is sent many times at once, one logs in', async () => {
      const people = await withAda();
      const key = new Authenticator(origin);
      await register(people, key);
      const answer = key.get(await people.passkeys.loginOptions());
      const tries = Array.from({ length: 10 }, () => codeOf(people.passkeys.logIn(answer, fromSomewhere)));
      expect((await Promise.all(tries)).filter((code) => code === undefined)).toHaveLength(1);
    });

    test.each<[string, Tricks]>([
      ['made for another site', { origin: 'https://fred.example.evil.test' }],
      ['made for another port of this host', { origin: 'https://fred.example:9443' }],
      ['of another relying party', { rpId: 'evil.test' }],
      ['of another ceremony', { type: 'webauthn.payment' }],
      ['without a finger or PIN', { unverified: true }],
    ])('%s is refused, to register and to log in', async (_, tricks) => {
      const people = await withAda();
      const key = new Authenticator(origin);
      expect(await codeOf(register(people, key, tricks))).toBe('request-invalid');
      await register(people, key);
      expect(await codeOf(logIn(people, key, tricks))).toBe('unauthenticated');
      await logIn(people, key);
    });

    test('whose counter does not go up is a copy', async () => {
      const people = await withAda();
      const key = new Authenticator(origin);
      await register(people, key);
      await logIn(people, key, { counter: 41 });
      expect(await codeOf(logIn(people, key, { counter: 41 }))).toBe('unauthenticated');
      expect(await codeOf(logIn(people, key, { counter: 0 }))).toBe('unauthenticated');
      await logIn(people, key, { counter: 42 });
      expect((await people.events()).filter(({ kind }) => kind === 'login-failed')).toHaveLength(2);
    });

    test('of another, or with bytes changed, is refused', async () => {
      const people = await withAda();
      const [key, stranger] = [new Authenticator(origin), new Authenticator(origin)];
      await register(people, key);
      expect(await codeOf(logIn(people, stranger))).toBe('unauthenticated');
      const answer = key.get(await people.passkeys.loginOptions());
      const forged = { ...stranger.get(await people.passkeys.loginOptions()), id: answer.id, rawId: answer.rawId };
      expect(await codeOf(people.passkeys.logIn(forged, fromSomewhere))).toBe('unauthenticated');
      for (const field of ['clientDataJSON', 'authenticatorData', 'signature'] as const) {
        const bytes = Buffer.from(answer.response[field], 'base64url');
        for (const at of [0, bytes.length >> 1, bytes.length - 1]) {
          const changed = Buffer.from(bytes);
          changed[at]! ^= 1;
          const response = { ...answer.response, [field]: changed.toString('base64url') };
          people.later({ minutes: 1 });
          expect(await codeOf(people.passkeys.logIn({ ...answer, response }, fromSomewhere)), field).toBe(
            'unauthenticated',
          );
        }
      }
    });

    test('of a user who is disabled logs nobody in', async () => {
      const people = await withAda();
      const key = new Authenticator(origin);
      await register(people, key);
      await people.users.setDisabled('ada', true, 'owner');
      expect(await codeOf(logIn(people, key))).toBe('unauthenticated');
    });

    test('is added soon after a login only, in the session that asked, and without an attestation that would be looked up', async () => {
      const people = await withAda();
      const fetched = vi.spyOn(globalThis, 'fetch').mockRejectedValue(new Error('no network'));
      const key = new Authenticator(origin);
      for (const format of ['packed', 'android-key', 'fido-u2f', 'tpm']) {
        expect(await codeOf(register(people, key, { format })), format).toBe('request-invalid');
      }
      const elsewhere = await people.logIn('ada');
      const options = await people.passkeys.registrationOptions('ada', elsewhere.session);
      const registering = people.passkeys.register('ada', people.entered.session, 'key', key.create(options));
      expect(await codeOf(registering)).toBe('request-invalid');
      people.later({ minutes: 15 });
      expect(await codeOf(register(people, key))).toBe('unauthenticated');
      expect(fetched).not.toHaveBeenCalled();
      fetched.mockRestore();
    });

    test('is not to be had where the server does not know its own address', async () => {
      const people = await testPeople({ origin: undefined });
      expect(await codeOf(people.passkeys.loginOptions())).toBe('conflict');
    });
  });
});
