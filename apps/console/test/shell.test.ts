import { describe, expect, test } from 'vitest';
import { expectAccessible, hasBrowser, logIn } from './support/browser.ts';
import { setStage } from './support/stage.ts';

describe.skipIf(!hasBrowser)('the console', () => {
  const stage = setStage();

  test('lets nobody in without a login, says why a login failed, and keeps its session over a reload', async () => {
    const { page, expectClean } = await stage.pageAt('fred');
    await page.goto('/');
    await page.getByRole('heading', { name: 'Log in' }).waitFor();
    await expectAccessible(page, 'login');
    await page.getByLabel('User').fill('paula');
    await page.getByLabel(/^Password/).fill('not this one');
    await page.getByRole('button', { name: 'Log in', exact: true }).click();
    await page.getByRole('alert').waitFor();
    await logIn(page, 'paula');
    await page.reload();
    await page.getByRole('heading', { level: 1 }).waitFor();
    await expectAccessible(page, 'home-empty');
    expect(await page.title()).toContain("Fred's Health Insurance");
    await page.getByRole('button', { name: /^Your account/ }).click();
    await page.getByRole('menuitem', { name: 'Log out' }).click();
    await page.getByRole('heading', { name: 'Log in' }).waitFor();
    await page.reload();
    await page.getByRole('heading', { name: 'Log in' }).waitFor();
    expectClean();
  });

  test('runs no script but its own: an injected one is refused (control: the watch sees it)', async () => {
    const { page, expectClean } = await stage.pageOf('fred', 'anton');
    expectClean();
    const answer = await page.request.get('/');
    expect(answer.headers()['content-security-policy']).toContain("script-src 'self';");
    await page.evaluate(`
      const script = document.createElement('script');
      script.textContent = 'window.injected = true';
      document.body.append(script);
    `);
    expect(await page.evaluate('window.injected')).toBeUndefined();
    expect(expectClean).toThrow(/inline script/);
  });

  test('has the documentation, for those too who are not logged in; the page to print is one page', async () => {
    const { page, expectClean } = await stage.pageAt('fred');
    await page.goto('/docs/');
    await expectAccessible(page, 'docs');
    await page.getByRole('link', { name: 'What leaves, who learns what, whom we must trust' }).click();
    await page.getByRole('heading', { level: 1 }).waitFor();
    await expectAccessible(page, 'docs-one-page');
    const pdf = (await page.pdf({ format: 'A4', preferCSSPageSize: true })).toString('latin1');
    expect([...pdf.matchAll(/\/Type\s*\/Page\b/g)]).toHaveLength(1);
    for (const name of ['console', 'threat-model', 'studies', 'SECURITY']) {
      expect((await page.goto(`/docs/${name}.html`))!.status()).toBe(200);
    }
    expect((await page.goto('/docs/..%2f..%2fpackage.json'))!.status()).toBe(404);
    expectClean();
  });

  test('paints its first page within 1.5 seconds on loopback', async () => {
    const { page } = await stage.pageOf('fred', 'anton');
    await page.goto('/');
    await page.getByRole('heading', { level: 1 }).waitFor();
    const painted = await page.evaluate(`new Promise((resolve) =>
      new PerformanceObserver((list) => resolve(list.getEntries().at(-1).startTime)).observe({
        type: 'largest-contentful-paint',
        buffered: true,
      }),
    )`);
    // A bench shows the speed (1.5 s); here a busy machine may take three times as long.
    expect(painted).toBeLessThan(4500);
  });

  test('loads at most 250 kB of script at first, packed', async () => {
    const { page } = await stage.pageAt('fred');
    const sizes: Promise<number>[] = [];
    page.on('requestfinished', (request) => {
      if (request.url().endsWith('.js')) sizes.push(request.sizes().then((size) => size.responseBodySize));
    });
    await logIn(page, 'anton');
    await page.waitForLoadState('networkidle');
    const bytes = (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
    expect(bytes).toBeGreaterThan(50_000);
    expect(bytes).toBeLessThanOrEqual(250_000);
  });
});
