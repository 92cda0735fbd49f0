import type { ChildProcess } from 'node:child_process';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { hex } from '@symbolon/crypto';
import { createLogger, FrameSocket, homePaths } from '@symbolon/service';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { requestLink } from '../src/index.ts';
import { agreeBlocked, blockedNetwork, expected, pairsOf, tableBytes } from './blocked.ts';
import { forkDying } from './dying.ts';
import type { TestNetwork } from './network.ts';

// One case of each kind; all of them with SLOW=1.
const slow = process.env.SLOW === '1';

let network: TestNetwork;
let agreement: string;
let child: ChildProcess | undefined;
const send = FrameSocket.prototype.send;
/** What the masked frames of this process begin with. */
let masked: string[];
/** Told of every frame of this process, before it goes. */
let watch: (to: string, frame: Uint8Array) => void;

beforeEach(async () => {
  masked = [];
  watch = () => undefined;
  network = await blockedNetwork();
  await network.start();
  agreement = await agreeBlocked(network);
  vi.spyOn(FrameSocket.prototype, 'send').mockImplementation(function (this: FrameSocket, frame: Uint8Array) {
    // What begins with { is a message, and masked by nothing.
    if (frame.length >= 64 && frame[0] !== 0x7b) masked.push(hex(frame.subarray(0, 64)));
    watch(this.peer, frame);
    return send.call(this, frame);
  });
});
afterEach(async () => {
  vi.restoreAllMocks();
  child?.kill('SIGKILL');
  await network.close();
});

const ask = () => requestLink(network.homes.fred.path, { agreement });

/** Ids of the sessions whose keys a party used. */
function burned(side: 'fred' | 'sally'): string[] {
  const sqlite = new DatabaseSync(homePaths(network.homes[side].path).database, { readOnly: true });
  try {
    return sqlite
      .prepare('SELECT id FROM burned_session ORDER BY burned_at')
      .all()
      .map(({ id }) => id as string);
  } finally {
    sqlite.close();
  }
}

/** A run of three sessions finds everybody, and all that was ever masked, in it or before, was masked by other pads. */
async function runWorks(): Promise<void> {
  const before = { fred: burned('fred'), sally: burned('sally') };
  const run = await ask();
  expect(run).toMatchObject({ state: 'done', details: { sessions: 3, shards: 2 } });
  for (const side of ['fred', 'sally'] as const) {
    const fresh = burned(side).filter((id) => !before[side].includes(id));
    expect(fresh).toHaveLength(3);
    expect(before[side === 'fred' ? 'sally' : 'fred']).not.toEqual(expect.arrayContaining(fresh));
  }
  await everybodyFound(run.id);
}

async function everybodyFound(run: number): Promise<void> {
  const last = (await network.sally(({ links }) => links.list())).at(-1)!;
  const found = await pairsOf(network, { fred: run, sally: last.id });
  expect(found.filter((pair) => expected.includes(pair))).toEqual(expected);
  expect(masked.length).toBeGreaterThan(10);
  expect(new Set(masked).size).toBe(masked.length);
  for (const side of [network.fred, network.sally]) {
    expect(await side(({ audit }) => audit.verify())).toMatchObject({ ok: true, faults: [] });
  }
}

test.each(slow ? (['sally', 'fred'] as const) : (['sally'] as const))(
  '%s, killed in mid-shard, ends the run by name; the next one works',
  async (victim) => {
    const { child: process, died } = await forkDying(network, victim, 1, tableBytes);
    child = process;
    await expect(ask()).rejects.toMatchObject({ code: 'peer-gone', culprit: victim });
    await died;
    const survivor = victim === 'sally' ? network.fred : network.sally;
    await vi.waitFor(async () => {
      const [run] = await survivor(({ links }) => links.list());
      expect(run).toMatchObject({ state: 'failed', openedAt: null, error: expect.stringMatching(/^peer-gone: /) });
    });
    expect(burned(victim).length).toBeGreaterThan(0);
    await network.start();
    await runWorks();
  },
);

// Of three sessions, both ask for the keys of the last one with requests 5 and 6, and the answer key of each session is one request.
test.each(
  slow
    ? ([
        ['a shard’s keys', '/sessions', 1],
        ['a shard’s answer key', '/answer', 1],
        ['the last session’s keys', '/sessions', 5],
      ] as const)
    : ([['a shard’s answer key', '/answer', 1]] as const),
)(
  'a key service that is killed before it answers with %s, and is back after four seconds, costs another try with other keys',
  async (_, address, which) => {
    const { child: process, died } = await forkDying(network, 'keys', address, which);
    child = process;
    const restarted = died.then(() => setTimeout(4000)).then(() => network.start());
    const texts: string[] = [];
    const run = await requestLink(network.homes.fred.path, {
      agreement,
      onProgress: ({ text }) => void texts.push(text),
    });
    await restarted;
    expect(run).toMatchObject({ state: 'done', details: { sessions: 3, shards: 2 } });
    expect(texts).toContain('waiting for the key service');
    if (address === '/answer') expect(burned('fred').length).toBeGreaterThan(3);
    await everybodyFound(run.id);
    await runWorks();
  },
);

test.runIf(slow)(
  'with SLOW=1: the session that opens the result is not tried again once it has the shares',
  async () => {
    const { child: process, died } = await forkDying(network, 'keys', '/answer', 3);
    child = process;
    const restarted = died.then(() => setTimeout(1000)).then(() => network.start());
    await expect(ask()).rejects.toMatchObject({ code: 'keyservice-down', culprit: 'keys' });
    await restarted;
    await runWorks();
  },
);

test.runIf(slow)(
  'with SLOW=1: a key service that is killed in mid-shard and stays away ends the run by name; the next one works',
  async () => {
    const { child: process, died } = await forkDying(network, 'keys', '/answer');
    child = process;
    await expect(ask()).rejects.toMatchObject({
      code: 'keyservice-down',
      culprit: 'keys',
      message: expect.stringMatching(/shard \d failed 6 times/),
    });
    await died;
    await network.start();
    await runWorks();
  },
);

test.each(slow ? (['fred', 'sally'] as const) : (['sally'] as const))(
  'a thread of %s that crashes in mid-shard costs another try',
  async (side) => {
    const warned: string[] = [];
    const logger = createLogger({ id: side, logLevel: 'warn' }, { write: (line: string) => void warned.push(line) });
    const workers = new Set<Worker>();
    const { postMessage } = Worker.prototype;
    vi.spyOn(Worker.prototype, 'postMessage').mockImplementation(function (this: Worker, ...args) {
      workers.add(this);
      return postMessage.apply(this, args);
    });
    for (const role of ['fred', 'sally'] as const) await network.stop(role);
    await network.start({ [side]: { logger } });
    let tables = 0;
    watch = (to, frame) => {
      if (to !== side || frame.length < tableBytes || ++tables > 1) return;
      // Every server starts one thread at once, fred's first; others when there is work for them.
      const [first, second] = [...workers].sort((x, y) => x.threadId - y.threadId);
      // What is no port breaks the thread's script.
      postMessage.call({ fred: first!, sally: second! }[side], 'no port');
    };
    const run = await ask();
    expect(run).toMatchObject({ state: 'done', details: { sessions: 3, shards: 2 } });
    expect(warned.join()).toContain('thread-lost');
    for (const of of ['fred', 'sally'] as const) expect(burned(of)).toHaveLength(4);
    await everybodyFound(run.id);
  },
);
