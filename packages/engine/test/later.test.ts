import { createKernels } from '@symbolon/kernels';
import { describe, expect, test } from 'vitest';
import { dealCorrections, PartySession, PlanBuilder } from '../src/index.ts';
import { memoryNetwork, seeds } from './network.ts';

const b = new PlanBuilder(3);
const inputs = [0, 1, 2].map((owner) => b.input(`now ${owner}`, owner, { ring: 64, size: 2 }));
const later = b.input('later', 0, { ring: 64, size: 2 });
b.reveal(b.multiply(b.linear(inputs.map((wire) => [1n, wire])), later), [0, 1, 2], 'product');
const plan = b.build();
const isLater = (name: string): boolean => name === 'later';
const words = (...values: bigint[]): Uint8Array => new Uint8Array(new BigUint64Array(values).buffer);

function opened() {
  const masks = seeds(3, 7);
  const { channels, frames } = memoryNetwork(3);
  const [answerKey] = [...dealCorrections({ plan, masks: masks.own, kernels: createKernels() })];
  const sessions = channels.map((channel, index) => {
    const pairs = channels.map((_, peer) => (peer === index ? undefined : masks.pair(index, peer)));
    return new PartySession({
      plan,
      index,
      channel,
      kernels: createKernels(),
      masks: { own: masks.own[index]!, pairs },
    });
  });
  const exchange = (second: bigint) =>
    Promise.all(
      sessions.map((session, i) =>
        session.exchange({ [`now ${i}`]: words(1n, i === 1 ? second : 2n) }, new Uint8Array(32).fill(i), isLater),
      ),
    );
  return { sessions, exchange, frames, answerKey: { read: async () => answerKey!.slice() } };
}

describe('inputs that follow from the answer key', () => {
  test('are given when they are known, and the plan runs on all', async () => {
    const { sessions, exchange, answerKey } = opened();
    const hashes = await exchange(2n);
    expect(hashes[1]).toEqual(hashes[0]);
    await Promise.all(sessions.map((session) => session.complete({ later: words(5n, 7n) })));
    const products = await Promise.all(
      sessions.map(async (session) => {
        const learned = [];
        for await (const revealed of session.evaluate(answerKey)) learned.push(...revealed);
        return learned;
      }),
    );
    for (const learned of products) expect(learned).toEqual([{ name: 'product', bytes: words(15n, 42n) }]);
  });

  test('the hash covers what is there, and nothing later', async () => {
    const [one, other] = [await opened().exchange(2n), await opened().exchange(3n)];
    expect(one[0]).toEqual((await opened().exchange(2n))[2]);
    expect(one[0]).not.toEqual(other[0]);
  });

  test('a plan is not run without them, nor are they given twice', async () => {
    const { sessions, exchange } = opened();
    await exchange(2n);
    await expect(sessions[1]!.evaluate().next()).rejects.toMatchObject({ code: 'internal' });
    await Promise.all(sessions.map((session) => session.complete({ later: words(5n, 7n) })));
    await expect(sessions[0]!.complete({ later: words(5n, 7n) })).rejects.toMatchObject({ code: 'session-burned' });
  });
});
