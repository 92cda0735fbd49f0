import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A folder for the time of one command. */
export interface TemporaryFolder {
  readonly path: string;
  /** Leaves it where it is. */
  keep(): void;
}

/** What has to be undone when a command ends, however it ends; the last made is undone first. */
export class Cleanup {
  readonly #steps: (() => Promise<void> | void)[] = [];
  readonly #stop = new AbortController();
  #running: Promise<void> | undefined;
  #holds = false;

  /** Aborts on Ctrl-C. */
  get signal(): AbortSignal {
    return this.#stop.signal;
  }

  /** Whether Ctrl-C is the usual end of what goes on, and not its interruption. */
  get holds(): boolean {
    return this.#holds;
  }

  /** Resolves on Ctrl-C. From now on that is how the command ends. */
  async hold(): Promise<void> {
    this.#holds = true;
    if (!this.signal.aborted) await once(this.signal, 'abort');
  }

  add(step: () => Promise<void> | void): void {
    this.#steps.push(step);
  }

  /** A folder that only this user can enter, removed at the end. */
  temporaryFolder(prefix: string): TemporaryFolder {
    const path = mkdtempSync(join(tmpdir(), prefix));
    let kept = false;
    this.add(() => {
      if (!kept) rmSync(path, { recursive: true, force: true, maxRetries: 3 });
    });
    return {
      path,
      keep: () => {
        kept = true;
      },
    };
  }

  /** Tells the command to stop. */
  interrupt(): void {
    this.#stop.abort();
  }

  /** Undoes everything, once; a step that fails does not keep the others from running. */
  run(): Promise<void> {
    this.#running ??= this.#undo();
    return this.#running;
  }

  async #undo(): Promise<void> {
    for (let step = this.#steps.pop(); step !== undefined; step = this.#steps.pop()) {
      await Promise.resolve()
        .then(step)
        .catch(() => undefined);
    }
  }
}
