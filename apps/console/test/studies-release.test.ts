import { runLinkOn } from '@symbolon/party';
import { beforeAll, describe, expect, test } from 'vitest';
import { expectAccessible, hasBrowser } from './support/browser.ts';
import { setStage } from './support/stage.ts';
import { ran } from './support/studies.ts';

describe.skipIf(!hasBrowser)('what needs a second person', () => {
  const stage = setStage();
  let run: number;
  beforeAll(async () => {
    run = await ran(
      stage.world,
      await lookedAt(await stage.world.studies(undefined, { signed: false })),
      'visits-by-app',
    );
  });

  /** The same draft with results that people must look at first, signed by both. @returns its hash */
  const lookedAt = (draft: string, people = 2): Promise<string> =>
    stage.world.redraft(draft, {
      approvals: [{ action: 'release', people, roles: ['privacy-officer', 'data-steward'] }],
    });

  test('a result waits on the home of who may release it; others read it once two have, and no more when it is taken back', async () => {
    const anton = await stage.pageOf('fred', 'anton');
    await anton.page.getByText('Nothing waits for you.').waitFor();
    await anton.page.goto(`/studies/runs/${run}`);
    await anton.page.getByText('The result waits for its release').waitFor();
    expect(await anton.page.getByRole('table', { name: 'Released numbers' }).count()).toBe(0);
    expect(await anton.page.getByRole('button', { name: 'Release the result here' }).count()).toBe(0);
    expect((await anton.page.request.get(`/v1/study-runs/${run}/report`)).status()).not.toBe(200);

    const stella = await stage.pageOf('fred', 'stella');
    const paula = await stage.pageOf('fred', 'paula');
    for (const { page } of [stella, paula]) {
      await page.getByRole('link', { name: 'Look at the result of visits-by-app' }).click();
      await page.getByRole('table', { name: 'Released numbers' }).waitFor();
    }
    await expectAccessible(stella.page, 'study-release');
    await stella.page.getByRole('button', { name: 'Release the result here' }).click();
    await stella.page.getByText('Released so far by stella.').waitFor();
    expect(await stella.page.getByRole('button', { name: 'Release the result here' }).count()).toBe(0);
    await stella.page.goto('/');
    await stella.page.getByRole('region', { name: 'Waiting for you' }).waitFor();
    await stella.page.getByText('Nothing waits for you.').waitFor();
    await anton.page.getByText('Released so far by stella.').waitFor();
    await paula.page.getByRole('button', { name: 'Release the result here' }).click();
    await anton.page.getByRole('table', { name: 'Released numbers' }).waitFor();

    await paula.page.getByRole('button', { name: 'Take the release back' }).click();
    await anton.page.getByText('The result waits for its release').waitFor();
    await anton.page.reload();
    await anton.page.getByText('The result waits for its release').waitFor();
    expect(await anton.page.getByRole('table', { name: 'Released numbers' }).count()).toBe(0);
    for (const { expectClean } of [anton, stella, paula]) expectClean();
  });

  test('the matches of a link wait too', async () => {
    const agreement = await lookedAt(await stage.world.link({ signed: false }), 1);
    const id = await stage.world.as('fred', 'anton', (_, client) => runLinkOn(client, { agreement }, {}));
    const anton = await stage.pageOf('fred', 'anton');
    await anton.page.goto(`/links/runs/${id}`);
    await anton.page.getByText('The result waits for its release').waitFor();
    expect((await anton.page.request.get(`/v1/link-runs/${run}`)).status()).toBe(404);
    const paula = await stage.pageOf('fred', 'paula');
    await paula.page.getByRole('link', { name: `Look at the matches of link run ${id}, and release them` }).click();
    const matches = paula.page.getByRole('region', { name: /Our records/ });
    await matches.getByRole('row').nth(1).waitFor();
    await paula.page.getByRole('button', { name: 'Release the result here' }).click();
    await paula.page.getByText('Whoever may read results here sees it now.', { exact: false }).waitFor();
    await anton.page
      .getByRole('region', { name: /Our records/ })
      .getByRole('row')
      .nth(1)
      .waitFor();
    for (const { expectClean } of [anton, paula]) expectClean();
  });

  test('an entry of the log that one has asked to erase waits for another, and is erased by that one', async () => {
    const index = 1;
    await stage.world.as('fred', 'stella', ({ audit }) => audit.erase(index, 'entered by mistake'));
    const stella = await stage.pageOf('fred', 'stella');
    await stella.page.getByRole('link', { name: 'Look at the result of visits-by-app' }).waitFor();
    expect(await stella.page.getByRole('link', { name: /Erase entry/ }).count()).toBe(0);
    const paula = await stage.pageOf('fred', 'paula');
    await expectAccessible(paula.page, 'home-second-person');
    await paula.page.getByRole('link', { name: `Erase entry ${index} of the log` }).click();
    await paula.page.getByLabel(/^Why\?/).fill('entered by mistake');
    await paula.page.getByRole('button', { name: 'Ask to erase it' }).click();
    await paula.page.getByText('What this entry said was erased.', { exact: false }).waitFor();
    const audit = await stage.world.as('fred', 'audrey', (organisation) => organisation.audit.verify());
    expect(audit.erased).toEqual([index]);
    await paula.page.goto('/');
    await paula.page.getByRole('region', { name: 'Waiting for you' }).waitFor();
    expect(await paula.page.getByRole('link', { name: /Erase entry/ }).count()).toBe(0);
    for (const { expectClean } of [stella, paula]) expectClean();
  });
});
