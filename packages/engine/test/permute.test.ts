import { Prg } from '@symbolon/crypto';
import { createKernels } from '@symbolon/kernels';
import { describe, expect, test } from 'vitest';
import type { Masks } from '../src/index.ts';
import { dealCorrections, PartySession, PlanBuilder } from '../src/index.ts';
import { Cursor } from '../src/masks.ts';
import { drawOrder } from '../src/orders.ts';
import { memoryNetwork, seeds } from './network.ts';

/*
 * All randomness at once: two bits in an order, and one column of two bits a world (see worlds.ts); only π, which all columns share, takes a
 * session of its own.
 */

const bytesOf = (order: readonly number[]): Uint8Array => new Uint8Array(Uint32Array.from(order).buffer);
const orders = [
  [0, 1],
  [1, 0],
];

interface World {
  readonly parties: number;
  readonly owner: number;
  /** Both bits of the column. */
  readonly x: number;
  readonly order: readonly number[];
}

interface Deviation {
  /** π is always the same. */
  readonly fixed?: boolean;
  /** Streams that are all zero. */
  readonly unmasked?: RegExp;
}

/** What stands in each column at the members of a coalition, beside τ and π: two bits a value. */
async function viewOf({ parties, owner, x, order }: World, pi: 0 | 1, unmasked?: RegExp) {
  const columns = 4 ** (2 * parties);
  const b = new PlanBuilder(parties);
  b.permute(
    Array.from({ length: columns }, (_, i) => b.inputBits(`x${i}`, owner, 2)),
    'order',
  );
  const plan = b.build();
  const variables = new Map<string, number>();
  const drawn = Array.from({ length: parties }, () => new Map<string, number[]>());
  const masks = (party: number): Masks => ({
    stream: (label) => ({
      fill(out, offset) {
        if (label.endsWith('/order')) {
          // Below a bound of two: its highest bit.
          out[3] = pi << 7;
          return;
        }
        const [node, purpose] = label.split('/') as [string, string];
        // One variable for each purpose; which column it is of says the node of an input, the place in any other stream.
        const column = purpose === 'input' ? Number(node) : offset;
        const name = `${party}/${purpose}`;
        if (!variables.has(name)) variables.set(name, variables.size);
        out[0] = unmasked?.test(label) ? 0 : (column >> (2 * variables.get(name)!)) & 3;
        const values = drawn[party]!.get(purpose) ?? [];
        drawn[party]!.set(purpose, values);
        values[column] = out[0];
      },
    }),
  });
  const own = Array.from({ length: parties }, (_, party) => masks(party));
  const chunks = [...dealCorrections({ plan, masks: own, kernels: createKernels() })];
  expect(variables.size).toBe(2 * parties);
  for (const values of drawn) values.clear();
  const { channels, frames } = memoryNetwork(parties);
  await Promise.all(
    channels.map(async (channel, index) => {
      const session = new PartySession({
        plan,
        index,
        channel,
        kernels: createKernels(),
        masks: { own: own[index]!, pairs: channels.map((_, peer) => (peer === index ? undefined : own[index])) },
      });
      const plain = Object.fromEntries(Array.from({ length: columns }, (_, i) => [`x${i}`, new Uint8Array([x])]));
      await session.exchange({ ...plain, order: bytesOf(order) }, new Uint8Array(32).fill(index));
      for await (const _ of session.evaluate({ read: async () => chunks[0]!.slice() }));
    }),
  );
  return (coalition: readonly number[]): string[] => {
    const values: Uint8Array[] = coalition.flatMap((party) =>
      [...drawn[party]!.values()].map((each) => Uint8Array.from(each)),
    );
    if (coalition.includes(0)) values.push(chunks[0]!);
    let shown = coalition.includes(0) ? `π ${pi} ` : '';
    const inputs: number[] = [];
    for (const { from, to, frame } of frames) {
      if (!coalition.includes(to) || coalition.includes(from) || frame.length === 32) continue;
      if (frame.length === 8) shown += `τ ${frame} `;
      else if (frame.length === 1 && to === coalition.find((party) => party !== owner)) inputs.push(frame[0]!);
      else if (frame.length === columns) values.push(frame);
    }
    if (inputs.length > 0) values.push(Uint8Array.from(inputs));
    return Array.from({ length: columns }, (_, i) => shown + values.map((value) => value[i]! & 3).join(''));
  };
}

/** Coalitions whose views differ between inputs and orders that are not theirs. */
async function leaks(
  parties: number,
  owners: readonly number[],
  { fixed = false, unmasked }: Deviation = {},
): Promise<string[]> {
  const coalitions = Array.from({ length: 2 ** parties - 2 }, (_, k) => [0, 1, 2].filter((i) => ((k + 1) >> i) & 1));
  const known = new Map<string, Map<string, number>>();
  const leaking = new Set<string>();
  for (const owner of owners) {
    for (const x of [0, 1]) {
      for (const order of orders) {
        const runs = [];
        for (const pi of [0, 1] as const) {
          runs.push(await viewOf({ parties, owner, x, order }, fixed ? 0 : pi, unmasked));
        }
        for (const coalition of coalitions) {
          const counts = new Map<string, number>();
          for (const view of runs.flatMap((run) => run(coalition))) counts.set(view, (counts.get(view) ?? 0) + 1);
          const own = [coalition, owner, coalition.includes(owner) && x, coalition.includes(0) && order].join('|');
          const before = known.get(own);
          known.set(own, counts);
          if (before && ![...before].every(([view, count]) => counts.get(view) === count))
            leaking.add(`{${coalition}}`);
        }
      }
    }
  }
  return [...leaking];
}

describe('joint views, counted over all randomness', () => {
  test('no two parties learn the order or the values of the other', async () => {
    expect(await leaks(2, [0, 1])).toEqual([]);
  });

  test('nor does a coalition among three', async () => {
    expect(await leaks(3, [1])).toEqual([]);
  });

  test('positive control: an order π that is not fresh leaks to the peer', async () => {
    expect(await leaks(2, [0, 1], { fixed: true })).toContain('{1}');
  });

  test('positive control: a missing re-mask leaks', async () => {
    expect(await leaks(2, [0, 1], { unmasked: /mask$/ })).toContain('{1}');
  });

  test('positive control: shares of the permuted mask that are no secret leak to p0', async () => {
    expect(await leaks(2, [0, 1], { unmasked: /share$/ })).toContain('{0}');
  });
});

function permutation(size: number) {
  const b = new PlanBuilder(2);
  b.reveal(b.permute(b.input('x', 1, { ring: 16, size }), 'order'), [0], 'y');
  return b.build();
}

/** p_index of a session whose peer sends these frames. */
function facing(index: number, size: number, frames: readonly Uint8Array[]) {
  const queue = [...frames];
  const masks = seeds(2, 1);
  return new PartySession({
    plan: permutation(size),
    index,
    channel: { send: async () => undefined, receive: async () => queue.shift()! },
    kernels: createKernels(),
    masks: {
      own: masks.own[index]!,
      pairs: index === 0 ? [undefined, masks.pair(0, 1)] : [masks.pair(0, 1), undefined],
    },
    name: (party) => ['fred', 'sally'][party]!,
  });
}

describe('an order is checked before it is used', () => {
  const salt = new Uint8Array(32).fill(2);

  test.each([
    ['an index twice', bytesOf([0, 1, 1, 3])],
    ['an index past the end', bytesOf([0, 1, 2, 4])],
    ['an index far past the end', bytesOf([0, 1, 2, 2 ** 32 - 1])],
    ['an index too few', bytesOf([0, 1, 2])],
    ['an index too many', bytesOf([0, 1, 2, 3, 4])],
  ])('that p0 broadcasts: %s', async (_, tau) => {
    const session = facing(1, 4, [salt, tau, new Uint8Array(8)]);
    await session.exchange({ x: new Uint8Array(8) }, new Uint8Array(32));
    const rest = session.evaluate();
    await expect(rest.next()).rejects.toMatchObject({ code: 'frame-shape', culprit: 'fred' });
  });

  test.each([
    ['none', undefined],
    ['an index twice', bytesOf([0, 1, 1, 3])],
    ['an index past the end', bytesOf([0, 1, 2, 4])],
    ['too few', bytesOf([0, 1, 2])],
  ])('that p0 is given: %s', async (_, order) => {
    const session = facing(0, 4, [salt, new Uint8Array(8)]);
    const inputs = order === undefined ? {} : { order };
    await expect(session.exchange(inputs as Record<string, Uint8Array>, new Uint8Array(32))).rejects.toMatchObject({
      code: 'plan-invalid',
      message: expect.stringMatching(/'order'/),
    });
  });

  test('a name given twice, and columns of two sizes, are refused', () => {
    const b = new PlanBuilder(2);
    const [x, y] = [b.input('x', 0, { ring: 16, size: 4 }), b.inputBits('y', 0, 5)];
    expect(() => b.permute(x, 'y')).toThrowError(expect.objectContaining({ code: 'plan-invalid' }));
    expect(() => b.permute([x, y], 'order')).toThrowError(expect.objectContaining({ code: 'plan-invalid' }));
  });
});

describe('fresh orders', () => {
  const kernels = createKernels();
  const { arena } = kernels;
  const draw = (size: number, stream: Cursor): number[] => {
    const order = arena.alloc(4 * size);
    drawOrder(kernels, order, size, stream);
    const drawn = [...arena.u32(order, size)];
    arena.free(order);
    return drawn;
  };

  test('are uniform: each of six comes as often as the others, within six standard deviations', () => {
    const prg = new Prg(new Uint8Array(32).fill(7));
    const counts = new Map<string, number>();
    const draws = 3000;
    for (let i = 0; i < draws; i++) {
      const order = draw(3, new Cursor(prg, `${i}/order`)).join();
      counts.set(order, (counts.get(order) ?? 0) + 1);
    }
    expect(counts.size).toBe(6);
    for (const count of counts.values()) expect(Math.abs(count - 500)).toBeLessThan(6 * Math.sqrt(500));
  });

  test('are those of the definition', () => {
    const [size, prg] = [200_000, new Prg(new Uint8Array(32).fill(8))];
    const words = new Uint32Array(size + 1000);
    prg.stream('order').fill(new Uint8Array(words.buffer), 0);
    const expected = Array.from({ length: size }, (_, i) => i);
    for (let i = size - 1, at = 0; i > 0; i--) {
      const bound = BigInt(i + 1);
      let product = BigInt(words[at++]!) * bound;
      while (BigInt.asUintN(32, product) < 2n ** 32n % bound) product = BigInt(words[at++]!) * bound;
      const other = Number(product >> 32n);
      [expected[i], expected[other]] = [expected[other]!, expected[i]!];
    }
    expect(draw(size, new Cursor(prg, 'order'))).toEqual(expected);
  });

  test('reject numbers that would make some places likelier', () => {
    const stream = (numbers: readonly number[]): Cursor =>
      new Cursor(
        { stream: () => ({ fill: (out, at) => out.set(bytesOf(numbers).subarray(at, at + out.length)) }) },
        '',
      );
    // 2^32 = 1 modulo 3: one number is too many, 0.
    expect(draw(3, stream([0, 2 ** 31, 0]))).toEqual(draw(3, stream([2 ** 31, 0, 0])));
    expect(draw(3, stream([1, 2 ** 31, 0]))).not.toEqual(draw(3, stream([2 ** 31, 0, 0])));
  });
});
