import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseLicenceRequest, parseOfferTerms, readSource } from '@symbolon/agreement';
import { run } from '@symbolon/cli';
import { errorCodes } from '@symbolon/crypto';
import { accountSettings, roleWords } from '@symbolon/service';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { root } from './support/script.ts';

/** The blocks of a page in one language. */
function fenced(page: string, language: string): string[] {
  return [...page.matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)].flatMap(([, of, text]) => (of === language ? [text!] : []));
}

/** Runs a command in this process; what it writes to stdout. */
async function said(args: readonly string[]): Promise<string> {
  let text = '';
  const write = vi.spyOn(process.stdout, 'write').mockImplementation((chunk) => {
    text += String(chunk);
    return true;
  });
  try {
    expect(await run(args)).toBe(0);
  } finally {
    write.mockRestore();
  }
  return text;
}

describe.each([
  ['docs/linking.md', 9],
  ['docs/running-studies.md', 9],
  ['docs/log.md', 9],
  ['docs/databases.md', 3],
  ['docs/market.md', 16],
  ['docs/subjects.md', 11],
  ['docs/alert-inbox.md', 7],
  ['docs/outsourcing.md', 3],
  ['docs/cards.md', 12],
] as const)('%s', (name, least) => {
  const page = readFileSync(join(root, name), 'utf8');
  const script = fenced(page, '').join('\n').replaceAll('\\\n', ' ');
  /** Its words, and the flags on its line. */
  const commands = [...script.matchAll(/symbolon ([a-z]+ [a-z-]+)([^\n]*?)(?=&&|#|\n)/g)].map(
    ([, words, rest]) => [words!, [...rest!.matchAll(/ (--[a-z-]+)/g)].map(([, flag]) => flag!)] as const,
  );

  test('has commands', () => expect(commands.length).toBeGreaterThanOrEqual(least));

  test.each(commands)('symbolon %s %o', async (words, flags) => {
    const text = await said([...words.split(' '), '--help']);
    expect(text).toContain(`Usage: symbolon ${words}`);
    for (const flag of flags) expect(text).toMatch(new RegExp(`${flag}\\b`));
  });

  test('errors that it names are known', () => {
    const named = [...page.matchAll(/^\| (`[a-z-]+`(?:, `[a-z-]+`)*) \|/gm)].flatMap(([, codes]) => codes!.split(', '));
    expect(named.length).toBeGreaterThan(0);
    for (const code of named) expect(Object.keys(errorCodes)).toContain(code.slice(1, -1));
  });
});

test('docs/running-studies.md: its study can be run under its agreement', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'symbolon-docs-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const page = readFileSync(join(root, 'docs/running-studies.md'), 'utf8');
  const [agreement, study] = fenced(page, 'yaml');
  writeFileSync(join(folder, 'agreement.yaml'), agreement!);
  writeFileSync(join(folder, 'by-literacy.yaml'), study!);
  expect(await said(['study', 'check', join(folder, 'by-literacy.yaml')])).toMatch(/\n\nIt can be run\.\n$/);
});

test('docs/agreements.md: its commands are there, and its example can be drafted', async () => {
  const page = readFileSync(join(root, 'docs/agreements.md'), 'utf8');
  const commands = [
    ...fenced(page, '')
      .join('\n')
      .matchAll(/^symbolon ([a-z]+ [a-z-]+)/gm),
  ].map(([, words]) => words!);
  expect(new Set(commands)).toEqual(
    new Set([
      'agreement check',
      'agreement draft-file',
      'agreement diff',
      'agreement schema',
      'link tune',
      'study ask',
    ]),
  );
  for (const words of commands)
    expect(await said([...words.split(' '), '--help'])).toContain(`Usage: symbolon ${words}`);
  const example = join(root, 'docs/agreement-example.yaml');
  expect(await said(['agreement', 'check', example])).toBe(`${example} says an agreement that can be drafted.\n`);
});

test('docs/market.md: its entry can be offered, and its request asked', () => {
  const [offer, request] = fenced(readFileSync(join(root, 'docs/market.md'), 'utf8'), 'yaml').map(
    (text) => readSource(text, 'yaml').value,
  );
  expect(parseOfferTerms(offer).name).toBe('visits');
  expect(parseLicenceRequest(request).offers).toHaveLength(2);
});

test('docs/agreements.md: every section of an agreement is there', () => {
  const page = readFileSync(join(root, 'docs/agreements.md'), 'utf8');
  const { properties } = JSON.parse(readFileSync(join(root, 'docs/agreement.schema.json'), 'utf8')) as {
    properties: Record<string, object>;
  };
  const unwritten = ['kind', 'version', 'predecessor', 'counters'];
  for (const name of Object.keys(properties)) if (!unwritten.includes(name)) expect(page).toContain(`\`${name}\``);
});

describe('docs/people.md', () => {
  const page = readFileSync(join(root, 'docs/people.md'), 'utf8');

  test('its commands are there, with these options', async () => {
    const lines = fenced(page, '')
      .join('\n')
      .split('\n')
      .filter((line) => line.startsWith('symbolon '));
    expect(lines.length).toBeGreaterThan(10);
    for (const line of lines) {
      const words = line.replace(/#.*/, '').trim().split(/ +/).slice(1);
      const command = words[0] === 'user' ? words.slice(0, 2) : words.slice(0, 1);
      const help = await said([...command, '--help']);
      expect(help).toContain(`Usage: symbolon ${command.join(' ')}`);
      for (const flag of words.filter((word) => word.startsWith('--')))
        expect(help, line).toMatch(new RegExp(`${flag}\\b`));
    }
  });

  test('its settings are valid, and its roles are all there are', () => {
    const { settings } = JSON.parse(fenced(page, 'json')[0]!) as { settings: { accounts: unknown } };
    expect(accountSettings.parse(settings.accounts)).toEqual(settings.accounts);
    const table = [...page.matchAll(/^\| `([a-z-]+)` \| (.*) \|$/gm)].map(([, role, words]) => [role, words]);
    expect(Object.fromEntries(table)).toEqual(roleWords);
  });
});
