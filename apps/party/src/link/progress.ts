/** The parts of a run, in order. */
export const phases = [
  'load',
  'propose',
  'prepare',
  'shards',
  'keys',
  'exchange',
  'evaluate',
  'finish',
  'store',
] as const;

/** One of {@link phases}. */
export type LinkPhase = (typeof phases)[number];

/** How far a run is. */
export interface LinkProgress {
  readonly phase: LinkPhase;
  /** What is being done, for people. */
  readonly text: string;
  /** Parts of this phase that are done, of how many. */
  readonly done: number;
  readonly of: number;
  /** Seconds left of this phase, where that can be told. */
  readonly secondsLeft: number | null;
}

export type Report = (progress: LinkProgress) => void;

const texts: Readonly<Record<LinkPhase, string>> = {
  load: 'reading the own table',
  propose: 'asking the other party',
  prepare: 'hashing blocking keys',
  shards: 'comparing candidates under encryption, shard by shard',
  keys: 'getting one-time keys',
  exchange: 'exchanging encrypted tables',
  evaluate: 'comparing under encryption',
  finish: 'signing the statement',
  store: 'keeping the result',
};

/** Reports the steps of a phase. The first step is slower than the rest, so it does not count where there is another. */
export function phase(report: Report, name: LinkPhase, of = 1): (done: number) => void {
  let first: number | undefined;
  return (done) => {
    const now = performance.now();
    if (done === 1) first = now;
    const each = first === undefined || done < 2 ? undefined : (now - first) / (done - 1) / 1000;
    const secondsLeft = each === undefined ? null : Math.ceil(each * (of - done));
    report({ phase: name, text: texts[name], done, of, secondsLeft });
  };
}
