import { onBothDatabases } from '@symbolon/testkit/databases';
import { describe, expect, test } from 'vitest';
import type { Oidc } from '../../src/people/oidc.ts';
import { accountSettings } from '../../src/people/settings.ts';
import { Issuer, type IssuerTricks } from './issuer.ts';
import { codeOf, fromSomewhere, origin, type TestPeople, testPeople } from './support.ts';

const browser = { ...fromSomewhere, kind: 'cookie' as const };
const mapping = { analysts: ['analyst'], officers: ['privacy-officer', 'auditor'], 'it ops': ['operator'] };

async function withIssuer(): Promise<TestPeople & { issuer: Issuer; provider: Oidc }> {
  const issuer = await Issuer.start();
  const oidc = { issuer: issuer.url, clientId: issuer.clientId, roles: mapping };
  const people = await testPeople({ oidc });
  return { ...people, issuer, provider: people.oidc! };
}

/** A whole login. */
async function logIn({ provider, issuer }: { provider: Oidc; issuer: Issuer }) {
  const { location, ticket } = await provider.depart();
  return provider.arrive(issuer.visit(location).search, ticket, browser);
}

describe('logging in over an identity provider', () => {
  test.each<[string, IssuerTricks]>([
    ['of another nonce', { claims: { nonce: 'another' } }],
    ['without a nonce', { claims: { nonce: undefined } }],
    ['of another issuer', { claims: { iss: 'https://evil.test' } }],
    ['for another client', { claims: { aud: 'another' } }],
    ['for several clients, the other authorised', { claims: { aud: ['symbolon-fred', 'x'], azp: 'x' } }],
    ['that has expired', { claims: { exp: 1 } }],
    ['without a subject', { claims: { sub: undefined } }],
    ['without a signature', { signature: 'none' }],
    ['signed by another key', { signature: 'another key' }],
  ])('refuses an ID token %s', async (_, tricks) => {
    const people = await withIssuer();
    people.issuer.tricks = tricks;
    expect(await codeOf(logIn(people))).toBe('unauthenticated');
    expect((await people.users.list({ after: undefined, limit: 9 })).items).toEqual([]);
    people.issuer.tricks = {};
    await logIn(people);
  });

  test('counts in the browser that began it alone, and once', async () => {
    const people = await withIssuer();
    const { provider, issuer, later } = people;
    const [mine, theirs] = [await provider.depart(), await provider.depart()];
    const back = issuer.visit(theirs.location).search;
    // An attacker sends a victim to the end of the attacker's own login.
    expect(await codeOf(provider.arrive(back, mine.ticket, browser))).toBe('unauthenticated');
    expect(await codeOf(provider.arrive(back, undefined, browser))).toBe('unauthenticated');
    expect(await codeOf(provider.arrive(back, `${theirs.ticket}A`, browser))).toBe('unauthenticated');
    await provider.arrive(back, theirs.ticket, browser);
    expect(await codeOf(provider.arrive(back, theirs.ticket, browser))).toBe('unauthenticated');
    // A fresh code for a state that was used.
    const again = issuer.visit(theirs.location).search;
    expect(await codeOf(provider.arrive(again, theirs.ticket, browser))).toBe('unauthenticated');
    const late = issuer.visit(mine.location).search;
    later({ minutes: 10 });
    expect(await codeOf(provider.arrive(late, mine.ticket, browser))).toBe('unauthenticated');
  });

  test('refuses an answer that says it is of another provider, or of none, or an error', async () => {
    const people = await withIssuer();
    const attempt = async (change: (query: URLSearchParams) => void) => {
      const { location, ticket } = await people.provider.depart();
      const back = people.issuer.visit(location).searchParams;
      change(back);
      return codeOf(people.provider.arrive(back.toString(), ticket, browser));
    };
    expect(await attempt((query) => query.set('iss', 'https://evil.test'))).toBe('unauthenticated');
    expect(await attempt((query) => query.delete('iss'))).toBe('unauthenticated');
    expect(await attempt((query) => query.set('code', 'guessed'))).toBe('unauthenticated');
    expect(await attempt((query) => query.append('state', 'another'))).toBe('unauthenticated');
    expect(await attempt((query) => query.set('error', 'access_denied'))).toBe('unauthenticated');
    expect(await attempt(() => undefined)).toBeUndefined();
  });

  test('says no word of a token or code when it refuses', async () => {
    const people = await withIssuer();
    people.issuer.tricks = { claims: { nonce: 'a secret of the provider' } };
    const error = await logIn(people).catch((reason: unknown) => reason);
    expect(JSON.stringify([error, String(error), await people.events()])).not.toContain('secret of the provider');
  });

  test('needs a provider that answers; the next login asks again', async () => {
    const issuer = await Issuer.start();
    const { oidc } = await testPeople({
      oidc: { issuer: `${issuer.url}/nowhere`, clientId: 'x', roles: mapping },
    });
    expect(await codeOf(oidc!.depart())).toBe('peer-gone');
    expect(await codeOf(oidc!.depart())).toBe('peer-gone');
  });
});

describe('its settings', () => {
  const oidc = { issuer: 'https://id.example', clientId: 'x', roles: mapping };

  test('need https, known roles, and an origin', async () => {
    expect(accountSettings.safeParse({ origin, oidc }).success).toBe(true);
    const bad = [
      { origin: 'http://fred.example' },
      { origin: 'https://fred.example/path' },
      { origin: 'javascript:alert(1)' },
      { oidc: { ...oidc, issuer: 'http://id.example' } },
      { oidc: { ...oidc, roles: { staff: ['root'] } } },
    ];
    for (const each of bad) expect(accountSettings.safeParse(each).success, JSON.stringify(each)).toBe(false);
    expect(await codeOf(testPeople({ origin: undefined, oidc }))).toBe('config-invalid');
  });

  test('name the variable of the client secret, which must be set', async () => {
    const secret = { oidc: { ...oidc, secretVariable: 'FRED_SECRET' } };
    expect(await codeOf(testPeople(secret))).toBe('config-invalid');
    expect((await testPeople(secret, { FRED_SECRET: 'x' })).oidc).toBeDefined();
  });
});

onBothDatabases(() => {
  test('makes a user at the first time, known by issuer and subject, with the roles of the claim', async () => {
    const people = await withIssuer();
    const { account, session } = await logIn(people);
    expect(account).toMatchObject({ name: 'Ada Lovelace', roles: ['analyst'], source: 'oidc', disabled: false });
    expect(account.id).toMatch(/^sso-[0-9a-f]{16}$/);
    expect([session.method, session.kind]).toEqual(['oidc', 'cookie']);
    // The same person under a new name, and another one under the old.
    people.issuer.claims = { sub: 'subject-1', name: 'Ada King', groups: 'analysts' };
    expect((await logIn(people)).account.id).toBe(account.id);
    people.issuer.claims = { sub: 'subject-2', name: 'Ada Lovelace', groups: ['officers', 'it ops', 'canteen'] };
    const other = await logIn(people);
    expect(other.account.id).not.toBe(account.id);
    expect(other.account.roles).toEqual(['privacy-officer', 'operator', 'auditor']);
  });

  test('of two windows at the first time makes one user', async () => {
    const people = await withIssuer();
    const [one, two] = await Promise.all([logIn(people), logIn(people)]);
    expect(one.account.id).toBe(two.account.id);
    expect((await people.events()).filter(({ kind }) => kind === 'user-created')).toHaveLength(1);
  });

  test('follows the claim at each login: other roles end the sessions before, none are refused', async () => {
    const people = await withIssuer();
    const first = await logIn(people);
    people.issuer.claims = { sub: 'subject-1', groups: ['officers'] };
    const second = await logIn(people);
    expect(second.account.roles).toEqual(['privacy-officer', 'auditor']);
    expect(await people.sessions.find(first.token, 'cookie')).toBeUndefined();
    for (const groups of [[], ['canteen', 'constructor', '__proto__'], 7, undefined]) {
      people.issuer.claims = { sub: 'subject-1', groups };
      expect(await codeOf(logIn(people))).toBe('forbidden');
    }
    expect(await people.sessions.find(second.token, 'cookie')).toBeUndefined();
    people.issuer.claims = { sub: 'subject-9', groups: ['canteen'] };
    expect(await codeOf(logIn(people))).toBe('forbidden');
    expect((await people.users.list({ after: undefined, limit: 9 })).items).toHaveLength(1);
  });

  test('does not let in who is disabled here, and leaves roles to the provider', async () => {
    const people = await withIssuer();
    const { account, token } = await logIn(people);
    expect(await codeOf(people.users.setRoles(account.id, ['operator'], 'owner'))).toBe('conflict');
    expect(await codeOf(people.users.renewCode(account.id, 'owner'))).toBe('conflict');
    await people.users.setDisabled(account.id, true, 'owner');
    expect(await people.sessions.find(token, 'cookie')).toBeUndefined();
    expect(await codeOf(logIn(people))).toBe('unauthenticated');
  });
});
