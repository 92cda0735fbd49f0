import { Prg } from '@symbolon/crypto';
import type { AnswerKey, Channel } from '@symbolon/engine';
import { createKernels, type Kernels } from '@symbolon/kernels';
import { everyPair } from './outcome.ts';
import type { NumberedKeys } from './psi/keys.ts';
import { keysProtocol } from './psi/protocol.ts';

const rows = 1 << 14;
const rounds = 3;

/**
 * Runs some small intersections of made-up keys in memory, both sides and the dealer: code and kernels start in V8's baseline tier, a third as
 * fast, and a long first session would stay there for seconds. Nothing secret takes part.
 */
export async function warmUp(kernels: Kernels): Promise<void> {
  for (let round = 0; round < rounds; round++) await intersect([kernels, createKernels()], round);
}

async function intersect(kernels: readonly [Kernels, Kernels], round: number): Promise<void> {
  const program = keysProtocol.parse({ protocol: 'link-keys/1', rows: [rows, rows], ...everyPairOfKeys });
  const masks = [1, 2].map((n) => new Prg(new Uint8Array(32).fill(n + 2 * round)));
  const channels = memoryChannels();
  const rng = (bytes: number): Uint8Array => fresh.next(bytes);
  const fresh = new Stream(new Prg(new Uint8Array(32).fill(round)));
  const sessions = channels.map((channel, index) =>
    keysProtocol.open({
      program,
      index,
      masks: { own: masks[index]!, pairs: [] },
      channel,
      kernels: kernels[index]!,
      rng,
      name: String,
      pause: () => Promise.resolve(),
    }),
  );
  await Promise.all(sessions.map((session, index) => session.exchange(madeUpKeys((index * rows) / 2), rng(32))));
  const answerKey = reader([...keysProtocol.deal({ program, masks, kernels: createKernels() })]);
  await Promise.all(sessions.map((session, index) => drain(session.evaluate(index === 0 ? answerKey : undefined))));
  for (const session of sessions) session.end();
}

const { cardinality, to } = everyPair;
const everyPairOfKeys = { cardinality, to };

/** Uniform bytes, one after the other. */
class Stream {
  readonly #stream: { fill(out: Uint8Array, byteOffset: number): void };
  #at = 0;

  constructor(prg: Prg) {
    this.#stream = prg.stream('warm');
  }

  next(bytes: number): Uint8Array {
    const out = new Uint8Array(bytes);
    this.#stream.fill(out, this.#at);
    this.#at += bytes;
    return out;
  }
}

/** Every path of a real run: a half in common, some keys twice, some missing. @param first number of the keys */
function madeUpKeys(first: number): NumberedKeys {
  const [numbers, offsets, present] = [new Uint32Array(rows), new Uint32Array(rows + 1), new Uint8Array(rows)];
  for (let row = 0; row < rows; row++) {
    numbers[row] = first + row - (row % 64 === 63 ? 1 : 0);
    offsets[row + 1] = 4 * row + 4;
    present[row] = row % 61 === 60 ? 0 : 1;
  }
  return { data: new Uint8Array(numbers.buffer), offsets, present, order: numbers.map((_, row) => rows - 1 - row) };
}

function memoryChannels(): [Channel, Channel] {
  const there: Uint8Array[][] = [[], []];
  const waiting: ((frame: Uint8Array) => void)[][] = [[], []];
  const channel = (own: number): Channel => ({
    send: async (to, frame) => {
      const next = waiting[to]!.shift();
      if (next === undefined) there[to]!.push(frame.slice());
      else next(frame.slice());
    },
    receive: () => {
      const frame = there[own]!.shift();
      return frame === undefined ? new Promise((resolve) => waiting[own]!.push(resolve)) : Promise.resolve(frame);
    },
  });
  return [channel(0), channel(1)];
}

function reader(chunks: readonly Uint8Array[]): AnswerKey {
  const all = Buffer.concat(chunks);
  let at = 0;
  return {
    read: async (bytes) => {
      at += bytes;
      return new Uint8Array(all.subarray(at - bytes, at));
    },
  };
}

async function drain(steps: AsyncGenerator): Promise<void> {
  while (!(await steps.next()).done);
}
