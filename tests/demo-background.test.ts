import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { people, peopleClient } from '@symbolon/service';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readState } from '../apps/cli/src/demo/background-state.ts';
import { houseNames, houses, players } from '../apps/cli/src/demo/cast.ts';
import { jsonOf, root, symbolon } from './support/script.ts';

interface Shown {
  readonly state: string;
  readonly consoles: readonly {
    readonly id: string;
    readonly url: string;
    readonly users: readonly { id: string }[];
  }[];
  readonly password: string;
  readonly stopped: readonly string[];
}

/** Folders of a user of this machine who has brought up no demo. */
function sandbox(): { folder: string; env: Record<string, string> } {
  const folder = mkdtempSync(join(tmpdir(), 's-'));
  return { folder, env: { TMPDIR: folder, XDG_STATE_HOME: folder, LOCALAPPDATA: folder } };
}

/** What the demo's servers are, by their folder's name: process ids. */
async function serversIn(folder: string): Promise<Map<string, number>> {
  const ps = spawn('ps', ['-eo', 'pid=,args='], { stdio: ['ignore', 'pipe', 'ignore'] });
  let text = '';
  for await (const part of ps.stdout) text += String(part);
  const lines = text.matchAll(/^ *(\d+) .* serve (?:party|keys) --home (\S+)/gm);
  return new Map(
    [...lines]
      .filter(([, , home]) => home!.startsWith(folder))
      .map(([, pid, home]) => [home!.split('/').at(-1)!, Number(pid)]),
  );
}

describe('the demo in the background', () => {
  const { folder, env } = sandbox();
  const demo = (...args: string[]) => symbolon(folder, ['demo', ...args], env);
  let first: Shown;
  beforeAll(async () => {
    first = jsonOf(await demo('up', '--json')) as Shown;
  });
  afterAll(async () => {
    await demo('down');
    rmSync(folder, { recursive: true, force: true });
  });

  test('lets everybody log in who is listed, with a password of this demo', async () => {
    expect(first.consoles.map(({ id }) => id).sort()).toEqual(['fred', 'institute', 'sally']);
    for (const { url, users } of first.consoles) {
      const client = peopleClient({ url });
      for (const { id } of users) {
        const { user } = await client.call(people.logIn, { body: { user: id, password: first.password } });
        expect(user.id).toBe(id);
      }
      await client.close();
    }
  });

  test('is brought up once, and says where it is', async () => {
    expect([...(await serversIn(folder)).keys()].sort()).toEqual(['fred', 'institute', 'keys', 'sally']);
    expect(jsonOf(await demo('up', '--json'))).toEqual(first);
    expect((await serversIn(folder)).size).toBe(4);
    const { code, stdout } = await demo('status');
    expect(code).toBe(0);
    for (const { url } of first.consoles) expect(stdout).toContain(url);
    expect(stdout).toContain(first.password);
  });

  test('says which server was killed; up starts it again, with all that it knew', async () => {
    process.kill((await serversIn(folder)).get('sally')!, 'SIGKILL');
    await setTimeout(300);
    const { code, stdout } = await demo('status', '--json');
    expect([code, (JSON.parse(stdout) as Shown).stopped]).toEqual([1, ['sally']]);
    expect(jsonOf(await demo('up', '--json'))).toEqual(first);
    const client = peopleClient({ url: first.consoles.find(({ id }) => id === 'sally')!.url });
    await client.call(people.logIn, { body: { user: 'petra', password: first.password } });
    await client.close();
  });

  test('down ends what it started, and removes all of it', async () => {
    expect((await demo('down')).stderr).toMatch(/nothing of it is left/);
    expect((await serversIn(folder)).size).toBe(0);
    expect(readdirSync(join(folder, 'symbolon'))).toEqual([]);
    expect(readdirSync(folder)).toEqual(['symbolon']);
    expect((await demo('status')).code).toBe(1);
    expect(jsonOf(await demo('down', '--json'))).toEqual({ state: 'none', was: false });
  });
});

test('a demo whose keeper was killed leaves no server, and is cleared away', async () => {
  const { folder, env } = sandbox();
  try {
    const up = symbolon(folder, ['demo', 'up', '--json'], env);
    // Killed while the story is played: what it has begun ends with it.
    let pid: number | undefined;
    while (pid === undefined) {
      await setTimeout(100);
      pid = (await serversIn(folder)).size === 3 ? readState(env)?.pid : undefined;
    }
    process.kill(pid, 'SIGKILL');
    expect((await up).code).toBe(1);
    expect((await symbolon(folder, ['demo', 'status'], env)).stderr).toMatch(/ended without being taken down/);
    while ((await serversIn(folder)).size > 0) await setTimeout(100);
    await symbolon(folder, ['demo', 'down'], env);
    expect(readdirSync(folder)).toEqual(['symbolon']);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test('after the story, pages can be opened until Ctrl-C, which is no failure and leaves nothing', async () => {
  const { folder, env } = sandbox();
  // As a terminal does: in a group of processes of its own, all of which Ctrl-C reaches.
  const child = spawn('npm', ['run', 'demo'], {
    cwd: root,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
    detached: true,
  });
  let said = '';
  let interrupted = false;
  for await (const part of child.stderr) {
    said += String(part);
    if (interrupted || !said.includes('Begin at')) continue;
    interrupted = true;
    process.kill(-child.pid!, 'SIGINT');
  }
  const url = /Sally's EHR +(http:\S+) +petra/.exec(said)?.[1];
  expect(url).toBeDefined();
  expect(child.exitCode ?? (await new Promise((resolve) => child.once('exit', resolve)))).toBe(0);
  expect(readdirSync(folder)).toEqual([]);
  await expect(fetch(url!)).rejects.toThrow();
  rmSync(folder, { recursive: true });
});

test('docs/demo.md lists who is there, in their roles', () => {
  const page = readFileSync(join(root, 'docs/demo.md'), 'utf8');
  let console = '';
  const listed = [...page.matchAll(/^\|([^|]*)\| `(\w+)` \| ([^|]+) \|/gm)].map(([, name, user, who]) => {
    console = name!.trim() || console;
    return `${console}: ${user}, ${who}`;
  });
  const there = houses.flatMap((house) =>
    players[house].map(({ id, roles }) => `${houseNames[house]}: ${id}, ${roles.join(', ').replaceAll('-', ' ')}`),
  );
  expect(listed.sort()).toEqual(there.sort());
});
