import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { helpOf, helps } from '../web/parts/help-pages.ts';

const docs = join(import.meta.dirname, '../dist/docs');

describe('help beside the title of a page', () => {
  test.each(helps)('of /$path leads to $page, which is there', ({ page }) => {
    const [file, anchor] = page.split('#');
    const html = readFileSync(join(docs, file!), 'utf8');
    if (anchor !== undefined) expect(html).toContain(`id="${anchor}"`);
  });

  test('is that of the longest address that fits', () => {
    expect(helpOf('/').path).toBe('');
    expect(helpOf('/agreements').path).toBe('agreements');
    expect(helpOf('/agreements/new/link').path).toBe('agreements/new');
    expect(helpOf('/agreements/newer').path).toBe('agreements');
    expect(helpOf('/data/add').path).toBe('data/add');
    expect(helpOf('/unknown').path).toBe('');
  });
});
