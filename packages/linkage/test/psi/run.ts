import { insecureTestRng, Prg, type Rng, systemRng, utf8 } from '@symbolon/crypto';
import type { Channel, Masks } from '@symbolon/engine';
import { createKernels } from '@symbolon/kernels';
import { dealVectorOle, type LinkResult, type Pairs, type PsiKeys, type PsiRows, PsiSession } from '../../src/index.ts';

/** Keys as a run takes them; null for a row without. */
export function keysOf(values: readonly (string | null)[]): PsiKeys {
  const items = values.map((value) => utf8(value ?? ''));
  const offsets = new Uint32Array(values.length + 1);
  for (const [i, item] of items.entries()) offsets[i + 1] = offsets[i]! + item.length;
  const data = new Uint8Array(offsets.at(-1)!);
  for (const [i, item] of items.entries()) data.set(item, offsets[i]!);
  return { data, offsets, present: Uint8Array.from(values, (value) => (value === null ? 0 : 1)) };
}

/** [a, b] for each pair. */
export function tuples(pairs: Pairs | LinkResult): [number, number][] {
  if (!('a' in pairs)) throw new Error('no pairs');
  const { a, b } = pairs;
  return Array.from(a, (row, i) => [row, b[i]!]);
}

/** Two channels in one memory; every frame is kept. */
export function channelPair(meddle: (from: number, frame: Uint8Array) => Uint8Array = (_, frame) => frame): {
  channels: [Channel, Channel];
  frames: { from: number; bytes: Uint8Array }[];
} {
  const frames: { from: number; bytes: Uint8Array }[] = [];
  const ends = [0, 1].map(() => ({ there: [] as Uint8Array[], waiting: [] as ((frame: Uint8Array) => void)[] }));
  const channel = (me: number): Channel => ({
    async send(to, frame) {
      const bytes = meddle(me, frame.slice());
      frames.push({ from: me, bytes });
      const next = ends[to]!.waiting.shift();
      if (next) next(bytes);
      else ends[to]!.there.push(bytes);
    },
    receive() {
      const frame = ends[me]!.there.shift();
      return frame ? Promise.resolve(frame) : new Promise((resolve) => ends[me]!.waiting.push(resolve));
    },
  });
  return { channels: [channel(0), channel(1)], frames };
}

export interface RunOptions {
  readonly seed?: number;
  readonly rng?: Rng;
  /** Change what is on its way. */
  readonly frame?: (from: number, frame: Uint8Array) => Uint8Array;
  readonly answerKey?: (chunk: Uint8Array) => Uint8Array;
}

/** All roles of an intersection in this process. */
export async function intersect(a: PsiKeys, b: PsiKeys, options: RunOptions = {}) {
  const rows: PsiRows = [a.present.length, b.present.length];
  const masks: Masks[] = [0, 1].map((i) => new Prg(insecureTestRng(`psi ${options.seed ?? 1} ${i}`)(32)));
  const chunks = [...dealVectorOle({ rows, masks, kernels: createKernels() })];
  const { channels, frames } = channelPair(options.frame);
  const kernels = [createKernels(), createKernels()];
  const parties = channels.map(
    (channel, index) =>
      new PsiSession({
        rows,
        index,
        channel,
        kernels: kernels[index]!,
        masks: { own: masks[index]!, pairs: [] },
        rng: options.rng ?? systemRng,
      }),
  );
  const hashes = await Promise.all(
    parties.map((party, i) => party.exchange(structuredClone(i === 0 ? a : b), systemRng(32))),
  );
  const buffer = Buffer.concat(chunks.map((chunk) => (options.answerKey ?? ((same) => same))(chunk)));
  let at = 0;
  const read = async (bytes: number): Promise<Uint8Array> => {
    at += bytes;
    return new Uint8Array(buffer.subarray(at - bytes, at));
  };
  const results = await Promise.all(
    parties.map(async (party) => {
      const steps = party.evaluate({ read });
      for (;;) {
        const step = await steps.next();
        if (step.done) return tuples(step.value);
      }
    }),
  );
  return { results, hashes, frames, parties, kernels };
}
