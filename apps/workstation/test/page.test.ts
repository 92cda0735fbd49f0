import { readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { centreApi } from '@symbolon/registry';
import { homePaths, openHome } from '@symbolon/service';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  expectAccessible,
  hasBrowser,
  openBrowser,
  openPage,
  type Watched,
} from '../../console/test/support/browser.ts';
import { type Agent, addRecord, chooseCard, findCards, openCard, startAgent } from '../src/index.ts';
import { anna, holderOf, TestRegistry } from './support/registry.ts';
import { pinBytes, SoftReaders, softHsm, softHsmIsHere, softPin } from './support/softhsm.ts';

const schema = JSON.stringify({
  type: 'object',
  additionalProperties: false,
  properties: { finding: { type: 'string', enum: ['a hip', 'a mood'] } },
});

describe.skipIf(!softHsmIsHere() || !hasBrowser)('the page on this computer, in a browser', () => {
  let registry: TestRegistry;
  let agent: Agent;
  let browser: Browser;
  let watched: Watched;
  let page: Page;
  let tokens: string;

  beforeAll(async () => {
    [registry, browser] = await Promise.all([TestRegistry.start(), openBrowser()]);
    const readers = new SoftReaders(registry.folder);
    tokens = join(registry.folder, 'tokens');
    await readers.insert('my card', await registry.authority.card({ commonName: 'Dr. B' }));
    await seed(registry, readers);
    await vet(registry, readers);
    const file = homePaths(registry.practice.path).config;
    const config = JSON.parse(readFileSync(file, 'utf8')) as object;
    writeFileSync(file, JSON.stringify({ ...config, settings: { drivers: [softHsm], professional: 'my card' } }));
    agent = await startAgent({ home: openHome(registry.practice.path), env: readers.env });
    watched = await openPage(browser, new URL(agent.address).origin);
    ({ page } = watched);
  });
  afterAll(async () => {
    await browser.close();
    await agent.close();
    await registry.close();
  });

  const heading = (name: string) => page.getByRole('heading', { level: 1, name }).waitFor();
  const goOn = () => page.getByRole('link', { name: 'Go on' }).click();
  const visit = async (operation: RegExp, pin = softPin) => {
    await heading('What is to be done?');
    await page.getByRole('radio', { name: /^patient of/ }).check();
    await page.getByRole('radio', { name: operation }).check();
    await page.getByLabel(/^Why/).fill('follow-up');
    await page.getByLabel(/^PIN/).fill(pin);
    await page.getByRole('button', { name: 'Do it' }).click();
    await heading('At work');
  };

  test('a card is chosen, a wrong PIN is said to be wrong and is nowhere on the page, the right one logs in', async () => {
    await page.goto(agent.address);
    await heading('Log in with your card');
    expect(new URL(page.url()).search).toBe('');
    await expectAccessible(page, 'agent-login');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    expect(new URL(page.url()).hash).toBe('#content');
    expect(await page.getByRole('radio', { name: /^my card/ }).isChecked()).toBe(true);
    await page.getByLabel(/^PIN/).fill('999999');
    await page.getByRole('button', { name: 'Log in' }).click();
    expect(await page.getByRole('alert').textContent()).toContain('PIN');
    expect(await page.content()).not.toContain('999999');
    await expectAccessible(page, 'agent-refused');
    await goOn();
    await page.getByRole('radio', { name: /^my card/ }).check();
    await page.getByLabel(/^PIN/).fill(softPin);
    await page.getByRole('button', { name: 'Log in' }).click();
    await page.getByText('You are logged in').waitFor();
    watched.expectClean();
  });

  test('the patient consents to a group: records of that group show, and no others', async () => {
    await goOn();
    await heading('Who is the patient?');
    await expectAccessible(page, 'agent-patient');
    for (const [field, value] of Object.entries(anna)) await page.getByLabel(new RegExp(`^${field}`)).fill(value);
    await page.getByRole('button', { name: 'Go on' }).click();
    await goOn();
    await heading('What is to be done?');
    await expectAccessible(page, 'agent-visit');
    await page.getByRole('checkbox', { name: 'general' }).check();
    await visit(/^Consent/);
    await page.getByText('You may read records of: general').waitFor();
    await expectAccessible(page, 'agent-done');
    await goOn();
    await page.getByRole('button', { name: 'Show the records' }).click();
    await heading('Records');
    expect(await page.getByRole('row').allInnerTexts()).toEqual([
      expect.stringContaining('Content'),
      expect.stringContaining('a hip'),
    ]);
    await expectAccessible(page, 'agent-records');
    watched.expectClean();
  });

  test("the patient's PIN is wrong, then the card is taken out: both are said, and nothing has changed", async () => {
    await goOn();
    await visit(/^The patient withdraws/, '0000');
    expect(await page.getByRole('alert').textContent()).toContain('PIN');
    await goOn();
    await heading('What is to be done?');
    const [gone] = readdirSync(tokens).filter((name) => labelOf(join(tokens, name)).includes('patient of'));
    renameSync(join(tokens, gone!), join(registry.folder, 'taken out'));
    await visit(/^The patient withdraws/);
    expect(await page.getByRole('alert').textContent()).toContain('in no reader');
    await goOn();
    await page.getByText('No card of a patient is in a reader.').waitFor();
    await expectAccessible(page, 'agent-no-card');
    renameSync(join(registry.folder, 'taken out'), join(tokens, gone!));
    await page.getByRole('link', { name: 'Look again' }).click();
    await visit(/^The patient sees/);
    await page.getByRole('heading', { name: 'Who read what' }).waitFor();
    expect(await page.getByText('2 records are kept. Studies may use them.').count()).toBe(1);
    await expectAccessible(page, 'agent-view');
    watched.expectClean();
  });

  test('nothing is asked of another origin, and no script runs (control: the watch sees both)', async () => {
    await goOn();
    watched.expectClean();
    await page.evaluate(
      `document.body.insertAdjacentHTML('beforeend', '<img alt="" src="https://example.org/x.png">')`,
    );
    await page.evaluate(
      `document.body.append(Object.assign(document.createElement('script'), { text: 'window.ran = 1' }))`,
    );
    await expect.poll(() => thrown(watched)).toContain('Loading the image');
    expect(await page.evaluate('window.ran')).toBe(undefined);
  });
});

/** Another institution's records of the patient, in two groups, and the patient's card in a reader. */
async function seed(registry: TestRegistry, readers: SoftReaders): Promise<void> {
  await registry.atCentre((client) =>
    client.call(centreApi.addRecordType, { params: { module: 'hips' }, body: { name: 'finding', schema } }),
  );
  const issued = await registry.authority.card(holderOf(anna));
  await readers.insert('patient of Dr. B', issued);
  const clinic = await registry.logIn(registry.clinic, await registry.professional('Dr. A'));
  const { relation } = await clinic.relation(anna);
  const card = { ...issued.card, chain: issued.chain };
  await clinic.visit(relation, { operation: 'enrol', card, purpose: 'first visit' });
  for (const [group, finding] of [
    ['general', 'a hip'],
    ['psychiatry', 'a mood'],
  ] as const) {
    await addRecord(clinic, relation, { type: 'finding', group, body: JSON.stringify({ finding }) });
  }
}

/** The registry admits whose card is in the reader. */
async function vet(registry: TestRegistry, { env }: SoftReaders): Promise<void> {
  const { cards } = await findCards([softHsm], env);
  const card = chooseCard(cards, { whose: 'the', words: 'my card' });
  const professional = await openCard({ driver: softHsm, card, pin: pinBytes(), env });
  await registry.vet(professional, 'Dr. B');
  professional.close();
}

/** What SoftHSM keeps of a token: its label among it. */
function labelOf(folder: string): string {
  return readFileSync(join(folder, 'token.object')).toString('latin1');
}

function thrown({ expectClean }: Watched): string {
  try {
    expectClean();
    return '';
  } catch (error) {
    return String(error);
  }
}
