import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Locator, Page } from 'playwright-core';

const docs = join(import.meta.dirname, '../../../../docs');
const patience = 30_000;
const controls = ['link', 'button', 'tab', 'menuitem'] as const;

/** What a tutorial does beside pressing what it names. */
export interface Way {
  /** Named, and not to be pressed. */
  readonly only?: readonly string[];
  /** By name: what is typed or chosen there. */
  readonly fill?: Readonly<Record<string, (at: Locator, page: Page) => Promise<unknown>>>;
}

/** The user that a tutorial has people log in as. */
export function userOf(name: string): string {
  return /log in as `(\w+)`/.exec(textOf(name))![1]!;
}

/** Goes through a tutorial as it is written: what stands in bold is found on the screen, one after the other, and pressed where it can be. @returns what was named */
export async function goThrough(page: Page, name: string, { only = [], fill = {} }: Way): Promise<string[]> {
  const named = [...textOf(name).matchAll(/\*\*(.+?)\*\*/g)].map(([, words]) => words!);
  for (const words of named) {
    const type = fill[words];
    const at = await found(page, words, type !== undefined);
    if (type !== undefined) await type(at, page);
    else if (!only.includes(words)) await press(page, at, words);
  }
  return named;
}

const textOf = (name: string): string => readFileSync(join(docs, `tutorial-${name}.md`), 'utf8');

async function press(page: Page, at: Locator, words: string): Promise<void> {
  const isControl = await at.evaluate(
    (node) => (node as { closest(of: string): unknown }).closest('a, button') !== null,
  );
  if (!isControl) return;
  await at.click();
  // A decision that binds is asked twice.
  const again = page.getByRole('dialog').getByRole('button', { name: words, exact: true });
  if (await again.isVisible()) await again.click();
}

/** What is called so and can be pressed, else what says so, else a link that begins so. */
async function found(page: Page, words: string, field: boolean): Promise<Locator> {
  const start = new RegExp(`^${words.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}`);
  const candidates = field
    ? [page.getByLabel(start)]
    : [
        ...controls.map((role) => page.getByRole(role, { name: words, exact: true })),
        page.getByRole('heading', { name: words, exact: true }),
        page.getByText(words, { exact: true }),
        page.getByRole('link', { name: start }),
      ];
  const end = performance.now() + patience;
  while (performance.now() < end) {
    for (const candidate of candidates) {
      const first = candidate.filter({ visible: true }).first();
      if (await first.isVisible()) return first;
    }
    await page.waitForTimeout(100);
  }
  throw new Error(`The tutorial names "${words}", which is not to be seen at ${page.url()}`);
}
