import { hex } from '@symbolon/crypto';
import { FrameSocket } from '@symbolon/service';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { requestLink } from '../src/index.ts';
import { agreeBlocked, blockedNetwork, expected, pairsOf, shared, tableBytes } from './blocked.ts';
import type { Terms, TestNetwork } from './network.ts';

let network: TestNetwork;
const send = FrameSocket.prototype.send;

beforeEach(async () => {
  network = await blockedNetwork();
  await network.start();
});
afterEach(async () => {
  vi.restoreAllMocks();
  await network.close();
});

const agreed = (link?: Terms['link'], pads?: Terms['pads']) => agreeBlocked(network, link, pads);
const ask = (agreement: string) => requestLink(network.homes.fred.path, { agreement });
const pairs = (runs: { fred: number; sally: number }) => pairsOf(network, runs);

test.each(['expanded', 'full'] as const)('a link by blocking, with %s pads', async (pads) => {
  const agreement = await agreed({}, pads);
  const run = await ask(agreement);
  expect(run).toMatchObject({ state: 'done', details: { sessions: 3, shards: 2 } });
  const found = await pairs({ fred: run.id, sally: 1 });
  expect(found.filter((pair) => expected.includes(pair))).toEqual(expected);
  for (const side of [network.fred, network.sally]) {
    expect(await side(({ audit }) => audit.verify())).toMatchObject({ ok: true, statements: 1, faults: [] });
  }
});

test('a line that breaks in mid-shard costs another try with other keys, and the run completes', async () => {
  const agreement = await agreed();
  const frames: { socket: FrameSocket; frame: string }[] = [];
  let broken: FrameSocket | undefined;
  let big = 0;
  vi.spyOn(FrameSocket.prototype, 'send').mockImplementation(async function (this: FrameSocket, frame: Uint8Array) {
    frames.push({ socket: this, frame: hex(frame.subarray(0, 64)) });
    // Sally's store of a shard; her line of that session breaks without a word.
    if (broken === undefined && this.peer === 'fred' && frame.length > tableBytes && ++big === 2) {
      broken = this;
      await this.close();
      return;
    }
    await send.call(this, frame);
  });
  const run = await ask(agreement);
  expect(run).toMatchObject({ state: 'done', details: { sessions: 3, shards: 2 } });
  // What begins with { is no masked byte: that both hold the keys, each in the same words.
  const before = frames.filter(
    ({ socket, frame }) => socket === broken && frame.length >= 64 && !frame.startsWith('7b'),
  );
  const after = new Set(frames.filter(({ socket }) => socket !== broken).map(({ frame }) => frame));
  expect(before.length).toBeGreaterThan(1);
  for (const { frame } of before) expect(after.has(frame)).toBe(false);
  expect((await pairs({ fred: run.id, sally: 1 })).filter((pair) => expected.includes(pair))).toEqual(expected);
  for (const side of [network.fred, network.sally]) {
    expect(await side(({ audit }) => audit.verify())).toMatchObject({ ok: true });
  }
});

test('a shard that fails whenever it is tried ends the run by name, and the next run works', async () => {
  const agreement = await agreed();
  vi.spyOn(FrameSocket.prototype, 'send').mockImplementation(async function (this: FrameSocket, frame: Uint8Array) {
    if (this.peer === 'fred' && frame.length > tableBytes) await this.close();
    else await send.call(this, frame);
  });
  await expect(ask(agreement)).rejects.toMatchObject({
    code: 'peer-gone',
    culprit: 'sally',
    message: expect.stringMatching(/shard \d failed 6 times/),
  });
  vi.restoreAllMocks();
  expect(await ask(agreement)).toMatchObject({ state: 'done' });
  const [failed, done] = await network.sally(({ links }) => links.list());
  expect([failed!.state, done!.state]).toEqual(['failed', 'done']);
  expect(failed!.openedAt).toBeNull();
});

test('many-to-one, for one side alone, and their number alone', async () => {
  const one = await ask(await agreed({ cardinality: 'many-to-one', learn: 'a' }));
  expect(one.details!.matches).toBeGreaterThanOrEqual(shared);
  expect(await network.sally(({ links }) => links.show(1))).toMatchObject({ details: { matches: null } });
});
