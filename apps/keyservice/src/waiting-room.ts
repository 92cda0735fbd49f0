import { canonicalBytes, equalBytes, fault, type SymbolonError } from '@symbolon/crypto';
import type { OpenRequest } from '@symbolon/service';

/** A party that waits. */
interface Waiting<Result> {
  readonly request: OpenRequest;
  resolve(result: Result): void;
  reject(error: unknown): void;
}

interface Attempt<Result> {
  readonly first: OpenRequest;
  /** By the party's index. */
  readonly waiting: Map<number, Waiting<Result>>;
  readonly timer: NodeJS.Timeout;
}

const mustAgree = ['agreement', 'programHash', 'parties', 'pads'] as const;

/**
 * Where parties wait for each other. An attempt is known by its 32 bytes, which its parties share; all must ask for the same. A
 * difference or a time-out ends the attempt for all of them, in the same words.
 */
export class WaitingRoom<Result> {
  readonly #attempts = new Map<string, Attempt<Result>>();
  readonly #waitSeconds: number;
  readonly #complete: (requests: readonly OpenRequest[]) => Promise<Result>;

  /** @param complete called with all requests, in the order of the parties, when the last one is there */
  constructor(waitSeconds: number, complete: (requests: readonly OpenRequest[]) => Promise<Result>) {
    this.#waitSeconds = waitSeconds;
    this.#complete = complete;
  }

  /** Attempts that are waited for. */
  get size(): number {
    return this.#attempts.size;
  }

  /** Whether somebody waits for others in this attempt. */
  has(attempt: string): boolean {
    return this.#attempts.has(attempt);
  }

  /** Attempts in which this organisation waits. */
  countOf(organisationKey: string): number {
    const waits = ({ first, waiting }: Attempt<Result>) =>
      [...waiting.keys()].some((index) => first.parties[index]!.organisationKey === organisationKey);
    return [...this.#attempts.values()].filter(waits).length;
  }

  /**
   * Waits until all parties have asked. A party that hangs up is forgotten and may come back.
   * @param index of the caller among `request.parties`
   */
  enter(request: OpenRequest, index: number, signal: AbortSignal): Promise<Result> {
    const caller = request.parties[index]!;
    const hungUp = fault('peer-gone', `${caller.id} hung up`, { culprit: caller.id });
    if (signal.aborted) throw hungUp;
    const attempt = this.#attempts.get(request.attempt) ?? this.#begin(request);
    const place = attempt.first.parties.findIndex(({ organisationKey }) => organisationKey === caller.organisationKey);
    if (place < 0) throw fault('keyservice-refused', 'this attempt belongs to other parties', { culprit: caller.id });
    const different = mustAgree.find((field) => !equal(attempt.first[field], request[field]));
    if (different !== undefined) {
      const others = [...attempt.waiting.keys()].map((other) => attempt.first.parties[other]!.id).join(', ');
      const error = fault(
        'peer-disagrees',
        `${caller.id} and ${others} ask for the same attempt with different ${different}`,
        {
          culprit: caller.id,
        },
      );
      this.#end(request.attempt, error);
      throw error;
    }
    if (attempt.waiting.has(index)) {
      throw fault('conflict', `${caller.id} has asked for this attempt already`, { culprit: caller.id });
    }
    return new Promise<Result>((resolve, reject) => {
      attempt.waiting.set(index, { request, resolve, reject });
      signal.addEventListener('abort', () => {
        if (attempt.waiting.get(index)?.request === request) attempt.waiting.delete(index);
        if (attempt.waiting.size === 0) this.#forget(request.attempt, attempt);
        reject(hungUp);
      });
      if (attempt.waiting.size === request.parties.length) void this.#finish(request.attempt, attempt);
    });
  }

  /** Sends everybody away. */
  close(): void {
    const stopping = fault('keyservice-down', 'the key service is stopping');
    for (const name of [...this.#attempts.keys()]) this.#end(name, stopping);
  }

  #begin(first: OpenRequest): Attempt<Result> {
    const attempt: Attempt<Result> = {
      first,
      waiting: new Map(),
      timer: setTimeout(() => {
        const missing = first.parties.filter((_, index) => !attempt.waiting.has(index)).map(({ id }) => id);
        const message = `${missing.join(', ')} did not ask for this attempt within ${this.#waitSeconds} s`;
        this.#end(first.attempt, fault('peer-silent', message, { culprit: missing[0] }));
      }, this.#waitSeconds * 1000),
    };
    this.#attempts.set(first.attempt, attempt);
    return attempt;
  }

  async #finish(name: string, attempt: Attempt<Result>): Promise<void> {
    this.#forget(name, attempt);
    const all = attempt.first.parties.map((_, index) => attempt.waiting.get(index)!);
    try {
      const result = await this.#complete(all.map(({ request }) => request));
      for (const { resolve } of all) resolve(result);
    } catch (error) {
      for (const { reject } of all) reject(error);
    }
  }

  #end(name: string, error: SymbolonError): void {
    const attempt = this.#attempts.get(name);
    if (attempt === undefined) return;
    this.#forget(name, attempt);
    for (const { reject } of attempt.waiting.values()) reject(error);
  }

  #forget(name: string, attempt: Attempt<Result>): void {
    clearTimeout(attempt.timer);
    if (this.#attempts.get(name) === attempt) this.#attempts.delete(name);
  }
}

function equal(a: unknown, b: unknown): boolean {
  return equalBytes(canonicalBytes(a), canonicalBytes(b));
}
