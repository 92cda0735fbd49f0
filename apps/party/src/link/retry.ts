import { setTimeout } from 'node:timers/promises';
import { type ErrorCode, fault, type Rng, SymbolonError } from '@symbolon/crypto';

/** Milliseconds before the second try, the third …, at least: a key service that starts again is there within them. */
const pauses = [500, 1000, 2000, 4000, 8000];

/** How often a session is tried, in all. */
export const mostTries = pauses.length + 1;

/** A pause is longer by up to this share, so that those who wait for the same service do not all come at once. */
const jitter = 0.25;

const transient: ReadonlySet<ErrorCode> = new Set([
  'peer-gone',
  'peer-silent',
  'keyservice-down',
  'session-expired',
  'session-unknown',
  'thread-lost',
]);

/** Whether another try may succeed: somebody went away. Refusals, disagreements and bad frames end a run; so does what the peer says of one. */
export function isTransient(error: unknown): error is SymbolonError {
  if (!(error instanceof SymbolonError) || !transient.has(error.code)) return false;
  return !(error.cause instanceof SymbolonError) || isTransient(error.cause);
}

/** Milliseconds between try `again`, from 0, and the next. */
export function pauseAfter(again: number, rng: Rng): number {
  return pauses[again]! * (1 + (jitter * rng(1)[0]!) / 255);
}

/** What is tried. */
interface Trying {
  /** What it is, for people. */
  readonly what: string;
  /** Times, in all. */
  readonly most: number;
  readonly signal: AbortSignal;
  /** For the length of pauses. */
  readonly rng: Rng;
  /** Whether what was done so far can be left behind; it can, if absent. */
  readonly mayRepeat?: () => boolean;
  /** Told of a failure before the next try. */
  readonly failed: (error: SymbolonError) => void;
}

/** Tries until it succeeds, with longer and longer pauses; only where somebody went away is there another time. */
export async function retried<Result>(
  { what, most, signal, rng, mayRepeat = () => true, failed }: Trying,
  attempt: (again: number) => Promise<Result>,
): Promise<Result> {
  for (let again = 0; ; again++) {
    try {
      return await attempt(again);
    } catch (error) {
      signal.throwIfAborted();
      if (!isTransient(error) || most === 1 || !mayRepeat()) throw error;
      const { code, message, culprit, hint } = error;
      if (again + 1 === most)
        throw fault(code, `${what} failed ${most} times, at last: ${message}`, { culprit, hint, cause: error });
      failed(error);
    }
    await setTimeout(pauseAfter(again, rng), undefined, { signal }).catch(() => signal.throwIfAborted());
  }
}
