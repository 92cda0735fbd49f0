import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { expectAccessible, hasBrowser } from './support/browser.ts';
import { setStage } from './support/stage.ts';

describe.skipIf(!hasBrowser)('Data', () => {
  const stage = setStage();
  beforeAll(async () => {
    await Promise.all([stage.world.link(), stage.world.studies()]);
    writeFileSync(
      join(stage.world.folder, 'Lab Values 2026.csv'),
      'id,born,value\n1,1980-05-17,4.5\n2,1980-06-17,5.5\n3,,6.5\n4,1981-01-01,7,9,9\n',
    );
  });

  test('a data steward adds a file of the server, and sees types, ranges and what is wrong', async () => {
    const { page, expectClean } = await stage.pageOf('fred', 'stella');
    await page.getByRole('link', { name: 'Data', exact: true }).click();
    await page.getByRole('link', { name: 'people', exact: true }).waitFor();
    await expectAccessible(page, 'data');
    await page.getByRole('link', { name: 'Add a data set' }).click();
    await page.getByText('A file on the server').click();
    await page.getByRole('combobox', { name: 'File' }).fill('lab');
    await page.getByRole('option', { name: /Lab Values/ }).click();
    const name = page.getByRole('textbox', { name: 'Name of the data set' });
    expect(await name.inputValue()).toBe('lab-values-2026');
    await expectAccessible(page, 'data-add');
    await name.fill('lab');
    await page.getByRole('button', { name: 'Read and add' }).click();
    await page.getByRole('heading', { name: 'lab', exact: true }).waitFor();
    expect(await page.getByRole('row', { name: /^value/ }).textContent()).toMatch(/in no agreement/);
    await page.getByRole('region', { name: 'Problems' }).getByRole('row').nth(1).waitFor();
    await expectAccessible(page, 'data-problems');
    const { problemCount } = await stage.world.as('fred', 'stella', ({ data }) => data.show('lab'));
    expect(problemCount).toBeGreaterThan(0);
    await page.reload();
    await page.getByRole('heading', { name: 'lab', exact: true }).waitFor();
    await page.getByRole('button', { name: 'Read it again' }).click();
    await page.getByText('Read again.').waitFor();
    expectClean();
  });

  test('a name that data sets cannot have is refused, with what to do', async () => {
    const { page, expectClean } = await stage.pageOf('fred', 'stella');
    await page.goto('/data/add');
    await page.getByText('A table of a database').click();
    await page.getByText(/knows no database/).waitFor();
    await page.getByText('A file on the server').click();
    await page.getByRole('combobox', { name: 'File' }).click();
    await page.getByRole('option', { name: /sally/ }).click();
    await page.getByRole('textbox', { name: 'Name of the data set' }).fill('1st');
    await page.getByRole('button', { name: 'Read and add' }).click();
    expect(page.url()).toContain('/data/add');
    expect(await stage.world.as('fred', 'stella', ({ data }) => data.list())).not.toContainEqual(
      expect.objectContaining({ name: '1st' }),
    );
    expectClean();
  });

  test('everybody sees what agreements allow with each column; who may not add is offered nothing, and is refused', async () => {
    const { page, expectClean } = await stage.pageOf('sally', 'audrey');
    await page.getByRole('link', { name: 'Data', exact: true }).click();
    await page.getByRole('link', { name: 'people', exact: true }).click();
    const visits = page.getByRole('row', { name: /^visits/ });
    await visits.getByText('be added up, never shown for one person').waitFor();
    const medicaid = page.getByRole('row', { name: /^medicaid/ });
    await medicaid.getByText('compared in a link: Members who are patients').waitFor();
    expect(await page.getByRole('button', { name: 'Read it again' }).count()).toBe(0);
    await page.getByRole('link', { name: 'Data', exact: true }).click();
    expect(await page.getByRole('link', { name: 'Add a data set' }).count()).toBe(0);
    const { csrf } = await (await page.request.get('/v1/me')).json();
    const refused = await page.request.post('/v1/datasets', {
      headers: { 'x-csrf-token': csrf, 'idempotency-key': 'test-of-a-role-1234' },
      data: { name: 'x', source: { kind: 'csv', path: join(stage.world.folder, 'sally.csv') } },
    });
    expect(refused.status()).toBe(403);
    await page.goto('/data/add');
    await page.getByRole('alert').waitFor();
    expectClean();
  });
});
