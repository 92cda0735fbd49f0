import { setTimeout } from 'node:timers/promises';
import { type ErrorCode, fault, SymbolonError } from '@symbolon/crypto';

/** How often a shard is tried, in all. */
export const mostTries = 3;

/** Before the second try, the third: a key service takes a second or two to start again. */
const pauses = [500, 3000];

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

/**
 * Tries until it succeeds, `most` times in all; only where somebody went away is there another time.
 * @param what it is, for people
 * @param failed told of a failure before the next try
 */
export async function retried<Result>(
  what: string,
  most: number,
  signal: AbortSignal,
  failed: (error: SymbolonError) => void,
  attempt: (again: number) => Promise<Result>,
): Promise<Result> {
  for (let again = 0; ; again++) {
    try {
      return await attempt(again);
    } catch (error) {
      signal.throwIfAborted();
      if (!isTransient(error) || most === 1) throw error;
      const { code, message, culprit, hint } = error;
      if (again + 1 === most)
        throw fault(code, `${what} failed ${most} times, at last: ${message}`, { culprit, hint, cause: error });
      failed(error);
    }
    await setTimeout(pauses[again], undefined, { signal }).catch(() => signal.throwIfAborted());
  }
}
