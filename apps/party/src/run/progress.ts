/** The parts of a run, in order; those of a link and those of a study. */
export const phases = [
  'load',
  'propose',
  'prepare',
  'shards',
  'connect',
  'keys',
  'exchange',
  'evaluate',
  'finish',
  'store',
] as const;

/** One of {@link phases}. */
export type Phase = (typeof phases)[number];

/** How far a run is. */
export interface Progress {
  readonly phase: Phase;
  /** What is being done, for people. */
  readonly text: string;
  /** Parts of this phase that are done, of how many. */
  readonly done: number;
  readonly of: number;
  /** Seconds left of this phase, where that can be told. */
  readonly secondsLeft: number | null;
}

export type Report = (progress: Progress) => void;

/**
 * Reports the steps of a phase. The first step is slower than the rest, so it does not count where there is another.
 * @param texts of the phases, for people
 */
export function phasesOf<Name extends Phase>(
  texts: Readonly<Record<Name, string>>,
): (report: Report, name: Name, of?: number) => (done: number) => void {
  return (report, name, of = 1) => {
    let first: number | undefined;
    return (done) => {
      const now = performance.now();
      if (done === 1) first = now;
      const each = first === undefined || done < 2 ? undefined : (now - first) / (done - 1) / 1000;
      const secondsLeft = each === undefined ? null : Math.ceil(each * (of - done));
      report({ phase: name, text: texts[name], done, of, secondsLeft });
    };
  };
}

/** Seconds for people: milliseconds are the last digits. */
export function rounded(seconds: number): number {
  return Math.round(1000 * seconds) / 1000;
}
