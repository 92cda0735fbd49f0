import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { run } from '@symbolon/cli';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { Organisations } from '../support/organisations.ts';
import { jsonOf, root, symbolon } from '../support/script.ts';

let both: Organisations;

beforeAll(async () => {
  both = new Organisations(symbolon);
});

afterAll(() => both.close());

/** The help of a command, in this process: starting one for each of them would take long. */
async function help(command: readonly string[]): Promise<string> {
  let text = '';
  const write = vi.spyOn(process.stdout, 'write').mockImplementation((chunk) => {
    text += String(chunk);
    return true;
  });
  try {
    expect(await run([...command, '--help'])).toBe(0);
  } finally {
    write.mockRestore();
  }
  return text;
}

test('help, versions and mistyped commands', async () => {
  await both.play(`
    $ symbolon --version
    0.1.0
    $ symbolon partnr
    ! symbolon: unknown command 'partnr'
    !   do    Did you mean partner? See: symbolon --help
    [2]
    $ symbolon data ad x y
    ! symbolon: unknown command 'ad'
    !   do    Did you mean add? See: symbolon data --help
    [2]
    $ symbolon help lnk
    ! symbolon: unknown command 'lnk'
    !   do    Did you mean link? See: symbolon --help
    [2]
    $ symbolon link rnu --help
    ! symbolon: unknown command 'rnu'
    !   do    Did you mean run? See: symbolon link --help
    [2]
    $ symbolon help link run
    Usage: symbolon link run [options] <agreement>
    …
    $ symbolon init
    ! symbolon: missing required argument 'id'
    ! …
    [2]
    $ symbolon data list --hom x
    ! symbolon: unknown option '--hom'
    !   do    Did you mean --home? See: symbolon data list --help
    [2]
    $ symbolon data list --home nowhere
    ! symbolon: …nowhere is not the folder of an organisation
    !   rule  not-found: …
    !   do    Make one with \`symbolon init\`, or name another with --home.
    [1]
    $ symbolon init --help
    Usage: symbolon init [options] <id>
    …
    Examples:
    …
  `);
});

test('every command has --json and an example', async () => {
  const groups = ['partner', 'serve', 'data', 'agreement', 'link', 'audit', 'store', 'rehearse', 'study'];
  const leaves = [['init'], ['doctor'], ['demo'], ['e-coaching']];
  for (const group of groups) {
    const text = await help([group]);
    const list = text.slice(text.indexOf('Commands:')).matchAll(/^ {2}([a-z]+) /gm);
    for (const [, leaf] of list) if (leaf !== 'help') leaves.push([group, leaf!]);
  }
  expect(leaves.length).toBeGreaterThan(20);
  for (const leaf of leaves) {
    const text = await help(leaf);
    expect(text, leaf.join(' ')).toMatch(/--json /);
    expect(text, leaf.join(' ')).toMatch(new RegExp(`\\$ symbolon ${leaf.join(' ')}`));
  }
});

test('a reader that has read enough, as in `… | head`, is no fault', async () => {
  const child = spawn(process.execPath, [join(root, 'apps/cli/bin/symbolon.mjs'), '--help'], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  child.stdout.destroy();
  let said = '';
  child.stderr.on('data', (chunk) => {
    said += String(chunk);
  });
  expect(await new Promise((resolve) => child.once('close', resolve))).toBe(0);
  expect(said).toBe('');
});

test('with --json a failure is one value too', async () => {
  const ran = await symbolon(both.folder, ['data', 'show', 'x', '--home', 'nowhere', '--json']);
  expect(ran.code).toBe(1);
  expect(jsonOf(ran)).toMatchObject({ error: { code: 'not-found', hint: expect.stringContaining('symbolon init') } });
});
