import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';
import { expect } from 'vitest';
import { password } from './world.ts';

const executablePath = '/usr/bin/chromium';
const pictures = join(import.meta.dirname, '../../pictures');
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** How long a page may take to show what is waited for, in milliseconds. */
export const patience = 60_000;

/** Whether there is a browser to test with; without one, tests of pages are skipped. */
export const hasBrowser = existsSync(executablePath);

const switches = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--disable-dev-shm-usage',
];

/** Debian's chromium. */
export function openBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath, args: switches });
}

/** A page of a console, and what must never happen on it. */
export interface Watched {
  readonly page: Page;
  /** Throws where something was asked of another origin, broke the content security policy, or threw. */
  expectClean(): void;
}

/** A window of its own, without cookies. */
export async function openPage(browser: Browser, base: string): Promise<Watched> {
  const context = await browser.newContext({
    baseURL: base,
    viewport: { width: 1280, height: 860 },
    reducedMotion: 'reduce',
  });
  return watch(await context.newPage(), base);
}

/** Watches a page, from now on. @param base the only address that it may ask */
export function watch(page: Page, base: string): Watched {
  page.setDefaultTimeout(patience);
  const wrong: string[] = [];
  page.on('request', (request) => {
    const url = new URL(request.url());
    if (url.origin !== base && !['data:', 'blob:'].includes(url.protocol)) wrong.push(`asked ${request.url()}`);
  });
  page.on('pageerror', (error) => wrong.push(`threw ${error.message}`));
  page.on('console', (message) => {
    if (/content security policy/i.test(message.text())) wrong.push(message.text());
  });
  return { page, expectClean: () => expect(wrong.join('\n')).toBe('') };
}

/** Logs in by the page, as people do. */
export async function logIn(page: Page, user: string, secret = password): Promise<void> {
  await page.goto('/');
  await page.getByLabel('User').fill(user);
  await page.getByLabel(/^Password/).fill(secret);
  await page.getByRole('button', { name: 'Log in', exact: true }).click();
  await page.getByRole('navigation').waitFor();
}

interface Violation {
  readonly id: string;
  readonly nodes: readonly { readonly html: string; readonly failureSummary?: string }[];
}

/** No rule of axe is broken, in light colours and in dark ones; leaves a picture of each. @param name of the pictures */
export async function expectAccessible(page: Page, name: string): Promise<void> {
  mkdirSync(pictures, { recursive: true });
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    await page.screenshot({
      path: join(pictures, `${name}-${colorScheme}.png`),
      fullPage: true,
      animations: 'disabled',
    });
    await page.evaluate(`${axe}; undefined`);
    const violations = (await page.evaluate('axe.run().then(({ violations }) => violations)')) as Violation[];
    const broken = violations.map(
      ({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 200)).join(' | ')}`,
    );
    expect(broken, `${name}, ${colorScheme}`).toEqual([]);
  }
  await page.emulateMedia({ colorScheme: 'light' });
}
