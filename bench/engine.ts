import { Prg } from '@symbolon/crypto';
import type { Plan } from '@symbolon/engine';
import { byteLength, dealCorrections, PartySession, PlanBuilder, planCost, sortBy } from '@symbolon/engine';
import type { Kernels } from '@symbolon/kernels';
import { createKernels } from '@symbolon/kernels';
import type { Row } from './row.ts';
import { row } from './row.ts';
import { channelPair } from './support/channels.ts';

/** Two parties and the dealer, one after the other on one core: seconds from masked inputs to the revealed result. */
export async function run(): Promise<Row[]> {
  const million = 1_000_000;
  const comparisons = 100_000;
  const product = binary(million, (b, x, y) => b.multiply(x, y));
  const comparison = binary(comparisons, (b, x, y) => b.lessThan(x, y));
  const dot = binary(million, (b, x, y) => b.dot(x, y));
  const compared = planCost(comparison);
  return [
    row('engine', '64-bit products', million, await measure(product), 's', 0.15),
    row('engine', '64-bit comparisons', comparisons, await measure(comparison), 's', 0.15),
    row('engine', 'comparison: rounds', 1, compared.rounds - 1, 'rounds', 3),
    row('engine', 'comparison: opened a party', 1, compared.openedBytes / comparisons, 'B', 8),
    row('engine', 'comparison: answer key', 1, compared.answerKeyBytes / comparisons, 'B', 44),
    row('engine', 'dot product', million, await measure(dot), 's'),
    row('engine', 'dot product: openings', million, planCost(dot).openedBytes / 8, 'openings', 1),
    ...(await sorts(100_000)),
    ...(await sorts(million)),
  ];
}

function binary(
  size: number,
  operation: (b: PlanBuilder, x: number & { wire: never }, y: number & { wire: never }) => number & { wire: never },
): Plan {
  const b = new PlanBuilder(2);
  const [x, y] = [b.input('x', 0, { ring: 64, size }), b.input('y', 1, { ring: 64, size })];
  // One word is opened: the cost is that of the operation.
  const result = operation(b, x, y);
  b.reveal(b.slice(result, 0, 1), [0], 'result');
  return b.build();
}

/** A sort of 64-bit keys, without other columns: once, as the answer key is made while it is read. */
async function sorts(size: number, digit?: number): Promise<Row[]> {
  const b = new PlanBuilder(2);
  const key = b.inputBits('key', 0, 64 * size);
  const [sorted] = sortBy(b, [{ wire: key, width: 64 }], [key], size, digit);
  b.reveal(b.slice(sorted!, 0, 64), [0], 'least');
  const plan = b.build();
  const cost = planCost(plan);
  const { deal, evaluate } = await session(plan, [createKernels(), createKernels(), createKernels()]);
  return [
    row('engine', 'sort of 64-bit keys', size, deal + evaluate, 's'),
    row('engine', 'sort of 64-bit keys: the dealer’s part', size, deal, 's'),
    row('engine', 'sort: rounds', size, cost.rounds, 'rounds'),
    row('engine', 'sort: opened a row', size, cost.openedBytes / size, 'B'),
    row('engine', 'sort: answer key a row', size, cost.answerKeyBytes / size, 'B'),
  ];
}

/** The least of some runs: the machine is shared. */
async function measure(plan: Plan): Promise<number> {
  const kernels = [createKernels(), createKernels(), createKernels()];
  let best = Number.POSITIVE_INFINITY;
  for (let i = 0; i < 9; i++) {
    const { deal, evaluate } = await session(plan, kernels);
    best = Math.min(best, deal + evaluate);
  }
  return best;
}

/** Seconds of a session's steps: of both parties, of the dealer. @param kernels of p0, p1 and the dealer */
export async function session(
  plan: Plan,
  kernels: readonly Kernels[],
): Promise<{ exchange: number; deal: number; evaluate: number }> {
  const inputs = Object.fromEntries(
    plan.nodes.flatMap((node) =>
      node.op === 'input' ? [[node.name, new Uint8Array(byteLength(plan.wires[node.out[0]!]!)).fill(3)]] : [],
    ),
  );
  const prg = (label: number): Prg => new Prg(new Uint8Array(32).fill(label));
  const channels = channelPair();
  const parties = channels.map(
    (channel, index) =>
      new PartySession({
        plan,
        index,
        channel,
        kernels: kernels[index]!,
        masks: { own: prg(index), pairs: index === 0 ? [undefined, prg(9)] : [prg(9), undefined] },
      }),
  );
  const times = [performance.now()];
  await Promise.all(parties.map((party, index) => party.exchange(inputs, new Uint8Array(32).fill(index))));
  times.push(performance.now());
  const chunks = dealCorrections({ plan, masks: [prg(0), prg(1)], kernels: kernels[2]! });
  let deal = 0;
  const answerKey = {
    read: async () => {
      const started = performance.now();
      let chunk = chunks.next().value!;
      while (chunk.length === 0) chunk = chunks.next().value!;
      deal += performance.now() - started;
      return chunk;
    },
  };
  await Promise.all(
    parties.map(async (party) => {
      for await (const _ of party.evaluate(answerKey));
    }),
  );
  times.push(performance.now());
  for (const party of parties) party.end();
  const [exchange, both] = times.slice(1).map((time, i) => (time - times[i]!) / 1000) as [number, number];
  return { exchange, deal: deal / 1000, evaluate: both - deal / 1000 };
}
