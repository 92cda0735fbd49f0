import { fault } from '@symbolon/crypto';
import { z } from 'zod';
import { bytes32 } from '../run/messages.ts';
import type { RunTable } from './input.ts';

/** Initiator → peer, POST /v1/links/announced: a proposal will follow once the initiator's table is read. */
export const announcementSchema = z.strictObject({
  /** Hash of the agreement. */
  agreement: bytes32,
});
export type Announcement = z.output<typeof announcementSchema>;

/** A table that was read early waits so long for its proposal. */
const keptMilliseconds = 60_000;

interface Early {
  readonly peer: string;
  readonly agreement: string;
  readonly table: Promise<RunTable>;
  reading: boolean;
}

/**
 * The own table, read because a peer has said that it is about to propose: both sides then read at the same time. One at most, and only
 * to save time: where nothing waits here, or something else, a proposal is answered all the same.
 */
export class Announced {
  #early: Early | undefined;

  /** Reads and keeps. Throws `conflict` while it reads for another announcement; the same one again reads nothing. */
  hold(peer: string, agreement: string, read: () => Promise<RunTable>): void {
    if (this.#early?.reading) {
      if (this.#early.peer === peer && this.#early.agreement === agreement) return;
      throw fault('conflict', 'this server is reading its table for another link', {
        hint: 'Wait until it is done, then try again.',
      });
    }
    const early: Early = { peer, agreement, table: read(), reading: true };
    this.#early = early;
    const done = (): void => {
      early.reading = false;
      setTimeout(() => this.#drop(early), keptMilliseconds).unref();
    };
    early.table.then(done, done);
  }

  /** What was, or is being, read for this proposal; once. */
  take(peer: string, agreement: string): Promise<RunTable> | undefined {
    const early = this.#early;
    if (early?.peer !== peer || early.agreement !== agreement) return undefined;
    this.#early = undefined;
    return early.table;
  }

  /** Lets go of a table that no proposal has asked for. */
  clear(): void {
    if (this.#early?.reading === false) this.#early = undefined;
  }

  #drop(early: Early): void {
    if (this.#early === early) this.#early = undefined;
  }
}
