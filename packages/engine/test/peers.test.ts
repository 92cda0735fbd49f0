import { setImmediate } from 'node:timers/promises';
import { createKernels } from '@symbolon/kernels';
import { describe, expect, test } from 'vitest';
import type { Channel, Plan } from '../src/index.ts';
import { MAX_FRAME, PartySession, PlanBuilder, pack, unpack, withInputPads } from '../src/index.ts';
import { memoryNetwork, runSecure, seeds } from './network.ts';

const words = (size: number) => ({ kind: 'ring', bits: 64, size }) as const;

function productPlan(size: number): Plan {
  const b = new PlanBuilder(2);
  const [x, y] = [b.input('x', 0, { ring: 64, size }), b.input('y', 1, { ring: 64, size })];
  b.reveal(b.multiply(x, y), [0, 1], 'z');
  return b.build();
}

/** p0 of a session whose peer sends these frames. */
function victim(frames: readonly Uint8Array[], plan = productPlan(4)) {
  const queue = [...frames];
  const channel: Channel = {
    send: async () => undefined,
    receive: async () => {
      const frame = queue.shift();
      if (frame === undefined) throw new Error('the channel reports a silent peer');
      return frame;
    },
  };
  const masks = seeds(2, 1);
  const session = new PartySession({
    plan,
    index: 0,
    channel,
    kernels: createKernels(),
    masks: { own: masks.own[0]!, pairs: [undefined, masks.pair(0, 1)] },
    name: (party) => ['fred', 'sally'][party]!,
  });
  return {
    session,
    exchange: () => session.exchange({ x: pack(words(4), [1n, 2n, 3n, 4n]) }, new Uint8Array(32).fill(1)),
  };
}

describe('what a peer sends is checked before it is touched', () => {
  const salt = new Uint8Array(32).fill(2);
  test.each([
    ['a frame too short', [salt, new Uint8Array(31)], 'frame-shape'],
    ['a frame too long for its place', [salt, new Uint8Array(40)], 'frame-shape'],
    ['a frame longer than any', [salt, new Uint8Array(MAX_FRAME + 1)], 'frame-too-long'],
    ['a random start of the wrong length', [new Uint8Array(16)], 'frame-shape'],
  ] as const)('%s', async (_, frames, code) => {
    const { exchange } = victim(frames);
    await expect(exchange()).rejects.toMatchObject({ code, culprit: 'sally' });
  });

  test('its own random start, sent back', async () => {
    const { exchange } = victim([new Uint8Array(32).fill(1), new Uint8Array(32)]);
    await expect(exchange()).rejects.toMatchObject({ code: 'frame-order' });
  });

  test('an answer key that ends early names the key service', async () => {
    const { session, exchange } = victim([salt, new Uint8Array(32), new Uint8Array(32)]);
    await exchange();
    const stages = session.evaluate({ read: async () => new Uint8Array(3) });
    await expect(stages.next()).rejects.toMatchObject({ code: 'frame-shape', culprit: 'key service' });
  });
});

test('the masked data that parties hold is one: a peer that sends others different data shows in the hash', async () => {
  const hash = async (byte: number) => {
    const { exchange } = victim([new Uint8Array(32).fill(2), new Uint8Array(32).fill(byte)]);
    return Buffer.from(await exchange()).toString('hex');
  };
  expect(await hash(7)).toBe(await hash(7));
  expect(await hash(7)).not.toBe(await hash(8));
});

test('owners check the range of their values and name input and element, not the value', async () => {
  const b = new PlanBuilder(2);
  b.reveal(b.input('age', 0, { ring: 16, size: 3, range: [0n, 120n] }), [1], 'age');
  const { session } = victim([], b.build());
  const inputs = { age: pack({ kind: 'ring', bits: 16, size: 3 }, [7n, 121n, 8n]) };
  await expect(session.exchange(inputs, new Uint8Array(32))).rejects.toMatchObject({
    code: 'data-out-of-range',
    message: expect.stringMatching(/element 1 of input 'age'/),
  });
});

test('the range is that of the values, wherever in a buffer they stand', async () => {
  const b = new PlanBuilder(2);
  b.reveal(b.input('x', 0, { ring: 64, size: 2, range: [0n, 5n] }), [1], 'x');
  const at = (...values: bigint[]): Buffer => {
    const bytes = Buffer.alloc(24, 255);
    for (const [i, value] of values.entries()) bytes.writeBigUInt64LE(value, 4 + 8 * i);
    return bytes.subarray(4, 20);
  };
  await expect(runSecure(b.build(), { x: at(1n, 5n) })).resolves.toBeDefined();
  await expect(runSecure(b.build(), { x: at(1n, 1n << 34n) })).rejects.toMatchObject({
    message: expect.stringMatching(/element 1 of/),
  });
});

test('truncation without the borrow is the floor or one more', async () => {
  const b = new PlanBuilder(2);
  const x = b.input('x', 0, { ring: 64, size: 200, range: [-(1n << 61n), 1n << 61n] });
  b.reveal(b.truncate(x, 13), [0], 't');
  const values = Array.from({ length: 200 }, (_, i) => (BigInt(i) - 100n) * 123456789012345n);
  const { outputs } = await runSecure(b.build(), { x: pack(words(200), values) });
  const off = unpack(words(200), outputs[0]!.t!).map((t, i) => BigInt.asIntN(64, t) - (values[i]! >> 13n));
  expect(new Set(off)).toEqual(new Set([0n, 1n]));
});

test('full pads replace exactly the masks of inputs', async () => {
  const plan = productPlan(4);
  const masks = seeds(2, 1);
  const pads = masks.own.map((own, i) => withInputPads(own, () => new Uint8Array(32).fill(90 + i)));
  const inputs = { x: pack(words(4), [1n, 2n, 3n, 4n]), y: pack(words(4), [5n, 6n, 7n, 8n]) };
  const { outputs, frames } = await runSecure(plan, inputs, { ...masks, own: pads });
  expect(unpack(words(4), outputs[1]!.z!)).toEqual([5n, 12n, 21n, 32n]);
  const masked = frames.filter(({ from }) => from === 0)[1]!.frame;
  expect(unpack(words(4), masked)).toEqual([1n, 2n, 3n, 4n].map((x) => x + 0x5a5a5a5a5a5a5a5an));
});

test('a full pad that is too short masks nothing: it is refused', async () => {
  const masks = seeds(2, 1);
  const pads = masks.own.map((own) => withInputPads(own, () => new Uint8Array(31).fill(90)));
  const inputs = { x: new Uint8Array(32).fill(1), y: new Uint8Array(32).fill(2) };
  await expect(runSecure(productPlan(4), inputs, { ...masks, own: pads })).rejects.toThrow(RangeError);
});

test('another attempt with other keys shares no frame with the first', async () => {
  const plan = productPlan(64);
  const inputs = { x: new Uint8Array(512).fill(1), y: new Uint8Array(512).fill(2) };
  const sent = async (seed: number) =>
    (await runSecure(plan, inputs, seeds(2, seed))).frames.filter(({ frame }) => frame.length > 32);
  const [first, second] = [await sent(1), await sent(2)];
  for (const [i, { frame }] of first.entries()) {
    const same = frame.filter((byte, at) => byte === second[i]!.frame[at]).length;
    expect(same / frame.length).toBeLessThan(0.05);
  }
});

test('nothing of a session is left in memory when it ends', async () => {
  const inputs = { x: new Uint8Array(512).fill(1), y: new Uint8Array(512).fill(2) };
  const { sessions, kernels } = await runSecure(productPlan(64), inputs);
  const left = (memory: WebAssembly.Memory) => new Uint8Array(memory.buffer).subarray(65536).some((byte) => byte !== 0);
  expect(kernels.map(({ arena }) => left(arena.memory))).toEqual([true, true]);
  for (const session of sessions) session.end();
  expect(kernels.map(({ arena }) => left(arena.memory))).toEqual([false, false]);
});

test('a frame that comes after the end does not get into memory that serves another session', async () => {
  const b = new PlanBuilder(3);
  b.reveal(b.remask(b.input('x', 0, { ring: 64, size: 8 })), [0], 'z');
  const masks = seeds(3, 1);
  const kernels = createKernels();
  const salts = [1, 2].map((party) => new Uint8Array(32).fill(party));
  let late: (frame: Uint8Array) => void = () => undefined;
  const channel: Channel = {
    send: async () => undefined,
    receive: async (from) => {
      const salt = salts.shift();
      if (salt) return salt;
      if (from === 1) throw new Error('p1 is gone');
      return new Promise((resolve) => {
        late = resolve;
      });
    },
  };
  const pairs = [undefined, masks.pair(0, 1), masks.pair(0, 2)];
  const session = new PartySession({
    plan: b.build(),
    index: 0,
    channel,
    kernels,
    masks: { own: masks.own[0]!, pairs },
  });
  await session.exchange({ x: new Uint8Array(64) }, new Uint8Array(32));
  await expect(session.evaluate().next()).rejects.toThrow('p1 is gone');
  session.end();
  late(new Uint8Array(64).fill(255));
  await setImmediate();
  expect(new Uint8Array(kernels.arena.memory.buffer).subarray(65536).every((byte) => byte === 0)).toBe(true);
});

test('an ended session neither sends nor goes on', async () => {
  const { session, exchange } = victim([new Uint8Array(32).fill(2), new Uint8Array(32), new Uint8Array(32)]);
  await exchange();
  const stages = session.evaluate({
    read: async (bytes) => {
      session.end();
      return new Uint8Array(bytes);
    },
  });
  await expect(stages.next()).rejects.toMatchObject({ code: 'session-expired' });
});

test('without a seed for each peer no session begins: its reveals would hand over masks', () => {
  const [own] = seeds(2, 1).own;
  const session = (pairs: undefined[]) => () =>
    new PartySession({
      plan: productPlan(4),
      index: 0,
      channel: memoryNetwork(2).channels[0]!,
      kernels: createKernels(),
      masks: { own: own!, pairs },
    });
  expect(session([])).toThrowError(expect.objectContaining({ code: 'frame-shape', culprit: 'key service' }));
  expect(session([undefined, undefined])).toThrowError(
    expect.objectContaining({ code: 'frame-shape', culprit: 'key service' }),
  );
});

test('no step runs twice on the same masks, even after it failed', async () => {
  const { session, exchange } = victim([new Uint8Array(31)]);
  await expect(exchange()).rejects.toMatchObject({ code: 'frame-shape' });
  await expect(exchange()).rejects.toMatchObject({ code: 'session-burned' });
  const stages = () => session.evaluate({ read: async () => new Uint8Array(1) }).next();
  await expect(stages()).rejects.toMatchObject({ code: 'frame-shape' });
  await expect(stages()).rejects.toMatchObject({ code: 'session-burned' });
});

test('a slice of a wire at the very end of memory', async () => {
  const b = new PlanBuilder(2);
  b.reveal(b.slice(b.inputBits('x', 1, 512), 8, 504), [0], 'z');
  const kernels = createKernels();
  const { arena } = kernels;
  const end = arena.memory.buffer.byteLength;
  // One block is left, which the input gets; then there are others, so that nothing makes memory grow.
  const blocks = [arena.alloc(64)];
  while (blocks.at(-1)! < end - 2 * 64) blocks.push(arena.alloc(64));
  const masks = seeds(2, 1);
  const frames = [new Uint8Array(32).fill(1), new Uint8Array(64), new Uint8Array(63)];
  const channel: Channel = { send: async () => undefined, receive: async () => frames.shift()! };
  const pairs = [undefined, masks.pair(0, 1)];
  const session = new PartySession({
    plan: b.build(),
    index: 0,
    channel,
    kernels,
    masks: { own: masks.own[0]!, pairs },
  });
  await session.exchange({}, new Uint8Array(32));
  for (const block of blocks) arena.free(block);
  await expect(session.evaluate().next()).resolves.toMatchObject({ value: [{ name: 'z' }] });
});

test('corrections are wiped where they came from', async () => {
  const { session, exchange } = victim([2, 3, 4, 5].map((byte) => new Uint8Array(32).fill(byte)));
  await exchange();
  const corrections = new Uint8Array(32).fill(7);
  await session.evaluate({ read: async () => corrections }).next();
  expect(corrections).toEqual(new Uint8Array(32));
});

test('memoryNetwork keeps the order of frames', async () => {
  const { channels } = memoryNetwork(2);
  await channels[0]!.send(1, new Uint8Array([1]));
  await channels[0]!.send(1, new Uint8Array([2]));
  expect([(await channels[1]!.receive(0))[0], (await channels[1]!.receive(0))[0]]).toEqual([1, 2]);
});
