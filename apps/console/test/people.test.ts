import { join } from 'node:path';
import { createHome } from '@symbolon/service';
import { describe, expect, test } from 'vitest';
import { expectAccessible, hasBrowser, logIn, openPage } from './support/browser.ts';
import { setStage } from './support/stage.ts';
import { openWorld, password } from './support/world.ts';

const local = (url: string): string => url.replace('127.0.0.1', 'localhost');

describe.skipIf(!hasBrowser)('People and settings', () => {
  const browsers = (_: string, url: string) => ({ accounts: { origin: local(url) } });
  const stage = setStage(() => openWorld({ fred: browsers }));

  test('an operator adds somebody, whose code sets a password once; changes roles; disables', async () => {
    const { page, expectClean } = await stage.pageOf('fred', 'otto');
    await page.getByRole('link', { name: 'People' }).click();
    await page.getByRole('rowheader', { name: 'Paula' }).waitFor();
    await expectAccessible(page, 'people');
    await page.getByRole('link', { name: 'Add somebody' }).click();
    await page.getByLabel(/^Name/).fill('Nora Newman');
    await page.getByLabel(/^Login/).fill('nora');
    await page.getByRole('checkbox', { name: 'auditor' }).check();
    await expectAccessible(page, 'people-add');
    await page.getByRole('button', { name: 'Add, and make a code' }).click();
    const shown = page.getByRole('status').filter({ hasText: 'Code for nora' });
    const code = (await shown.locator('code').getAttribute('title'))!;
    await expectAccessible(page, 'people-code');
    await page.getByRole('button', { name: 'I have passed it on' }).click();
    await page.getByRole('link', { name: 'Nora Newman' }).waitFor();
    expect(await page.getByText(code).count()).toBe(0);

    const nora = await stage.pageAt('fred');
    await nora.page.goto('/');
    await nora.page.getByText('I have a code to set my password').click();
    await nora.page.getByLabel(/^Code/).fill(code);
    await nora.page.getByLabel(/^New password/).fill(password);
    await nora.page.getByRole('button', { name: 'Set the password' }).click();
    await nora.page.getByText('Your password is set, nora.').waitFor();
    await logIn(nora.page, 'nora');
    await nora.page.getByRole('link', { name: 'Log', exact: true }).waitFor();

    await page.getByRole('link', { name: 'Nora Newman' }).click();
    await page.getByRole('checkbox', { name: 'analyst' }).check();
    await page.getByRole('button', { name: 'Save roles' }).click();
    // Whoever gets other roles is logged out, and is shown that without a click.
    await nora.page.getByRole('heading', { name: 'Log in' }).waitFor();
    await page.getByRole('button', { name: 'Disable' }).click();
    await page.getByRole('button', { name: 'Let in again' }).waitFor();
    await expectAccessible(page, 'person');
    await nora.page.getByLabel('User').fill('nora');
    await nora.page.getByLabel(/^Password/).fill(password);
    await nora.page.getByRole('button', { name: 'Log in', exact: true }).click();
    await nora.page.getByRole('alert').waitFor();
    await page.getByRole('link', { name: 'All people' }).click();
    await page.getByRole('link', { name: 'Otto' }).click();
    await page.getByText('This is you: another operator changes your roles.').waitFor();
    expect(await page.getByRole('button', { name: 'Disable' }).count()).toBe(0);
    expectClean();
  });

  test('others see no people, and the server refuses to add one', async () => {
    const { page, expectClean } = await stage.pageOf('fred', 'anton');
    expect(await page.getByRole('link', { name: 'People' }).count()).toBe(0);
    await page.goto('/people');
    await page.getByRole('heading', { name: 'Your roles do not let you see this page' }).waitFor();
    const { csrf } = await (await page.request.get('/v1/me')).json();
    const refused = await page.request.post('/v1/users', {
      headers: { 'x-csrf-token': csrf, 'idempotency-key': 'test-of-a-role-1234' },
      data: { id: 'eve', name: 'Eve', roles: ['operator'] },
    });
    expect(refused.status()).toBe(403);
    await page.goto('/settings/partners');
    await page.getByText('An operator adds partners.').waitFor();
    expectClean();
  });

  test('a passkey is made, logs in, and is removed; other sessions are ended', async () => {
    const { page, expectClean } = await openPage(stage.browser, local(stage.world.url.fred));
    const devtools = await page.context().newCDPSession(page);
    await devtools.send('WebAuthn.enable');
    await devtools.send('WebAuthn.addVirtualAuthenticator', {
      options: {
        protocol: 'ctap2',
        transport: 'internal',
        hasResidentKey: true,
        hasUserVerification: true,
        isUserVerified: true,
        automaticPresenceSimulation: true,
      },
    });
    await logIn(page, 'stella');
    const other = await stage.pageOf('fred', 'stella');
    await page.getByRole('button', { name: /^Your account/ }).click();
    await page.getByRole('menuitem', { name: 'Your account and passkeys' }).click();
    await page.getByText('You have no passkey yet.').waitFor();
    await page.getByLabel(/^Name/).fill('laptop');
    await page.getByRole('button', { name: 'Add a passkey' }).click();
    await page.getByRole('rowheader', { name: 'laptop' }).waitFor();
    await expectAccessible(page, 'settings-account');
    await page
      .getByRole('button', { name: /^End it: the session since/ })
      .first()
      .click();
    await other.page.getByRole('heading', { name: 'Log in' }).waitFor();
    await page.getByRole('button', { name: /^Your account/ }).click();
    await page.getByRole('menuitem', { name: 'Log out' }).click();
    await page.getByRole('button', { name: 'Log in with a passkey' }).waitFor();
    await expectAccessible(page, 'login-passkey');
    await page.getByRole('button', { name: 'Log in with a passkey' }).click();
    await page.getByRole('navigation').waitFor();
    await page.goto('/settings');
    await page.getByRole('cell', { name: 'passkey', exact: true }).waitFor();
    await page.getByRole('button', { name: 'Remove laptop' }).click();
    await page.getByText('You have no passkey yet.').waitFor();
    await page.getByLabel(/^Present password/).fill(password);
    await page.getByLabel(/^New password/).fill('short');
    await page.getByRole('button', { name: 'Change the password' }).click();
    await page.getByRole('alert').waitFor();
    expectClean();
  });

  test('an operator adds a partner after comparing its fingerprint, and sees certificates and witnesses', async () => {
    const newcomer = await createHome({
      path: join(stage.world.folder, 'newcomer'),
      id: 'hospital',
      name: 'General Hospital',
      role: 'party',
      host: '127.0.0.1',
      port: 0,
      now: () => new Date(),
    });
    const { page, expectClean } = await stage.pageOf('fred', 'otto');
    await page.goto('/settings/partners');
    await page.getByRole('rowheader', { name: "Sally's EHR" }).waitFor();
    const choose = page.locator('input[type=file]');
    await choose.setInputFiles({ name: 'card.json', mimeType: 'application/json', buffer: Buffer.from('{}') });
    await page.getByRole('alert').filter({ hasText: 'This is no card file.' }).waitFor();
    await choose.setInputFiles({
      name: 'card.json',
      mimeType: 'application/json',
      buffer: Buffer.from(newcomer.cardFile),
    });
    await page.getByText('General Hospital (holds data)', { exact: false }).waitFor();
    await expectAccessible(page, 'settings-partner');
    expect(await page.getByRole('button', { name: 'Add this partner' }).isDisabled()).toBe(true);
    await page.getByRole('checkbox').check();
    await page.getByRole('button', { name: 'Add this partner' }).click();
    await page.getByRole('rowheader', { name: 'General Hospital' }).waitFor();
    expect(stage.world.homes.fred.card.id).toBe('fred');
    await page.getByRole('tab', { name: 'This server' }).click();
    await page
      .getByText(/days left/)
      .first()
      .waitFor();
    await page.getByRole('rowheader', { name: 'sally' }).waitFor();
    await page.getByRole('row', { name: /^Version of Symbolon \d+\.\d+\.\d+/ }).waitFor();
    await expectAccessible(page, 'settings-server');
    const saving = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Save our card' }).click();
    expect((await saving).suggestedFilename()).toBe('fred-card.json');
    expectClean();
  });
});
