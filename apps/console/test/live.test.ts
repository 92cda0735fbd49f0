import type { Request } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { hasBrowser } from './support/browser.ts';
import { setStage } from './support/stage.ts';

const tabs = 8;

describe.skipIf(!hasBrowser)('Live', () => {
  const stage = setStage();

  const follows = (url: string): boolean => new URL(url).pathname === '/v1/events';

  test('eight tabs hear of a change over one connection; when its tab is closed, another takes its place', async () => {
    const { page, expectClean } = await stage.pageOf('fred', 'paula');
    const context = page.context();
    const open = new Set<Request>();
    context.on('request', (request) => {
      if (follows(request.url())) open.add(request);
    });
    context.on('requestfinished', (request) => open.delete(request));
    context.on('requestfailed', (request) => open.delete(request));
    await page.reload();
    await expect.poll(() => open.size).toBe(1);
    const others = await Promise.all(Array.from({ length: tabs - 1 }, () => context.newPage()));
    const all = [page, ...others];
    await Promise.all(others.map((one) => one.goto('/', { waitUntil: 'commit' })));
    await Promise.all(all.map((one) => one.getByText('Nothing waits for you.').waitFor()));
    expect(open.size).toBe(1);
    const hash = await stage.world.link({ signed: false });
    await Promise.all(all.map((one) => one.getByRole('link', { name: /Sign or decline the agreement/ }).waitFor()));
    expect(open.size).toBe(1);
    // All but the last are closed, and so is whichever listened, unless it is the last.
    await Promise.all(all.slice(0, -1).map((one) => one.close()));
    const last = all.at(-1)!;
    await expect
      .poll(() => last.evaluate('navigator.locks.query().then(({ held }) => held.map(({ name }) => name).join())'))
      .toBe('symbolon live');
    await stage.world.as('fred', 'paula', ({ agreements }) => agreements.discard(hash));
    await last.getByText('Nothing waits for you.').waitFor();
    expectClean();
  });

  test('says that the connection is lost while the server is stopped, and goes on by itself', async () => {
    const { page } = await stage.pageOf('sally', 'audrey');
    await page.goto('/log');
    await page
      .getByText(/audrey logged in/)
      .first()
      .waitFor();
    expect(await page.getByText('Connection lost, trying again').count()).toBe(0);
    await stage.world.stop('sally');
    await page.getByText('Connection lost, trying again').waitFor();
    await stage.world.start('sally');
    await page.getByText('Connection lost, trying again').waitFor({ state: 'detached' });
    await stage.world.as('sally', 'stella', async () => undefined);
    await page
      .getByText(/stella logged in/)
      .first()
      .waitFor();
  });

  test('ends at the logout', async () => {
    const { page, expectClean } = await stage.pageOf('fred', 'anton');
    await page.getByRole('button', { name: /^Your account/ }).click();
    await page.getByRole('menuitem', { name: 'Log out' }).click();
    await page.getByRole('heading', { name: 'Log in' }).waitFor();
    await expect.poll(() => page.evaluate('navigator.locks.query().then(({ held }) => held.length)')).toBe(0);
    expect((await page.request.get('/v1/events')).status()).toBe(401);
    expectClean();
  });
});
