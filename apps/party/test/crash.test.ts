import { type ChildProcess, fork } from 'node:child_process';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { requestLink } from '../src/index.ts';
import { agree, type TestNetwork, testNetwork } from './network.ts';

let network: TestNetwork;
let child: ChildProcess | undefined;
beforeEach(async () => {
  network = await testNetwork();
  await network.start();
});
afterEach(async () => {
  child?.kill('SIGKILL');
  await network.close();
});

/** Starts sally as a process that dies before its frame of this number; resolves when it listens. */
async function startDyingSally(frame: number): Promise<{ died: Promise<void> }> {
  const script = join(import.meta.dirname, 'dying-party.ts');
  const dying = fork(script, [network.homes.sally.path, String(frame)], { execArgv: [] });
  child = dying;
  const died = new Promise<void>((resolve) => dying.once('exit', () => resolve()));
  await Promise.race([new Promise((resolve) => dying.once('message', resolve)), died]);
  return { died };
}

const ask = (agreement: string) => requestLink(network.homes.fred.path, { agreement });

// Sally's frames: 0 hello, 1 ready (session burned), 4 an input, 6 signature, 8 a round, 12 the statement.
test.each([0, 1, 4, 6, 8, 12])('a party killed before frame %i leaves nothing that is in the way', async (frame) => {
  const agreement = await agree(network);
  await network.stop('sally');
  const { died } = await startDyingSally(frame);
  await expect(ask(agreement)).rejects.toMatchObject({ code: 'peer-gone', culprit: 'sally' });
  await died;
  expect((await network.sally(({ links }) => links.list())).map(({ state }) => state)).toEqual(['running']);
  await network.start();
  expect(await ask(agreement)).toMatchObject({ state: 'done', details: { matches: 5 } });
  const runs = await network.sally(({ links }) => links.list());
  expect(runs.map(({ state }) => state)).toEqual(['aborted', 'done']);
  expect(runs[0]!.session === null || runs[0]!.session !== runs[1]!.session).toBe(true);
  expect(runs[0]!.attempt).not.toBe(runs[1]!.attempt);
  for (const side of [network.fred, network.sally]) {
    expect(await side(({ audit }) => audit.verify())).toMatchObject({ ok: true, statements: 1 });
  }
});

test('a session whose keys were used is refused, whoever offers it', async () => {
  const agreement = await agree(network);
  const { session } = await ask(agreement);
  await network.stop('fred');
  const { openContext } = await import('../src/context.ts');
  const context = await openContext(network.homes.fred.path);
  try {
    const id = await context.runs.start(agreement, 'another-attempt');
    await expect(context.runs.burn(id, session!)).rejects.toMatchObject({ code: 'session-burned' });
  } finally {
    await context.close();
  }
});
