import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from '@symbolon/cli';
import { expect, test, vi } from 'vitest';
import { root } from './support/script.ts';

const page = readFileSync(join(root, 'docs/linking.md'), 'utf8');
const script = [...page.matchAll(/```\n([\s\S]*?)```/g)].map((match) => match[1]!.replaceAll('\\\n', ' ')).join('\n');
/** Its words, and the flags on its line. */
const commands = [...script.matchAll(/symbolon ([a-z]+ [a-z]+)([^\n]*?)(?=&&|#|\n)/g)].map(
  ([, words, rest]) => [words!, [...rest!.matchAll(/ (--[a-z-]+)/g)].map(([, flag]) => flag!)] as const,
);

test('the page has commands', () => expect(commands.length).toBeGreaterThan(12));

test.each(commands)('docs/linking.md: symbolon %s %o', async (words, flags) => {
  let text = '';
  const write = vi.spyOn(process.stdout, 'write').mockImplementation((chunk) => {
    text += String(chunk);
    return true;
  });
  try {
    expect(await run([...words.split(' '), '--help'])).toBe(0);
  } finally {
    write.mockRestore();
  }
  expect(text).toContain(`Usage: symbolon ${words}`);
  for (const flag of flags) expect(text).toMatch(new RegExp(`${flag}\\b`));
});
