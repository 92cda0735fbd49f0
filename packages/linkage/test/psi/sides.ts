import { equalBytes, fault } from '@symbolon/crypto';
import type { AnswerKey, Channel } from '@symbolon/engine';

/** What is driven of a session of any protocol. */
export interface Side<Result> {
  exchange(input: never, salt: Uint8Array): Promise<Uint8Array>;
  evaluate(answerKey?: AnswerKey): AsyncGenerator<number, Result>;
  end(): void;
}

/** One side from its start to its result. */
export async function drive<Result>(
  side: Side<Result>,
  input: unknown,
  salt: Uint8Array,
  answerKey?: AnswerKey,
): Promise<Result> {
  await side.exchange(structuredClone(input) as never, salt);
  return lastOf(side.evaluate(answerKey));
}

export async function lastOf<Result>(steps: AsyncGenerator<unknown, Result>): Promise<Result> {
  for (;;) {
    const step = await steps.next();
    if (step.done) return step.value;
  }
}

export function answerKeyOf(bytes: Uint8Array): AnswerKey {
  let at = 0;
  return {
    async read(count) {
      at += count;
      // Not slice(): that of a Buffer is no copy, and what is read is wiped.
      return new Uint8Array(bytes.subarray(at - count, at));
    },
  };
}

/** The channel of a party that faces a simulator: frames are made when the party waits for the next, from nothing of a peer's. `sent`: what it sent so far. */
export function facing(simulator: (sent: readonly Uint8Array[]) => Iterator<Uint8Array>) {
  const [sent, seen]: [Uint8Array[], Uint8Array[]] = [[], []];
  const frames = simulator(sent);
  const channel: Channel = {
    async send(_, frame) {
      sent.push(frame.slice());
    },
    async receive() {
      const { done, value } = frames.next();
      if (done) throw new Error('the party waits for more frames than there are');
      seen.push(value.slice());
      return value;
    },
  };
  return { channel, sent, seen };
}

/** What becomes of the n-th frame of a party, counted from 0: none, itself, others. */
export type Meddle = (from: number, place: number, frame: Uint8Array) => readonly Uint8Array[];

export const name = (party: number): string => `party ${party}`;

/**
 * Two channels in one memory. A side that waits while nothing is under way any more is told that its peer is silent; one whose peer has
 * hung up, that it is gone: as the real ones do.
 */
export function wires(meddle: Meddle = (_, __, frame) => [frame]) {
  const ends = [0, 1].map(() => ({
    there: [] as Uint8Array[],
    arrived: (): void => undefined,
    gone: false,
    sent: 0,
  }));
  const seen: Uint8Array[][] = [[], []];
  const channel = (me: number): Channel => ({
    async send(to, frame) {
      ends[to]!.there.push(...meddle(me, ends[me]!.sent++, frame.slice()));
      ends[to]!.arrived();
    },
    async receive(from) {
      const end = ends[me]!;
      while (end.there.length === 0) {
        if (ends[from]!.gone) throw fault('peer-gone', 'the peer hung up', { culprit: name(from) });
        let timer: NodeJS.Timeout | undefined;
        await new Promise<void>((resolve, reject) => {
          end.arrived = resolve;
          const silent = (): void => reject(fault('peer-silent', 'the peer is silent', { culprit: name(from) }));
          timer = setTimeout(silent, 300);
        }).finally(() => clearTimeout(timer));
      }
      const frame = end.there.shift()!;
      seen[me]!.push(frame.slice());
      return frame;
    },
  });
  return {
    channels: [channel(0), channel(1)] as const,
    /** What each party was sent. */
    seen,
    hangUp(party: number) {
      ends[party]!.gone = true;
      ends[1 - party]!.arrived();
    },
  };
}

/**
 * Both sides to their ends, and what each ends with: its result, or its error. There is an answer key only where both hold the same masked data.
 */
export async function outcomes(params: {
  network: ReturnType<typeof wires>;
  sides: readonly Side<unknown>[];
  inputs: readonly unknown[];
  salts: readonly Uint8Array[];
  answerKey: AnswerKey;
}): Promise<unknown[]> {
  const { network, sides, inputs, salts, answerKey } = params;
  // Copies: a session overwrites what it is given.
  const hashes = sides.map((side, i) => side.exchange(structuredClone(inputs[i]) as never, salts[i]!));
  const guarded: AnswerKey = {
    async read(bytes) {
      const [x, y] = await Promise.all([hashes[0]!, hashes[1]!.catch(() => undefined)]);
      if (y === undefined) throw fault('peer-gone', 'the peer did not sign', { culprit: name(1) });
      if (!equalBytes(x, y)) throw fault('peer-disagrees', 'the parties hold other masked data');
      return answerKey.read(bytes);
    },
  };
  return Promise.all(
    sides.map(async (side, i) => {
      try {
        await hashes[i];
        return await lastOf(side.evaluate(i === 0 ? guarded : undefined));
      } catch (error) {
        return error;
      } finally {
        side.end();
        network.hangUp(i);
      }
    }),
  );
}
