import { insecureTestRng, Prg } from '@symbolon/crypto';
import type { Masks } from '@symbolon/engine';
import { createKernels } from '@symbolon/kernels';
import { describe, expect, test } from 'vitest';
import { dealVectorOle, type PsiRows, PsiSession } from '../../src/index.ts';
import { at, faults, malformations } from './meddle.ts';
import { keysOf } from './run.ts';
import { answerKeyOf, type Meddle, name, outcomes, wires } from './sides.ts';

const keys = Array.from({ length: 40 }, (_, i) => `k${i}`);
const rows: PsiRows = [40, 40];
const masks: Masks[] = [0, 1].map((i) => new Prg(insecureTestRng(`malformed ${i}`)(32)));
const honest = Buffer.concat([...dealVectorOle({ rows, masks, kernels: createKernels() })]);

/** What both sides end with. */
function run(options: {
  meddle?: Meddle;
  answerKey?: Uint8Array;
  rows?: readonly [PsiRows, PsiRows];
  keys?: readonly string[][];
}): Promise<unknown[]> {
  const network = wires(options.meddle);
  const sides = network.channels.map((channel, index) => {
    const own = { own: masks[index]!, pairs: [] };
    const sizes = options.rows?.[index] ?? rows;
    const rng = insecureTestRng(`rng ${index}`);
    return new PsiSession({ rows: sizes, index, channel, kernels: createKernels(), masks: own, rng, name });
  });
  const inputs = sides.map((_, i) => keysOf(options.keys?.[i] ?? keys));
  const salts = [1, 2].map((i) => insecureTestRng(`salt ${i}`)(32));
  return outcomes({ network, sides, inputs, salts, answerKey: answerKeyOf(options.answerKey ?? honest) });
}

// Of the receiver: random start, seed, vector, hits, repeated keys; of the sender: random start, values, repeated keys.
const frames = [
  ...[0, 1, 2, 3, 4].map((place) => [0, place] as const),
  ...[0, 1, 2].map((place) => [1, place] as const),
];

describe('whatever frame of an intersection is malformed', () => {
  test.each(malformations)('%s: it ends, and names its sender', async (_, change, codes) => {
    for (const [party, place] of frames) {
      const ends = await run({ meddle: at(party, place, change) });
      // Whoever meddles once the answer key is there may have its result.
      const late = place >= (party === 0 ? 3 : 2);
      const victim = faults([ends[1 - party]])[0]!;
      if (!late) expect(faults([ends[party]])[0]![1]).toBe(name(1 - party));
      expect(codes).toContain(victim[0]);
      expect(victim[1]).toBe(name(party));
    }
  });

  test('frames out of order', async () => {
    let kept: Uint8Array = new Uint8Array(0);
    const swapped: Meddle = (from, place, frame) => {
      if (from !== 0 || place < 1 || place > 2) return [frame];
      if (place === 2) return [frame, kept];
      kept = frame;
      return [];
    };
    const [receiver, sender] = faults(await run({ meddle: swapped }));
    expect(sender).toEqual(['frame-shape', 'party 0']);
    expect(receiver).toEqual(['peer-gone', 'party 1']);
  });

  test('its own random start, sent back', async () => {
    const salts = [1, 2].map((i) => insecureTestRng(`salt ${i}`)(32));
    for (const party of [0, 1]) {
      const ends = faults(await run({ meddle: at(party, 0, () => [salts[1 - party]!]) }));
      expect(ends[1 - party]).toEqual(['frame-order', name(party)]);
    }
  });
});

describe('nothing opens', () => {
  test.each([
    ['vector', 0, 2],
    ['seed', 0, 1],
    ['values', 1, 1],
  ] as const)('where a bit of the %s differs: the parties hold other masked data', async (_, party, place) => {
    const flip = (frame: Uint8Array): Uint8Array[] => [frame.with(7, frame[7]! ^ 1)];
    const [receiver, sender] = faults(await run({ meddle: at(party, place, flip) }));
    expect(receiver![0]).toBe('peer-disagrees');
    expect(sender).toEqual(['peer-gone', 'party 0']);
  });

  test.each([0, 1, 31, honest.length - 1])('from an answer key of %i bytes', async (length) => {
    const [receiver, sender] = faults(await run({ answerKey: honest.subarray(0, length) }));
    expect(receiver).toEqual(['frame-shape', 'key service']);
    expect(sender).toEqual(['peer-gone', 'party 0']);
  });

  test.each([
    ['rows of the receiver', [41, 40]],
    ['rows of the sender', [40, 41]],
    ['rows of both', [500, 600]],
  ] as const)('where the parties go by other %s', async (_, other) => {
    for (const sizes of [[rows, other] as const, [other, rows] as const]) {
      const tables = sizes.map((size, i) => Array.from({ length: size[i]! }, (_, row) => `k${row}`));
      const ends = faults(await run({ rows: sizes, keys: tables }));
      expect(ends.map(([, culprit]) => culprit)).toEqual(['party 1', 'party 0']);
      expect(ends.map(([code]) => code)).toContain('frame-shape');
    }
  });
});

test('a session that ends while it works writes nothing more', async () => {
  for (const index of [0, 1]) {
    for (const pauses of [1, 3, 6]) {
      const network = wires();
      const kernels = createKernels();
      let left = pauses;
      const pause = async (): Promise<void> => {
        if (--left === 0) session.end();
      };
      const options = { rows, index, channel: network.channels[index]!, kernels, pause, rng: insecureTestRng('rng') };
      const session = new PsiSession({ ...options, masks: { own: masks[index]!, pairs: [] }, name });
      const peer = network.channels[1 - index]!;
      for (const bytes of index === 0 ? [32] : [32, 32, honest.length]) await peer.send(index, new Uint8Array(bytes));
      await expect(session.exchange(keysOf(keys), new Uint8Array(32).fill(1))).rejects.toMatchObject({
        code: 'session-expired',
      });
      expect(new Uint8Array(kernels.arena.memory.buffer).subarray(65536).every((byte) => byte === 0)).toBe(true);
    }
  }
});
