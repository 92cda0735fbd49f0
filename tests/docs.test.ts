import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseLicenceRequest, parseOfferTerms, readSource } from '@symbolon/agreement';
import { run } from '@symbolon/cli';
import { settingsSchema as computeSettings } from '@symbolon/compute';
import { errorCodes } from '@symbolon/crypto';
import { accountSettings, roleWords } from '@symbolon/service';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { texts } from '../apps/console/web/texts/index.ts';
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

describe.each(['docs/own-data.md', 'docs/operations.md'])('%s', (name) => {
  const page = readFileSync(join(root, name), 'utf8');
  const lines = [
    ...fenced(page, '')
      .join('\n')
      .matchAll(/^symbolon (.+?)(?: +#.*)?$/gm),
  ].map(([, line]) => line!);

  test('has commands', () => expect(lines.length).toBeGreaterThan(3));

  test.each(lines)('symbolon %s', async (line) => {
    const [first = '', second = ''] = line.split(' ');
    const group = /\nCommands:\n/.test(await said([first, '--help']));
    const words = group ? [first, second] : [first];
    const text = await said([...words, '--help']);
    expect(text).toContain(`Usage: symbolon ${words.join(' ')} `);
    for (const [, flag] of line.matchAll(/ (--[a-z-]+)/g)) expect(text).toMatch(new RegExp(`${flag}\\b`));
  });

  test('errors that it names are known', () => {
    for (const [, codes] of page.matchAll(/^\| (`[a-z-]+`(?:, `[a-z-]+`)*) \| [a-z]/gm)) {
      for (const code of codes!.split(', ')) expect(Object.keys(errorCodes)).toContain(code.slice(1, -1));
    }
  });
});

test('docs/console.md: what it has people click stands in the console', () => {
  const page = readFileSync(join(root, 'docs/console.md'), 'utf8');
  const all = JSON.stringify(texts);
  const named = [...page.matchAll(/\*\*(.+?)\*\*/g)].map(([, words]) => words!);
  expect(named.length).toBeGreaterThan(20);
  for (const words of named) expect(all, words).toContain(`"${words}"`);
});

test('links between pages of the documentation lead somewhere', () => {
  const pages = readdirSync(join(root, 'docs')).filter((file) => file.endsWith('.md'));
  const anchors = (file: string): string[] =>
    [...readFileSync(join(root, 'docs', file), 'utf8').matchAll(/^#+ (.+)$/gm)].map(([, heading]) =>
      heading!
        .toLowerCase()
        .replace(/[^\p{L}\p{N}\s_-]/gu, '')
        .trim()
        .replace(/\s/g, '-'),
    );
  for (const file of pages) {
    for (const [, target] of readFileSync(join(root, 'docs', file), 'utf8').matchAll(/\]\(([^)]+)\)/g)) {
      const [path = '', anchor] = target!.split('#');
      if (/^[a-z]+:/.test(target!)) continue;
      expect(existsSync(join(root, 'docs', path)), `${file} links to ${target}`).toBe(true);
      if (anchor === undefined || !/^[\w-]*(\.md)?$/.test(path)) continue;
      expect(anchors(path === '' ? file : path), `${file} links to ${target}`).toContain(anchor);
    }
  }
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

test('docs/outsourcing.md: its agreements can be drafted', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'symbolon-docs-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const blocks = fenced(readFileSync(join(root, 'docs/outsourcing.md'), 'utf8'), 'yaml');
  const agreements = blocks.filter((text) => text.startsWith('title: '));
  expect(agreements).toHaveLength(2);
  for (const [i, text] of agreements.entries()) {
    const file = join(folder, `${i}.yaml`);
    writeFileSync(file, text);
    expect(await said(['agreement', 'check', file])).toBe(`${file} says an agreement that can be drafted.\n`);
  }
});

test("docs/outsourcing.md: its model is one of the agreement's, and of the server's settings", async () => {
  const page = readFileSync(join(root, 'docs/outsourcing.md'), 'utf8');
  const [agreed, settings] = fenced(page, 'json').map((text) => JSON.parse(text) as { models: object });
  const folder = mkdtempSync(join(tmpdir(), 'symbolon-docs-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, 'agreement.yaml');
  const [agreement] = fenced(page, 'yaml');
  writeFileSync(file, agreement!.replace('outsourcing:\n', `outsourcing:\n  models: ${JSON.stringify(agreed)}\n`));
  expect(await said(['agreement', 'check', file])).toBe(`${file} says an agreement that can be drafted.\n`);
  expect(computeSettings.parse(settings).models).toEqual(settings!.models);
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
