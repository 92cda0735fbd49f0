import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { run } from '@symbolon/cli';
import { describe, expect, test, vi } from 'vitest';
import { root } from './support/script.ts';

/** Blocks that are data or code, by page and language, and the test that reads the page and uses them. */
const used: Readonly<Record<string, string>> = {
  'agreements.md sql': 'packages/linkage/test/docs.test.ts',
  'alert-inbox.md json': 'apps/party/test/alert-inbox-docs.test.ts',
  'alert-inbox.md js': 'apps/party/test/alert-inbox-docs.test.ts',
  'alert-inbox.md python': 'apps/party/test/alert-inbox-docs.test.ts',
  'alert-sources.md json': 'tests/docs-alert-sources.test.ts',
  'alerts.md yaml': 'tests/docs-alerts.test.ts',
  'api.md json': 'apps/party/test/api-docs.test.ts',
  'market.md yaml': 'tests/docs.test.ts',
  'matching.md sql': 'packages/linkage/test/all-pairs/docs.test.ts',
  'outsourcing.md yaml': 'tests/docs.test.ts',
  'outsourcing.md json': 'tests/docs.test.ts',
  'people.md json': 'tests/docs.test.ts',
  'records.md json': 'tests/docs-records.test.ts',
  'records.md sql': 'tests/docs-records.test.ts',
  'registry.md json oprf': 'tests/docs-registry.test.ts',
  'registry.md json module': 'tests/docs-registry.test.ts',
  'registry.md json centre': 'tests/docs-registry.test.ts',
  'rules.md sql': 'packages/linkage/test/docs.test.ts',
  'running-studies.md yaml': 'tests/docs.test.ts',
  'studies.md yaml': 'packages/analytics/test/study/docs.test.ts',
};

/** Blocks that no test runs, and why. */
const exempt: Readonly<Record<string, string>> = {
  'databases.md sql': 'makes a role, as a superuser of PostgreSQL',
  'operations.md ini': 'a unit of systemd, installed as root',
};

/** Commands that no test types, and what tests them. */
const elsewhere: Readonly<Record<string, string>> = {
  'alerts retry': 'its operation: apps/party/test/alert-delivery.test.ts',
  'card agent': 'the agent itself: apps/workstation/test/agent.test.ts',
  'card break-glass': 'the visit itself: apps/workstation/test/practice.test.ts',
  'card erase': 'its proof and its records: apps/registry/test/module/visits.test.ts, centre/records/records.test.ts',
  'card list': 'run by apps/workstation/test/command.test.ts, which leaves out the group',
  'market counter': 'its operation: apps/party/test/market.test.ts',
  'serve centre': 'started as a process by tests/rehearse-registry.test.ts',
  'serve module': 'started as a process by tests/rehearse-registry.test.ts',
  'serve oprf': 'started as a process by tests/rehearse-registry.test.ts',
};

const pages = readdirSync(join(root, 'docs')).filter((file) => file.endsWith('.md'));
const blocksOf = (file: string): { language: string; text: string }[] =>
  [...readFileSync(join(root, 'docs', file), 'utf8').matchAll(/^```(.*)\n([\s\S]*?)^```$/gm)].map(
    ([, language, text]) => ({ language: language!.trim(), text: text! }),
  );

/** Commands of the pages, as they are typed, with their page. */
const lines = pages.flatMap((page) => {
  const script = blocksOf(page)
    .filter(({ language }) => language === '')
    .map(({ text }) => text.replaceAll('\\\n', ' '))
    .join('\n');
  const typed = script.matchAll(/(?:^|[$] +|&& |run )symbolon (?:-- )?([a-z][^\n#|&>]*)/gm);
  return [...typed].map(([, line]) => [line!.trim(), page] as const);
});

/** The first one or two words of a command: `link run`, `doctor`. */
function wordsOf(line: string): string {
  const [first, second = ''] = line.split(/ +/);
  return /^[a-z][a-z-]+$/.test(second) && !alone.has(first!) ? `${first} ${second}` : first!;
}

/** Commands without commands of their own. */
const alone = new Set(['doctor', 'init', 'login', 'logout', 'whoami', 'demo']);

async function helpOf(words: string): Promise<string> {
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
  return text;
}

/** Names and texts of tests, but for those that only read pages. */
const tests = ['tests', 'apps/cli/test', 'apps/workstation/test'].flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && !/docs[^/]*\.test\.ts$/.test(name))
    .map((name) => [name, readFileSync(join(root, folder, name), 'utf8')] as const),
);

/** Whether a test types a command, in a script or as a list of words; tests that are named after a group leave that out. */
function isRun(words: string): boolean {
  const [group, name] = words.split(' ');
  if (name === undefined) return tests.some(([, text]) => new RegExp(`symbolon ${group}\\b|'${group}\\b`).test(text));
  const typed = new RegExp(`\\b${group} ${name}\\b|'${group}',\\s*'${name}'|${group}\\('${name}'`);
  const own = new RegExp(`[[(]'${name}'`);
  return tests.some(([file, text]) => typed.test(text) || (file.includes(group!) && own.test(text)));
}

describe('what stands in blocks of the documentation', () => {
  test('is used by a test that reads its page, or it is said why not', () => {
    const other = pages.flatMap((page) =>
      blocksOf(page).flatMap(({ language }) => (language === '' ? [] : [`${page} ${language}`])),
    );
    expect([...new Set(other)].sort()).toEqual([...Object.keys(used), ...Object.keys(exempt)].sort());
    for (const [block, file] of Object.entries(used)) {
      expect(readFileSync(join(root, file), 'utf8'), `${relative(root, file)} reads ${block}`).toContain(
        block.split(' ')[0]!,
      );
    }
  });

  test.each(lines)('symbolon %s (%s) is a command, with these options', async (line) => {
    const rest = line.split(/ +/);
    let words = rest.shift()!;
    let help = await helpOf(words);
    while (/\nCommands:\n/.test(help)) {
      words += ` ${rest.shift()}`;
      help = await helpOf(words);
    }
    expect(help).toContain(`Usage: symbolon ${words}`);
    for (const [flag] of line.matchAll(/(?<= )--[a-z][a-z-]*/g)) expect(help).toMatch(new RegExp(`${flag}\\b`));
  });

  test('as commands are run by tests of the command line', () => {
    const never = [...new Set(lines.map(([line]) => wordsOf(line)))].filter((words) => !isRun(words));
    expect(never.sort()).toEqual(Object.keys(elsewhere).sort());
  });
});
