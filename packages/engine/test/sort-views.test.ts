import { Prg } from '@symbolon/crypto';
import { createKernels } from '@symbolon/kernels';
import { describe, expect, test } from 'vitest';
import type { Masks } from '../src/index.ts';
import { dealCorrections, PartySession, PlanBuilder } from '../src/index.ts';
import { memoryNetwork, runSecure } from './network.ts';

/*
 * Joint views of a digit of a sort. Of one row they are counted over all randomness: every world is a node of its own in one session, every number that is drawn is one
 * bit, and words are read modulo 2, as every formula is a ring homomorphism. So all masks are there; and the order that opens is looked at by itself.
 */

const BITS = 12;
const WORLDS = 2 ** BITS;
const OWNER = 1;

async function viewOf(x: number, unmasked?: RegExp) {
  const b = new PlanBuilder(2);
  const keys = Array.from({ length: WORLDS }, (_, i) => b.inputBits(`x${i}`, OWNER, 1));
  for (const key of keys) b.sortDigit(key, [key], { rows: 1, from: 0, width: 1 });
  const plan = b.build();
  const variables = new Map<string, number>();
  const drawn = [0, 1].map(() => new Map<string, Uint8Array>());
  const own = [0, 1].map(
    (party): Masks => ({
      stream(label) {
        const [node, purpose] = label.split('/') as [string, string];
        const world = Number(node) % WORLDS;
        return {
          fill(out, offset) {
            const name = `${purpose}/${offset}`;
            if (!variables.has(`${party}/${name}`)) variables.set(`${party}/${name}`, variables.size);
            out.fill(0);
            out[0] = unmasked?.test(label) ? 0 : (world >> variables.get(`${party}/${name}`)!) & 1;
            const values = drawn[party]!.get(name) ?? new Uint8Array(WORLDS);
            drawn[party]!.set(name, values);
            values[world] = out[0]!;
          },
        };
      },
    }),
  );
  const [answerKey] = [...dealCorrections({ plan, masks: own, kernels: createKernels() })];
  expect(variables.size).toBe(BITS);
  const { channels, frames } = memoryNetwork(2);
  const plain = Object.fromEntries(keys.map((_, i) => [`x${i}`, new Uint8Array([x])]));
  await Promise.all(
    channels.map(async (channel, index) => {
      const pairs = index === 0 ? [undefined, own[0]] : [own[1], undefined];
      const kernels = createKernels();
      const session = new PartySession({ plan, index, channel, kernels, masks: { own: own[index]!, pairs } });
      await session.exchange(plain, new Uint8Array(32).fill(index));
      for await (const _ of session.evaluate({ read: async () => answerKey!.slice() }));
    }),
  );
  return (party: number): Map<string, number> => {
    const parts = [...drawn[party]!.values()];
    if (party === 0) parts.push(answerKey!);
    const inputs: number[] = [];
    for (const { to, frame } of frames) {
      if (to !== party || frame.length === 32) continue;
      if (frame.length === 1) inputs.push(frame[0]!);
      else parts.push(frame);
    }
    if (inputs.length > 0) parts.push(Uint8Array.from(inputs));
    const counts = new Map<string, number>();
    for (let world = 0; world < WORLDS; world++) {
      const view = parts.map((part) => lowBits(part, world)).join('');
      counts.set(view, (counts.get(view) ?? 0) + 1);
    }
    return counts;
  };
}

/** Of a world's part: words of four bytes, then perhaps bits in a byte. */
function lowBits(part: Uint8Array, world: number): string {
  const length = part.length / WORLDS;
  const own = part.subarray(world * length, (world + 1) * length);
  return [...own]
    .filter((_, at) => at % 4 === 0)
    .map((byte) => byte & 1)
    .join('');
}

/** Parties whose views differ between keys that are not theirs; the owner's between nothing. */
async function leaks(unmasked?: RegExp): Promise<number[]> {
  const [zero, one] = [await viewOf(0, unmasked), await viewOf(1, unmasked)];
  return [1 - OWNER].filter((party) => {
    const [before, after] = [zero(party), one(party)];
    return before.size !== after.size || [...before].some(([view, count]) => after.get(view) !== count);
  });
}

describe('masks of a digit, counted over all randomness', () => {
  test('p0 learns nothing of p1’s key', async () => {
    expect(await leaks()).toEqual([]);
  });

  test.each([
    ['a missing re-mask', /mask$/],
    ['shares that are no secret', /share$/],
  ])('positive control: %s leaks', async (_, unmasked) => {
    expect(await leaks(unmasked)).toEqual([0]);
  });
});

/** How often each order of the destinations of three rows opens; `bare`: nobody shuffles. */
async function opened(keys: readonly number[], bare = false): Promise<Map<string, number>> {
  const b = new PlanBuilder(2);
  const key = b.inputBits('key', 1, 3 * 8);
  b.reveal(b.sortDigit(key, [key], { rows: 3, from: 0, width: 2 })[0]!, [0], 'sorted');
  const plan = b.build();
  const counts = new Map<string, number>();
  // Of each bound the last number: nothing moves.
  const still: Masks = { stream: () => ({ fill: (out) => void out.fill(255) }) };
  for (let seed = 0; seed < 240; seed++) {
    const prg = (party: number): Masks => {
      const made = new Prg(
        new Uint8Array(32)
          .fill(party)
          .fill(seed & 255, 0, 4)
          .fill(seed >> 8, 4, 8),
      );
      return { stream: (label) => (bare && label.endsWith('/order') ? still : made).stream(label) };
    };
    const masks = { own: [prg(1), prg(2)], pair: () => prg(3) };
    const { frames, outputs } = await runSecure(plan, { key: Uint8Array.from(keys) }, masks);
    expect([...outputs[0]!.sorted!]).toEqual(keys.toSorted());
    // p0's message in its fourth round: after the random start, counts, and what p1 alone gets.
    const order = frames.filter(({ from }) => from === 0)[3]!.frame;
    const shown = new Uint32Array(order.slice().buffer).join();
    counts.set(shown, (counts.get(shown) ?? 0) + 1);
  }
  return counts;
}

describe('the destinations that open', () => {
  test.each([[[0, 1, 2]], [[2, 1, 1]]])('are a uniform order, whatever the keys: %j', async (keys) => {
    const counts = await opened(keys);
    expect(counts.size).toBe(6);
    for (const count of counts.values()) expect(Math.abs(count - 40)).toBeLessThan(6 * Math.sqrt(40));
  });

  test('positive control: bare, they are the keys’ own order', async () => {
    expect([...(await opened([2, 0, 1], true)).keys()]).toEqual(['2,0,1']);
    expect([...(await opened([0, 1, 2], true)).keys()]).toEqual(['0,1,2']);
  });
});
