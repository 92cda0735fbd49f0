import { concat, Prg } from '@symbolon/crypto';
import { createKernels } from '@symbolon/kernels';
import type { Channel, Masks, Plan } from '../src/index.ts';
import { dealCorrections, PartySession, randomInput } from '../src/index.ts';

/** Channels of n parties that share a memory; every frame is kept as it went by. */
export function memoryNetwork(n: number): {
  channels: Channel[];
  frames: { from: number; to: number; frame: Uint8Array }[];
} {
  const frames: { from: number; to: number; frame: Uint8Array }[] = [];
  const queues = new Map<string, { waiting: ((frame: Uint8Array) => void)[]; there: Uint8Array[] }>();
  const queue = (from: number, to: number) => {
    const key = `${from}-${to}`;
    const made = queues.get(key) ?? { waiting: [], there: [] };
    queues.set(key, made);
    return made;
  };
  const channels = Array.from(
    { length: n },
    (_, me): Channel => ({
      async send(to, frame) {
        const copy = frame.slice();
        frames.push({ from: me, to, frame: frame.slice() });
        const { waiting, there } = queue(me, to);
        const next = waiting.shift();
        if (next) next(copy);
        else there.push(copy);
      },
      receive(from) {
        const { waiting, there } = queue(from, me);
        const frame = there.shift();
        return frame ? Promise.resolve(frame) : new Promise((resolve) => waiting.push(resolve));
      },
    }),
  );
  return { channels, frames };
}

/** The masks that a dealer would hand out, from a number. */
export function seeds(parties: number, seed: number): { own: Masks[]; pair: (i: number, j: number) => Masks } {
  const prg = (label: number) =>
    new Prg(
      new Uint8Array(32)
        .fill(label & 255)
        .fill(seed & 255, 0, 4)
        .fill(seed >> 8, 4, 8),
    );
  return {
    own: Array.from({ length: parties }, (_, i) => prg(100 + i)),
    pair: (i, j) => prg(10 * Math.min(i, j) + Math.max(i, j)),
  };
}

/** The random values of a plan under these masks, by name. */
export function randomValues(plan: Plan, masks = seeds(plan.parties, 1)): Record<string, Uint8Array> {
  return Object.fromEntries(
    plan.nodes.flatMap((node) =>
      node.op === 'random' ? [[node.name, randomInput(plan, node.name, masks.own[node.owner]!)]] : [],
    ),
  );
}

/** All roles of a session in this process. */
export async function runSecure(
  plan: Plan,
  inputs: Readonly<Record<string, Uint8Array>>,
  masks = seeds(plan.parties, 1),
) {
  const { channels, frames } = memoryNetwork(plan.parties);
  const dealer = createKernels();
  const answerKey = [...dealCorrections({ plan, masks: masks.own, kernels: dealer })];
  const kernels = channels.map(() => createKernels());
  const sessions = channels.map(
    (channel, index) =>
      new PartySession({
        plan,
        index,
        channel,
        kernels: kernels[index]!,
        masks: {
          own: masks.own[index]!,
          pairs: channels.map((_, peer) => (peer === index ? undefined : masks.pair(index, peer))),
        },
      }),
  );
  const hashes = await Promise.all(sessions.map((session, i) => session.exchange(inputs, new Uint8Array(32).fill(i))));
  const outputs = await Promise.all(
    sessions.map(async (session) => {
      let at = 0;
      const whole = concat(...answerKey);
      const learned: Record<string, Uint8Array> = {};
      const key = {
        async read(bytes: number) {
          at += bytes;
          return whole.slice(at - bytes, at);
        },
      };
      for await (const revealed of session.evaluate(key)) for (const { name, bytes } of revealed) learned[name] = bytes;
      return learned;
    }),
  );
  return { outputs, hashes, frames, answerKey, sessions, kernels, dealer };
}
