import { type Browser, chromium, type Page } from 'playwright-core';
import { manyRows, ran } from '../apps/console/test/support/studies.ts';
import { openWorld, password, type World } from '../apps/console/test/support/world.ts';
import { type Row, row } from './row.ts';

const loads = 5;
const rows = 100_000;
const frames = 300;

/** A house's server and Debian's chromium on this machine: how soon the first page is painted, what it loads, how a long table scrolls. */
export async function run(): Promise<Row[]> {
  const world = await openWorld();
  try {
    const browser = await chromium.launch({
      executablePath: '/usr/bin/chromium',
      args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage'],
    });
    try {
      return [...(await firstPage(browser, world)), ...(await longTable(browser, world))];
    } finally {
      await browser.close();
    }
  } finally {
    await world.close();
  }
}

/** Of a browser that has nothing of it yet, with somebody logged in. */
async function firstPage(browser: Browser, world: World): Promise<Row[]> {
  const session = await (await logIn(browser, world)).context().storageState();
  const painted: number[] = [];
  let bytes = 0;
  for (let load = 0; load < loads; load++) {
    const context = await browser.newContext({ baseURL: world.url.fred, storageState: session });
    const page = await context.newPage();
    const sizes: Promise<number>[] = [];
    page.on('requestfinished', (request) => {
      if (request.url().endsWith('.js')) sizes.push(request.sizes().then((size) => size.responseBodySize));
    });
    await page.goto('/', { waitUntil: 'networkidle' }).catch(() => undefined);
    await page.getByText('Nothing waits for you.').waitFor();
    painted.push(
      await page.evaluate(`new Promise((resolve) =>
        new PerformanceObserver((list) => resolve(list.getEntries().at(-1).startTime)).observe({
          type: 'largest-contentful-paint',
          buffered: true,
        }))`),
    );
    bytes = (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
    await context.close();
  }
  return [
    row('console', 'largest contentful paint, nothing cached', loads, quantile(painted, 0.5) / 1000, 's', 1.5),
    row('console', 'script of the first page, packed', 1, bytes / 1000, 'kB', 250),
  ];
}

/** A result with many rows, scrolled through a screen at a time. */
async function longTable(browser: Browser, world: World): Promise<Row[]> {
  const hash = await world.studies();
  const page = await logIn(browser, world);
  const result = await ran(world, hash, 'visits-by-app');
  await manyRows(page, result, rows);
  await page.goto(`/studies/runs/${result}`);
  const region = page.getByRole('region', { name: 'Table: Many' });
  await region.getByRole('rowheader', { name: 'group 0', exact: true }).waitFor();
  const took = (await page.evaluate(`new Promise((resolve) => {
    const region = document.querySelector('section.data-table');
    const took = [];
    let before = performance.now();
    const step = (now) => {
      took.push(now - before);
      before = now;
      if (took.length > ${frames}) return resolve(took.slice(1));
      region.scrollBy(0, region.clientHeight);
      requestAnimationFrame(step);
    };
    requestAnimationFrame(step);
  })`)) as number[];
  return [
    row('console', 'table, scrolled: a frame, median', rows, quantile(took, 0.5), 'ms'),
    row('console', 'table, scrolled: 95 % of frames within', rows, quantile(took, 0.95), 'ms', 50),
  ];
}

async function logIn(browser: Browser, world: World): Promise<Page> {
  const page = await (await browser.newContext({ baseURL: world.url.fred })).newPage();
  await page.goto('/');
  await page.getByLabel('User').fill('anton');
  await page.getByLabel(/^Password/).fill(password);
  await page.getByRole('button', { name: 'Log in', exact: true }).click();
  await page.getByRole('navigation').waitFor();
  return page;
}

function quantile(values: readonly number[], part: number): number {
  return values.toSorted((a, b) => a - b)[Math.floor(part * (values.length - 1))]!;
}
