import type { ChildProcess } from 'node:child_process';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { requestLink } from '../src/index.ts';
import { forkDying } from './dying.ts';
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

/** Starts a role as a process that dies where its script's argument says; resolves when it listens. */
async function startDying(role: 'fred' | 'sally' | 'keys', at: string | number): Promise<{ died: Promise<void> }> {
  const dying = await forkDying(network, role, at);
  child = dying.child;
  return dying;
}

const ask = (agreement: string) => requestLink(network.homes.fred.path, { agreement });

/** The next run works, on keys of its own, and every log is sound. */
async function nextRunWorks(agreement: string): Promise<void> {
  await network.start();
  expect(await ask(agreement)).toMatchObject({ state: 'done', details: { matches: 5 } });
  for (const side of [network.fred, network.sally]) {
    const runs = await side(({ links }) => links.list());
    expect(runs).toHaveLength(2);
    expect(runs[0]!.state).toMatch(/^(failed|aborted)$/);
    expect(runs[0]!.session === null || runs[0]!.session !== runs[1]!.session).toBe(true);
    expect(runs[0]!.attempt).not.toBe(runs[1]!.attempt);
    expect(await side(({ audit }) => audit.verify())).toMatchObject({ ok: true, statements: 1 });
  }
}

// A party's frames: 0 hello, 1 ready (session burned), 4 an input, 6 signature, 8 a round, 12 the statement.
test.each([0, 1, 4, 6, 8, 12])('a party killed before frame %i leaves nothing that is in the way', async (frame) => {
  const agreement = await agree(network);
  const { died } = await startDying('sally', frame);
  await expect(ask(agreement)).rejects.toMatchObject({ code: 'peer-gone', culprit: 'sally' });
  await died;
  expect((await network.sally(({ links }) => links.list())).map(({ state }) => state)).toEqual(['running']);
  await nextRunWorks(agreement);
});

test.each([1, 6, 8, 12])('nor does the party that began, killed before frame %i', async (frame) => {
  const agreement = await agree(network);
  const { died } = await startDying('fred', frame);
  await expect(ask(agreement)).rejects.toMatchObject({ code: 'peer-gone', culprit: 'fred' });
  await died;
  await vi.waitFor(async () => {
    const [run] = await network.sally(({ links }) => links.list());
    expect(run).toMatchObject({ state: 'failed', error: expect.stringMatching(/^peer-gone: .*fred/) });
  });
  await nextRunWorks(agreement);
});

test.each(['/sessions', '/answer'])('nor does the key service, killed before it answers …%s', async (address) => {
  const agreement = await agree(network);
  const { died } = await startDying('keys', address);
  await expect(ask(agreement)).rejects.toMatchObject({ code: 'keyservice-down', culprit: 'keys' });
  await died;
  await nextRunWorks(agreement);
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
