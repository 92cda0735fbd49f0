import { describe, expect, onTestFinished, test } from 'vitest';
import { Issuer } from '../../../packages/service/test/people/issuer.ts';
import { expectAccessible, hasBrowser, openBrowser } from './support/browser.ts';
import { openWorld } from './support/world.ts';

const local = (url: string): string => url.replace('127.0.0.1', 'localhost');

describe.skipIf(!hasBrowser)('a login over the identity provider of the organisation', () => {
  test('leads there and back, to what the roles of its groups allow; a token that is forged lets nobody in', async () => {
    const issuer = await Issuer.start();
    const oidc = { issuer: issuer.url, clientId: issuer.clientId, roles: { analysts: ['analyst'] } };
    const accounts = (_: string, url: string) => ({ accounts: { origin: local(url), oidc } });
    const [world, browser] = await Promise.all([openWorld({ fred: accounts }), openBrowser()]);
    onTestFinished(async () => {
      await browser.close();
      await world.close();
    });
    const page = await browser.newPage({ baseURL: local(world.url.fred) });
    await page.goto('/');
    await page.getByRole('link', { name: 'Log in at your organisation' }).waitFor();
    await expectAccessible(page, 'login-provider');
    issuer.tricks = { signature: 'another key' };
    await page.getByRole('link', { name: 'Log in at your organisation' }).click();
    await page.waitForURL(/callback/);
    expect((await page.request.get('/v1/me')).status()).toBe(401);
    issuer.tricks = {};
    await page.goto('/');
    await page.getByRole('link', { name: 'Log in at your organisation' }).click();
    await page.getByRole('heading', { name: 'Good to see you, Ada Lovelace' }).waitFor();
    await page.getByRole('link', { name: 'Studies' }).waitFor();
    expect(await page.getByRole('link', { name: 'People' }).count()).toBe(0);
    await page.reload();
    await page.getByRole('heading', { name: 'Good to see you, Ada Lovelace' }).waitFor();
  });
});
