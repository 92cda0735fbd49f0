import {
  type BoundStudy,
  decodeRun,
  encodeUnit,
  type OwnCell,
  planStudy,
  type Released,
  type StudySession,
  type StudyYield,
  studyProtocol,
} from '@symbolon/analytics';
import { Prg, systemRng } from '@symbolon/crypto';
import type { AnswerKey, Channel } from '@symbolon/engine';
import { createKernels } from '@symbolon/kernels';

/** What came of it: the released cells, and how many bytes all parties sent. */
export interface Combined {
  readonly released: Released;
  readonly bytes: number;
}

/**
 * Adds up the cells of several owners by the session of any study whose rows are split between parties (`own` units): masked shares, release rules inside, and only the
 * cells of all together open. All roles are in this process, each with masks and frames of its own; a dealer makes masks and answer key as the key service does.
 *
 * Runs at: all owners. Each learns: the released cells. @param cells of each owner, in the order of the study's parties @param rows of each
 */
export async function combineCells(
  bound: BoundStudy,
  cells: readonly (readonly OwnCell[])[],
  rows: readonly number[],
): Promise<Combined> {
  const [{ alias, parties }] = bound.tables as [BoundStudy['tables'][number]];
  const sizes = Object.fromEntries(parties.map((party, i) => [party, { rows: rows[i]!, patients: rows[i]! }]));
  const run = planStudy(bound, { [alias]: sizes }, { to: parties });
  const [{ program }] = run.units as [(typeof run.units)[number]];
  const kernels = createKernels();
  const own = parties.map(() => new Prg(systemRng(32)));
  const pairs = new Map<string, Prg>();
  const pair = (i: number, j: number): Prg => {
    const name = `${Math.min(i, j)} ${Math.max(i, j)}`;
    const masks = pairs.get(name) ?? new Prg(systemRng(32));
    pairs.set(name, masks);
    return masks;
  };
  const sessions = lines(parties.length).map((channel, index) =>
    studyProtocol.open({
      ...{ program, index, channel, kernels: createKernels(), rng: systemRng },
      masks: { own: own[index]!, pairs: parties.map((_, peer) => (peer === index ? undefined : pair(index, peer))) },
      name: (party) => parties[party]!,
      pause: () => Promise.resolve(),
    }),
  );
  const inputs = parties.map((party, unit) =>
    encodeUnit({ run, unit: 0, party, tables: new Map(), kept: new Map(), cells: cells[unit]! }),
  );
  const hashes = await Promise.all(sessions.map((session, i) => session.exchange(inputs[i]!, systemRng(32))));
  if (hashes.some((hash) => Buffer.compare(hash, hashes[0]!) !== 0))
    throw new Error('the hospitals hold other masked data');
  const answerKey = keyOf(Buffer.concat([...studyProtocol.deal({ program, masks: own, kernels })]));
  const yielded = await Promise.all(sessions.map((session, i) => last(session, i === 0 ? answerKey : undefined)));
  const bytes = sessions.reduce((sum, { sentBytes }) => sum + sentBytes, 0);
  for (const session of sessions) session.end();
  return { released: decodeRun(bound, yielded[0]!), bytes };
}

async function last(session: StudySession, answerKey: AnswerKey | undefined): Promise<StudyYield> {
  const steps = session.evaluate(answerKey);
  for (;;) {
    const step = await steps.next();
    if (step.done) return step.value;
  }
}

function keyOf(bytes: Uint8Array): AnswerKey {
  let at = 0;
  return {
    async read(count) {
      at += count;
      return bytes.slice(at - count, at);
    },
  };
}

/** Channels of n parties in one memory. */
function lines(parties: number): Channel[] {
  const queues = new Map<string, { frames: Uint8Array[]; waiting: ((frame: Uint8Array) => void)[] }>();
  const queue = (from: number, to: number) => {
    const made = queues.get(`${from} ${to}`) ?? { frames: [], waiting: [] };
    queues.set(`${from} ${to}`, made);
    return made;
  };
  return Array.from({ length: parties }, (_, me) => ({
    async send(to, frame) {
      const { frames, waiting } = queue(me, to);
      const next = waiting.shift();
      if (next === undefined) frames.push(frame.slice());
      else next(frame.slice());
    },
    receive(from) {
      const { frames, waiting } = queue(from, me);
      const frame = frames.shift();
      return frame === undefined ? new Promise((resolve) => waiting.push(resolve)) : Promise.resolve(frame);
    },
  }));
}
