import type { Page } from 'playwright-core';
import { patience } from './browser.ts';

const most = 150;

/** Name of what has the keyboard's focus, about as a screen reader says it. */
const nameOf = `((at) => {
  if (at === document.body) return '';
  const labelled = (at.getAttribute('aria-labelledby') ?? '').split(' ').map((id) => document.getElementById(id)?.textContent ?? '').join(' ').trim();
  const label = at.labels?.[0]?.textContent;
  return (at.getAttribute('aria-label') || labelled || label || at.textContent || at.placeholder || '').trim();
})`;

function focused(page: Page): Promise<string> {
  return page.evaluate(`${nameOf}(document.activeElement)`);
}

/** Where Tab comes to. */
export interface Stop {
  /** Empty where the page is left. */
  readonly name: string;
  /** Within the window, and marked as that which has the focus. */
  readonly seen: boolean;
}

/** Presses Tab from the beginning of a page until it is left. Throws where it never is. */
export async function stopsOf(page: Page): Promise<Stop[]> {
  await page.evaluate('document.activeElement.blur()');
  const stops: Stop[] = [];
  while (stops.length < most) {
    await page.keyboard.press('Tab');
    const stop = (await page.evaluate(`(() => {
      const at = document.activeElement;
      const { top, bottom, left, right } = at.getBoundingClientRect();
      const inside = bottom > 0 && right > 0 && top < innerHeight && left < innerWidth;
      // The mark may stand on what surrounds it; a field's is its border.
      const marked = [at, at.parentElement].some((node) => {
        if (node === null) return false;
        const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(node);
        return (outlineStyle !== 'none' && outlineWidth !== '0px') || boxShadow !== 'none';
      }) || at.matches('.mantine-Input-input');
      return { name: ${nameOf}(at), seen: inside && marked };
    })()`)) as Stop;
    stops.push(stop);
    if (stop.name === '') return stops;
  }
  throw new Error(`Tab never leaves ${page.url()}`);
}

/** Presses Tab until the focus is on what is called so; goes round again where the page has yet to show it. */
export async function tabTo(page: Page, name: RegExp): Promise<void> {
  const passed = new Set<string>();
  const end = performance.now() + patience;
  for (let i = 0; i < most || performance.now() < end; i++) {
    await page.keyboard.press('Tab');
    const at = await focused(page);
    if (name.test(at)) return;
    passed.add(at.slice(0, 40));
    if (at === '') await page.waitForTimeout(50);
  }
  throw new Error(`Tab never comes to ${name}, but to:\n${[...passed].join('\n')}`);
}

/** Goes to a link or button, and presses it. */
export async function press(page: Page, name: RegExp): Promise<void> {
  await tabTo(page, name);
  await page.keyboard.press('Enter');
}

/** Goes to a field, and types. */
export async function type(page: Page, name: RegExp, text: string): Promise<void> {
  await tabTo(page, name);
  await page.keyboard.type(text);
}
