import { insecureTestRng, Prg, type Rng, systemRng, utf8 } from '@symbolon/crypto';
import type { Channel, Masks } from '@symbolon/engine';
import { createKernels } from '@symbolon/kernels';
import {
  dealLink,
  everyPair,
  type LinkResult,
  linkCost,
  type Outcome,
  type Pairs,
  type PsiKeys,
  PsiSession,
  parseLinkProgram,
} from '../../src/index.ts';

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

export interface RunOptions extends Partial<Pick<Outcome, 'cardinality' | 'to'>> {
  readonly seed?: number;
  readonly rng?: Rng;
  /** Change what is on its way. */
  readonly frame?: (from: number, frame: Uint8Array) => Uint8Array;
  readonly answerKey?: (chunk: Uint8Array) => Uint8Array;
  /** Told how many frames went by before the answer key was there. */
  readonly exchanged?: (frames: number) => void;
}

/** All roles of an intersection in this process. */
export async function intersect(a: PsiKeys, b: PsiKeys, options: RunOptions = {}) {
  const rows = [a.present.length, b.present.length] as const;
  const { cardinality, to } = { ...everyPair, ...options };
  const program = parseLinkProgram({ protocol: 'link-keys/1', rows, cardinality, to });
  const masks: Masks[] = [0, 1].map((i) => new Prg(insecureTestRng(`psi ${options.seed ?? 1} ${i}`)(32)));
  const chunks = [...dealLink({ program, masks, kernels: createKernels() })];
  const { channels, frames } = channelPair(options.frame);
  const kernels = [createKernels(), createKernels()];
  const parties = channels.map(
    (channel, index) =>
      new PsiSession({
        rows,
        cardinality,
        to,
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
  options.exchanged?.(frames.length);
  const { answerKeyTo } = linkCost(program);
  const found = await Promise.all(
    parties.map(async (party, i) => {
      const steps = party.evaluate(i === answerKeyTo ? { read } : undefined);
      for (;;) {
        const step = await steps.next();
        if (step.done) return step.value;
      }
    }),
  );
  const results = found.map((result) => (result.kind === 'pairs' ? tuples(result) : []));
  return { found, results, hashes, frames, parties, kernels, cost: linkCost(program), answerKeyBytes: buffer.length };
}
