import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { hex, type SymbolonError } from '@symbolon/crypto';
import { FrameSocket, homePaths } from '@symbolon/service';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { requestLink } from '../src/index.ts';
import { RunStore } from '../src/link/runs.ts';
import { agree, type TestNetwork, testNetwork } from './network.ts';

let network: TestNetwork;
let agreement: string;
const send = FrameSocket.prototype.send;

// One network for all: whatever went wrong in one run, the next ones work.
beforeAll(async () => {
  network = await testNetwork();
  for (const home of [network.homes.fred, network.homes.sally]) {
    const { config } = homePaths(home.path);
    writeFileSync(config, JSON.stringify({ ...JSON.parse(readFileSync(config, 'utf8')), peerSeconds: 5 }));
  }
  await network.start();
  agreement = await agree(network, { maxRuns: 100 });
});
afterEach(() => vi.restoreAllMocks());
afterAll(() => network.close());

const ask = () => requestLink(network.homes.fred.path, { agreement });

type Meddle = (socket: FrameSocket, frame: Uint8Array) => Promise<void>;

/** Sally's frame number `at` goes through `meddle`. Both servers run in this process; frames to fred are sally's. */
function meddleWith(at: number, meddle: Meddle): void {
  let count = 0;
  vi.spyOn(FrameSocket.prototype, 'send').mockImplementation(function (this: FrameSocket, frame: Uint8Array) {
    return this.peer === 'fred' && count++ === at ? meddle(this, frame) : send.call(this, frame);
  });
}

/** The frames of a run as they went by: who they were for, and their bytes. */
function record(): { to: string; frame: Uint8Array }[] {
  const frames: { to: string; frame: Uint8Array }[] = [];
  vi.spyOn(FrameSocket.prototype, 'send').mockImplementation(function (this: FrameSocket, frame: Uint8Array) {
    frames.push({ to: this.peer, frame: frame.slice() });
    return send.call(this, frame);
  });
  return frames;
}

// Sally (p1) sends: 0 hello; on the session's line 1 ready, 2 salt, 3 … inputs of three comparisons, 6 signature, then rounds and that it is done;
// last the statement.
const steps = { hello: 0, ready: 1, salt: 2, input: 3, signature: 6, round: 7 };

const meddles: Record<string, { meddle: Meddle; code: RegExp }> = {
  'too long': {
    meddle: (socket) => send.call(socket, new Uint8Array((1 << 20) + 1)),
    code: /^frame-(too-long|shape)$/,
  },
  'a byte short': { meddle: (socket, frame) => send.call(socket, frame.subarray(1)), code: /^frame-shape$/ },
  twice: {
    meddle: async (socket, frame) => {
      await send.call(socket, frame);
      await send.call(socket, frame);
    },
    code: /^(frame-shape|frame-order|peer-disagrees)$/,
  },
  missing: { meddle: async () => undefined, code: /^(peer-silent|frame-shape|peer-gone)$/ },
};

describe.each(Object.entries(meddles))('a frame that is %s', (_, { meddle, code }) => {
  test.each(Object.entries(steps))(
    'at the %s ends the run on both sides, and the next one works',
    async (_step, at) => {
      const before = await Promise.all([network.fred, network.sally].map((side) => side(({ links }) => links.list())));
      meddleWith(at, meddle);
      const error = (await ask().catch((thrown: unknown) => thrown)) as SymbolonError;
      expect(error.code).toMatch(code);
      expect(error.culprit).toBe('sally');
      vi.restoreAllMocks();
      expect(await ask()).toMatchObject({ state: 'done', details: { matches: 5 } });
      for (const [i, side] of [network.fred, network.sally].entries()) {
        const runs = (await side(({ links }) => links.list())).slice(before[i]!.length);
        expect(runs.map(({ state }) => state)).toEqual(['failed', 'done']);
        expect(runs[0]!.session === null || runs[0]!.session !== runs[1]!.session).toBe(true);
        expect((await side(({ audit }) => audit.verify())).ok).toBe(true);
      }
    },
  );
});

test('a signature over other data is refused by name', async () => {
  meddleWith(steps.signature, (socket, frame) =>
    send.call(
      socket,
      frame.map((byte) => byte ^ 1),
    ),
  );
  await expect(ask()).rejects.toMatchObject({ code: 'hash-mismatch', culprit: 'sally' });
});

test('masked data that were altered under way are found before the answer key is asked for', async () => {
  meddleWith(steps.input, (socket, frame) =>
    send.call(
      socket,
      frame.map((byte, i) => (i === 5 ? byte ^ 1 : byte)),
    ),
  );
  await expect(ask()).rejects.toMatchObject({ code: 'hash-mismatch', culprit: 'sally' });
});

test('a bit that was altered in a round is found in the statement, and no match is kept', async () => {
  meddleWith(steps.round, (socket, frame) =>
    send.call(
      socket,
      frame.map((byte, i) => (i === 0 ? byte ^ 1 : byte)),
    ),
  );
  await expect(ask()).rejects.toMatchObject({ code: expect.stringMatching(/^(peer-disagrees|peer-gone)$/) });
  for (const side of [network.fred, network.sally]) {
    const matches = await side(async ({ links }) => {
      let count = 0;
      const { id } = (await links.list()).at(-1)!;
      for await (const _ of links.matches(id)) count++;
      return count;
    });
    expect(matches).toBe(0);
  }
});

test('a statement with a line feed behind it is kept without, and the server starts again', async () => {
  const { statements } = await network.fred(({ audit }) => audit.verify());
  vi.spyOn(FrameSocket.prototype, 'send').mockImplementation(function (this: FrameSocket, frame: Uint8Array) {
    const statement = this.peer === 'fred' && new TextDecoder().decode(frame.subarray(0, 10)) === '{"payload"';
    return send.call(this, statement ? Uint8Array.of(...frame, 0x0a) : frame);
  });
  expect(await ask()).toMatchObject({ state: 'done' });
  vi.restoreAllMocks();
  await network.stop('fred');
  await network.start();
  expect(await ask()).toMatchObject({ state: 'done' });
  expect(await network.fred(({ audit }) => audit.verify())).toMatchObject({ ok: true, statements: statements + 2 });
});

test('two runs share no session, no masked byte string and no order', async () => {
  const frames = record();
  const first = await ask();
  const split = frames.length;
  const second = await ask();
  expect(second.session).not.toBe(first.session);
  const [before, after] = [frames.slice(0, split), frames.slice(split)];
  expect(after.length).toBe(before.length);
  const seen = new Set(before.map(({ frame }) => hex(frame)));
  for (const { frame } of after) if (frame.length > 8) expect(seen.has(hex(frame))).toBe(false);
  // Five matches of fred's 5 rows and sally's 6: by chance, one time in 5! · 6!, the numbers are the same.
  const numbers = (id: number) =>
    network.fred(async ({ links }) => {
      const found: number[][] = [];
      for await (const { ownNumber, peerRow } of links.matches(id)) found.push([ownNumber, peerRow]);
      return found;
    });
  const [order, other] = [await numbers(first.id), await numbers(second.id)];
  expect(order.length).toBe(5);
  expect(other.length).toBe(5);
  expect(other).not.toEqual(order);
});

test('no masked byte leaves where the session cannot be recorded as burned', async () => {
  const frames = record();
  vi.spyOn(RunStore.prototype, 'burn').mockRejectedValue(new Error('the disk is full'));
  await expect(ask()).rejects.toThrow();
  // Hello and ready, both ways: canonical JSON.
  expect(frames.length).toBe(4);
  for (const { frame } of frames) expect(JSON.parse(Buffer.from(frame).toString())).toHaveProperty('kind');
  vi.restoreAllMocks();
  expect(await ask()).toMatchObject({ state: 'done', details: { matches: 5 } });
});

test('no seed is ever stored, and none is sent to the peer', async () => {
  // Every seed is overwritten in the end: that is where it is seen here.
  const seeds: Uint8Array[] = [];
  const { fill } = Uint8Array.prototype;
  vi.spyOn(Uint8Array.prototype, 'fill').mockImplementation(function (this: Uint8Array, ...args) {
    if (this.length === 32 && args[0] === 0 && this.some((byte) => byte !== 0)) seeds.push(Uint8Array.from(this));
    return fill.apply(this, args) as Uint8Array<ArrayBuffer>;
  });
  const frames = record();
  const run = await ask();
  expect(run).toMatchObject({ state: 'done' });
  // The key service's three and its secret; both parties' two.
  expect(new Set(seeds.map(hex)).size).toBeGreaterThanOrEqual(4);
  const places = [...frames.map(({ frame }) => frame), ...stored(network.folder)].map((bytes) => Buffer.from(bytes));
  for (const seed of seeds) {
    const needles = [Buffer.from(seed), Buffer.from(hex(seed)), Buffer.from(Buffer.from(seed).toString('base64url'))];
    for (const needle of needles) expect(places.some((place) => place.includes(needle))).toBe(false);
  }
  // The search finds what is there.
  const session = Buffer.from((await network.fred(({ links }) => links.show(run.id))).session!);
  expect(stored(network.folder).some((place) => Buffer.from(place).includes(session))).toBe(true);
});

function stored(folder: string): Uint8Array[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((path) => statSync(path).isFile())
    .map((path) => readFileSync(path));
}
