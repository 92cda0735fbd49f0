import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { problems, readWritten } from '@symbolon/agreement';
import { compileAlert, listedSensitive } from '@symbolon/alerts';
import { run } from '@symbolon/cli';
import { errorCodes } from '@symbolon/crypto';
import { expect, test, vi } from 'vitest';
import { root } from './support/script.ts';

const page = readFileSync(join(root, 'docs/alerts.md'), 'utf8');

test('docs/alerts.md: its section stands in an agreement, and can be decided', () => {
  const [, section] = /^```yaml\n([\s\S]*?)^```$/m.exec(page)!;
  const example = readFileSync(join(root, 'docs/agreement-example.yaml'), 'utf8');
  const text = example.replace(/^alerts:\n(?: .*\n)*/m, section!);
  expect(text).toContain('high-potassium');
  expect(problems(text, 'yaml')).toEqual([]);
  const { written } = readWritten(text, 'yaml');
  for (const alert of written!.alerts!) compileAlert(alert);
});

test('docs/alerts.md: every sensitive code is there, under its category, and no other', () => {
  const rows = [...page.matchAll(/^\| `([a-z-]+)` \| (SNOMED CT .*)\|$/gm)];
  const documented = rows.flatMap(([, category, text]) =>
    [...text!.matchAll(/\b(\d{6,}|\d{4,5}-\d)\b/g)].map(([code]) => `${category} ${code}`),
  );
  const known = listedSensitive().map(({ category, code }) => `${category} ${code}`);
  expect(new Set(documented)).toEqual(new Set(known));
  expect(documented).toHaveLength(known.length);
});

test('docs/alerts.md: errors that it names are known', () => {
  const named = [...page.matchAll(/^\| (`[a-z-]+`(?:, `[a-z-]+`)*) \| (?:a source|a condition|a message)/gm)].flatMap(
    ([, codes]) => codes!.split(', '),
  );
  expect(named.length).toBeGreaterThan(2);
  for (const code of named) expect(Object.keys(errorCodes)).toContain(code.slice(1, -1));
});

test('docs/alerts.md: its commands are there, with these options', async () => {
  const blocks = [...page.matchAll(/^```\n([\s\S]*?)^```$/gm)].map(([, text]) => text!).join('\n');
  const commands = [...blocks.matchAll(/symbolon ([a-z]+ [a-z-]+)([^\n#]*)/g)];
  expect(commands.length).toBeGreaterThan(7);
  const write = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  try {
    for (const [, words, rest] of commands) {
      write.mockClear();
      expect(await run([...words!.split(' '), '--help'])).toBe(0);
      const help = write.mock.calls.map(([text]) => String(text)).join('');
      expect(help).toContain(`Usage: symbolon ${words}`);
      for (const [flag] of rest!.matchAll(/--[a-z-]+/g)) expect(help).toContain(flag);
    }
  } finally {
    write.mockRestore();
  }
});
