import { Prg } from '@symbolon/crypto';
import { createKernels } from '@symbolon/kernels';
import { describe, expect, test } from 'vitest';
import type { Masks, Plan } from '../src/index.ts';
import { dealCorrections, PartySession, PlanBuilder, pack, unpack } from '../src/index.ts';
import { memoryNetwork, runSecure, seeds } from './network.ts';

/*
 * All randomness at once: one column of two bits a world (see worlds.ts). The orders, which all columns share, take a session of their own for each choice; those
 * of honest parties count as secrets, like inputs.
 */

interface World {
  readonly parties: number;
  /** Both bits of the column, of p1. */
  readonly x: number;
  /** Of each party: whether its order swaps the rows. */
  readonly orders: readonly number[];
}

const OWNER = 1;

async function viewOf({ parties, x, orders }: World, unmasked?: RegExp) {
  const columns = 4 ** (2 * parties);
  const b = new PlanBuilder(parties);
  b.shuffle(Array.from({ length: columns }, (_, i) => b.inputBits(`x${i}`, OWNER, 2)));
  const plan = b.build();
  const variables = new Map<string, number>();
  const drawn = orders.map(() => new Map<string, Uint8Array>());
  const masks = (party: number): Masks => ({
    stream: (label) => ({
      fill(out, offset) {
        const [node, purpose] = label.split('/') as [string, string];
        if (purpose === 'order') {
          // Below a bound of two: its highest bit.
          out[3] = orders[party]! << 7;
          return;
        }
        const column = purpose === 'input' ? Number(node) : offset;
        const name = `${party}/${purpose}`;
        if (!variables.has(name)) variables.set(name, variables.size);
        out[0] = unmasked?.test(label) ? 0 : (column >> (2 * variables.get(name)!)) & 3;
        const values = drawn[party]!.get(purpose) ?? new Uint8Array(columns);
        drawn[party]!.set(purpose, values);
        values[column] = out[0];
      },
    }),
  });
  const own = orders.map((_, party) => masks(party));
  const [answerKey] = [...dealCorrections({ plan, masks: own, kernels: createKernels() })];
  expect(variables.size).toBe(2 * parties);
  const { channels, frames } = memoryNetwork(parties);
  await evaluateAll(plan, own, channels, answerKey!, (i) => ({ [`x${i}`]: new Uint8Array([x]) }), columns);
  return (coalition: readonly number[]): string[] => {
    const values = coalition.flatMap((party) => [...drawn[party]!.values()]);
    if (coalition.includes(0)) values.push(answerKey!);
    const inputs: number[] = [];
    const first = coalition.find((party) => party !== OWNER);
    for (const { from, to, frame } of frames) {
      if (!coalition.includes(to) || coalition.includes(from) || frame.length === 32) continue;
      if (frame.length === columns) values.push(frame);
      else if (to === first) inputs.push(frame[0]!);
    }
    if (inputs.length > 0) values.push(Uint8Array.from(inputs));
    return Array.from({ length: columns }, (_, i) => values.map((value) => value[i]! & 3).join(''));
  };
}

/** Every party's session over the same channels. */
async function evaluateAll(
  plan: Plan,
  own: readonly Masks[],
  channels: ReturnType<typeof memoryNetwork>['channels'],
  answerKey: Uint8Array,
  input: (column: number) => Record<string, Uint8Array>,
  columns: number,
): Promise<void> {
  const plain = Object.assign({}, ...Array.from({ length: columns }, (_, i) => input(i))) as Record<string, Uint8Array>;
  await Promise.all(
    channels.map(async (channel, index) => {
      const pairs = channels.map((_, peer) => (peer === index ? undefined : own[index]));
      const kernels = createKernels();
      const session = new PartySession({ plan, index, channel, kernels, masks: { own: own[index]!, pairs } });
      await session.exchange(plain, new Uint8Array(32).fill(index));
      for await (const _ of session.evaluate({ read: async () => answerKey.slice() }));
    }),
  );
}

/** Coalitions whose views differ between values and orders that are not theirs. */
async function leaks(parties: number, values: readonly number[], unmasked?: RegExp): Promise<string[]> {
  const members = Array.from({ length: parties }, (_, i) => i);
  const coalitions = Array.from({ length: 2 ** parties - 2 }, (_, k) => members.filter((i) => ((k + 1) >> i) & 1));
  const known = new Map<string, Map<string, number>>();
  const leaking = new Set<string>();
  for (const x of values) {
    // Every order of every party; else, of three, one after the other.
    const choices = parties === 2 || process.env.SLOW ? 2 ** parties : [0, 1, 2, 4];
    for (const choice of typeof choices === 'number' ? Array(choices).keys() : choices) {
      const orders = members.map((party) => (choice >> party) & 1);
      const run = await viewOf({ parties, x, orders }, unmasked);
      for (const coalition of coalitions) {
        const counts = new Map<string, number>();
        for (const view of run(coalition)) counts.set(view, (counts.get(view) ?? 0) + 1);
        const own = [coalition, coalition.includes(OWNER) && x, coalition.map((party) => orders[party])].join('|');
        const before = known.get(own);
        known.set(own, counts);
        if (before && ![...before].every(([view, count]) => counts.get(view) === count)) leaking.add(`{${coalition}}`);
      }
    }
  }
  return [...leaking];
}

describe('joint views of a shuffle, counted over all randomness', () => {
  test('of two parties neither learns the other’s order or values', async () => {
    expect(await leaks(2, [0, 1, 2])).toEqual([]);
  });

  test('nor does a coalition among three', async () => {
    expect(await leaks(3, process.env.SLOW ? [0, 1, 2] : [1])).toEqual([]);
  });

  test('positive control: columns passed on without a pad show the order', async () => {
    expect(await leaks(2, [1], /pass$/)).toEqual(['{1}', '{0}']);
  });

  test('positive control: a share of the last mask that is no secret shows it to p0', async () => {
    expect(await leaks(2, [1], /share$/)).toContain('{0}');
  });
});

describe('what a shuffle does', () => {
  test('rows stay together, and every order comes up', async () => {
    const b = new PlanBuilder(3);
    const shape = { ring: 64, size: 3 } as const;
    const x = b.input('x', 0, shape);
    const y = b.inputBits('y', 1, 3 * 40);
    const [p, q] = b.shuffle([x, y], 3);
    b.reveal(p!, [2], 'p');
    b.reveal(q!, [2], 'q');
    const plan = b.build();
    const type = { kind: 'ring', bits: 64, size: 3 } as const;
    const inputs = { x: pack(type, [7n, 8n, 9n]), y: Uint8Array.from({ length: 15 }, (_, i) => Math.floor(i / 5)) };
    const counts = new Map<string, number>();
    for (let seed = 1; seed <= 120; seed++) {
      const { outputs } = await runSecure(plan, inputs, seeds(3, seed));
      const order = unpack(type, outputs[2]!.p!).map((value) => Number(value) - 7);
      expect([...outputs[2]!.q!]).toEqual(order.flatMap((row) => Array(5).fill(row)));
      counts.set(order.join(), (counts.get(order.join()) ?? 0) + 1);
    }
    expect(counts.size).toBe(6);
    for (const count of counts.values()) expect(Math.abs(count - 20)).toBeLessThan(6 * Math.sqrt(20));
  });

  test('columns of other numbers of rows are refused', () => {
    const b = new PlanBuilder(2);
    const [x, y] = [b.input('x', 0, { ring: 16, size: 6 }), b.inputBits('y', 0, 9)];
    for (const bad of [
      () => b.shuffle([x, y]),
      () => b.shuffle([x], 4),
      () => b.shuffle([y], 3),
      () => b.shuffle([x], 0),
    ])
      expect(bad).toThrowError(expect.objectContaining({ code: 'plan-invalid' }));
    const place = { rows: 3, from: 0, width: 1 };
    for (const bad of [() => b.sortDigit(x, [x], place), () => b.sortDigit(y, [], { ...place, rows: 9 })])
      expect(bad).toThrowError(expect.objectContaining({ code: 'plan-invalid' }));
  });
});

/** p_index of a sort of four rows whose peer sends these frames. */
function facing(index: number, frames: readonly Uint8Array[]) {
  const queue = [...frames];
  const b = new PlanBuilder(2);
  const key = b.inputBits('key', 1, 4 * 8);
  b.reveal(b.sortDigit(key, [key], { rows: 4, from: 0, width: 1 })[0]!, [0], 'sorted');
  const prg = (label: number) => new Prg(new Uint8Array(32).fill(label));
  return new PartySession({
    plan: b.build(),
    index,
    channel: { send: async () => undefined, receive: async () => queue.shift()! },
    kernels: createKernels(),
    masks: { own: prg(index), pairs: index === 0 ? [undefined, prg(9)] : [prg(9), undefined] },
    name: (party) => ['fred', 'sally'][party]!,
  });
}

describe('destinations are checked before they are used', () => {
  const salt = new Uint8Array(32).fill(2);
  const bytesOf = (order: readonly number[]): Uint8Array => new Uint8Array(Uint32Array.from(order).buffer);

  test.each([
    ['an index twice', bytesOf([0, 1, 1, 3])],
    ['an index past the end', bytesOf([0, 1, 2, 4])],
    ['an index far past the end', bytesOf([0, 1, 2, 2 ** 32 - 1])],
    ['an index too few', bytesOf([0, 1, 2])],
  ])('that p0 opens: %s', async (_, opened) => {
    // Counts, destinations, then what p0 opens.
    const session = facing(1, [salt, new Uint8Array(16), new Uint8Array(16), opened, new Uint8Array(4)]);
    await session.exchange({ key: new Uint8Array(4) }, new Uint8Array(32));
    await expect(session.evaluate().next()).rejects.toMatchObject({ code: 'frame-shape', culprit: 'fred' });
  });

  test.each([
    ['a message too short', new Uint8Array(19)],
    ['what gives no order', new Uint8Array(20)],
  ])('that p1 passes to p0: %s', async (_, passed) => {
    const session = facing(0, [salt, new Uint8Array(4), new Uint8Array(16), passed, new Uint8Array(4)]);
    await session.exchange({}, new Uint8Array(32));
    const steps = session.evaluate({ read: async (bytes) => new Uint8Array(bytes) });
    await expect(steps.next()).rejects.toMatchObject({ code: 'frame-shape', culprit: 'sally' });
  });
});
