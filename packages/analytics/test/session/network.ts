import { equalBytes, fault, insecureTestRng, Prg, systemRng } from '@symbolon/crypto';
import type { AnswerKey, Channel, Masks } from '@symbolon/engine';
import { createKernels, type Kernels } from '@symbolon/kernels';
import {
  type StudyInput,
  type StudyProgram,
  type StudySession,
  type StudyYield,
  studyProtocol,
} from '../../src/session/index.ts';

/** What becomes of the n-th frame from one party to another, counted from 0: none, itself, others. */
export type Meddle = (from: number, to: number, place: number, frame: Uint8Array) => readonly Uint8Array[];

export const name = (party: number): string => `party ${party}`;

/** Longer than any work of a test. */
const SILENCE = 400;

interface Queue {
  readonly there: Uint8Array[];
  arrived: () => void;
  sent: number;
}

/**
 * Channels of n parties in one memory. A party that waits while nothing is under way any more is told that its peer is silent; one whose peer has
 * hung up, that it is gone: as the real ones do.
 */
export function network(parties: number, meddle: Meddle = (_, __, ___, frame) => [frame]) {
  const gone = new Set<number>();
  const queues = new Map<string, Queue>();
  const queue = (from: number, to: number): Queue => {
    const made = queues.get(`${from} ${to}`) ?? { there: [], arrived: () => undefined, sent: 0 };
    queues.set(`${from} ${to}`, made);
    return made;
  };
  /** By receiver. */
  const seen: { from: number; frame: Uint8Array }[][] = Array.from({ length: parties }, () => []);
  const channels = Array.from(
    { length: parties },
    (_, me): Channel => ({
      async send(to, frame) {
        const line = queue(me, to);
        line.there.push(...meddle(me, to, line.sent++, frame.slice()));
        line.arrived();
      },
      async receive(from) {
        const line = queue(from, me);
        while (line.there.length === 0) {
          if (gone.has(from)) throw fault('peer-gone', 'the peer hung up', { culprit: name(from) });
          let timer: NodeJS.Timeout | undefined;
          await new Promise<void>((resolve, reject) => {
            line.arrived = resolve;
            const silent = (): void => reject(fault('peer-silent', 'the peer is silent', { culprit: name(from) }));
            timer = setTimeout(silent, SILENCE);
          }).finally(() => clearTimeout(timer));
        }
        const frame = line.there.shift()!;
        seen[me]!.push({ from, frame: frame.slice() });
        return frame;
      },
    }),
  );
  return {
    channels,
    seen,
    hangUp(party: number) {
      gone.add(party);
      for (let peer = 0; peer < parties; peer++) queue(party, peer).arrived();
    },
  };
}

/** The masks that a dealer hands out; every stream that is asked for is noted, by who asked. */
export interface Dealt {
  readonly own: readonly Masks[];
  readonly pair: (i: number, j: number) => Masks;
}

export function dealt(parties: number, seed: string): Dealt {
  const prg = (who: string): Masks => new Prg(insecureTestRng(`masks ${seed} ${who}`)(32));
  return {
    own: Array.from({ length: parties }, (_, i) => prg(`${i}`)),
    pair: (i, j) => prg(`${Math.min(i, j)} ${Math.max(i, j)}`),
  };
}

export function answerKeyOf(bytes: Uint8Array): AnswerKey {
  let at = 0;
  return {
    async read(count) {
      at += count;
      return bytes.slice(at - count, at);
    },
  };
}

export function answerKeyFor(program: StudyProgram, masks: Dealt, kernels = createKernels()): Uint8Array {
  return new Uint8Array(Buffer.concat([...studyProtocol.deal({ program, masks: masks.own, kernels })]));
}

export const saltOf = (index: number): Uint8Array => insecureTestRng(`salt ${index}`)(32);

export interface Run {
  readonly program: StudyProgram;
  readonly inputs: readonly StudyInput[];
  readonly masks?: Dealt;
  readonly answerKey?: Uint8Array;
  readonly meddle?: Meddle;
  /** The programs that single parties have instead. */
  readonly programs?: Readonly<Record<number, StudyProgram>>;
  readonly salts?: readonly Uint8Array[];
  /** The same seed, the same frames. */
  readonly seed?: string;
  readonly kernels?: readonly Kernels[];
}

export async function last<Result>(steps: AsyncGenerator<unknown, Result>): Promise<Result> {
  for (;;) {
    const step = await steps.next();
    if (step.done) return step.value;
  }
}

/**
 * All parties to their ends, and what each ends with: what the plan yields, or its error. There is an answer key only where all hold the same
 * masked data, as a dealer would have it.
 */
export async function run(options: Run) {
  const { program, inputs, meddle, seed } = options;
  const { parties } = program;
  const masks = options.masks ?? dealt(parties, seed ?? 'run');
  const wires = network(parties, meddle);
  const sessions = wires.channels.map((channel, index): StudySession => {
    const pairs = wires.channels.map((_, peer) => (peer === index ? undefined : masks.pair(index, peer)));
    return studyProtocol.open({
      program: options.programs?.[index] ?? program,
      index,
      channel,
      masks: { own: masks.own[index]!, pairs },
      kernels: options.kernels?.[index] ?? createKernels(),
      rng: seed === undefined ? systemRng : insecureTestRng(`party ${index} ${seed}`),
      name,
      pause: () => Promise.resolve(),
    });
  });
  const hashes = sessions.map((session, i) => session.exchange(inputs[i]!, options.salts?.[i] ?? saltOf(i)));
  for (const hash of hashes) hash.catch(() => undefined);
  const answerKey = answerKeyOf(options.answerKey ?? answerKeyFor(program, masks));
  const guarded: AnswerKey = {
    async read(bytes) {
      const signed = await Promise.all(hashes.map((hash) => hash.catch(() => undefined)));
      const missing = signed.indexOf(undefined);
      if (missing !== -1) throw fault('peer-gone', 'a party did not sign', { culprit: name(missing) });
      const same = signed.every((hash) => equalBytes(hash!, signed[0]!));
      if (!same) throw fault('peer-disagrees', 'the parties hold other masked data');
      return answerKey.read(bytes);
    },
  };
  const transcripts: (readonly [Uint8Array, Uint8Array] | undefined)[][] = [];
  const ends = await Promise.all(
    sessions.map(async (session, i): Promise<StudyYield | Error> => {
      try {
        await hashes[i];
        return await last(session.evaluate(i === 0 ? guarded : undefined));
      } catch (error) {
        return error as Error;
      } finally {
        transcripts[i] = sessions.map((_, peer) => (peer === i ? undefined : session.transcript(peer)));
        session.end();
        wires.hangUp(i);
      }
    }),
  );
  return { ends, hashes, seen: wires.seen, sessions, masks, transcripts };
}

/** What every party yields, where none fails. */
export async function yields(options: Run): Promise<StudyYield[]> {
  const { ends } = await run(options);
  return ends.map((end) => {
    if (end instanceof Error) throw end;
    return end;
  });
}
