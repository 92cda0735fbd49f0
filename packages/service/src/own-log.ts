import { equalBytes, fault, SymbolonError } from '@symbolon/crypto';
import { peerClient } from './client.ts';
import type { Database } from './database.ts';
import type { Home } from './home.ts';
import { type LogCheckpoint, parseLogCheckpoint, type ServerLog } from './log.ts';
import type { Logger } from './logging.ts';
import { type ShownCheckpoint, seenAnswer, seenCheckpoint, seenPath } from './witness.ts';

const witnessMilliseconds = 3000;

interface OwnLog {
  readonly home: Pick<Home, 'card'>;
  readonly log: ServerLog;
}

/** What a partner answered when it was asked what it holds of this organisation's log. */
export type Testimony = { readonly witness: string } & (
  | { readonly state: 'holds'; readonly note: string; readonly checkpoint: LogCheckpoint }
  | { readonly state: 'nothing' }
  /** It did not answer in time, or with something that this organisation's log key did not sign. */
  | { readonly state: 'unknown'; readonly reason: unknown }
);

/** Asks all partners at once what they hold of the own log. Resolves within seconds, whatever they do. */
export function askWitnesses(home: Home): Promise<Testimony[]> {
  return Promise.all(
    home.partners.list().map(async (partner): Promise<Testimony> => {
      const witness = partner.id;
      const client = peerClient({ home, partner });
      try {
        const signal = AbortSignal.timeout(witnessMilliseconds);
        const { note } = await client.call('GET', seenPath, { answer: seenAnswer, signal });
        if (note === null) return { witness, state: 'nothing' };
        return { witness, state: 'holds', note, checkpoint: parseLogCheckpoint(home.card, note) };
      } catch (reason) {
        return { witness, state: 'unknown', reason };
      } finally {
        void client.close().catch(() => undefined);
      }
    }),
  );
}

/**
 * Holds the own log against every checkpoint of it that can be had: the one in the database, and those of all partners that answer
 * (PROTOCOLS §1). Throws `store-behind` if the database was put back or its log rewritten. What a partner says counts only if this
 * organisation's log key signed it; silent partners are asked again before a session with them.
 */
export async function requireNewestStore(
  server: OwnLog & { home: Home; database: Database; logger: Logger },
): Promise<void> {
  const { home, database, log, logger } = server;
  // A server that has ended in this moment may have appended, and shown, more.
  await log.refresh();
  const kept = await seenCheckpoint(database, home.card);
  if (kept !== null) requireCovers(server, parseLogCheckpoint(home.card, kept), 'the database itself');
  for (const testimony of await askWitnesses(home)) {
    const { witness, state } = testimony;
    if (state === 'holds') requireCovers(server, testimony.checkpoint, witness);
    if (state === 'unknown') {
      logger.warn({ witness, err: testimony.reason }, 'a partner did not say what it holds of this log');
    }
  }
}

/**
 * The own log for a partner that holds `note` of it (null: nothing). Throws `store-behind` if the log does not cover it, and
 * `bad-signature` or `bad-document`, naming the partner, if it is no checkpoint of this log.
 */
export function showLog(server: OwnLog, note: string | null, witness: string): ShownCheckpoint {
  const { home, log } = server;
  const held = note === null ? undefined : heldBy(witness, () => parseLogCheckpoint(home.card, note));
  if (held !== undefined) requireCovers(server, held, witness);
  const from = held?.epoch === log.epoch ? held.size : 0;
  return { note: log.checkpoint(), from, proof: log.consistencyProof(from) };
}

function heldBy<T>(witness: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof SymbolonError)) throw error;
    throw fault(error.code, `what ${witness} holds of this log: ${error.message}`, { culprit: witness, cause: error });
  }
}

/** Holds that the own log covers what a partner holds of it; throws `store-behind`. A checkpoint of an earlier epoch is covered: what is missing there was given up when the new one was opened. */
export function requireCovers({ home, log }: OwnLog, held: LogCheckpoint, witness: string): void {
  const { id } = home.card;
  const behind = (what: string): SymbolonError =>
    fault('store-behind', `${witness} holds a checkpoint of the log of ${id} that ${what}`, { culprit: id });
  if (held.epoch > log.epoch) {
    throw behind(`belongs to epoch ${held.epoch}; the database of ${id} is in epoch ${log.epoch}`);
  }
  if (held.epoch < log.epoch) return;
  if (held.size > log.size) throw behind(`has ${held.size} entries; the database of ${id} has ${log.size}`);
  if (!equalBytes(log.root(held.size), held.root)) {
    throw behind(`has other entries among its ${held.size} than the database of ${id}`);
  }
}

/**
 * Keeps the newest signed checkpoint of the own log, to hold the log against later: whoever rewrites entries in the database cannot sign
 * a checkpoint for them without the log key.
 */
export async function keepCheckpoint({ database, log }: { database: Database; log: ServerLog }): Promise<void> {
  const { origin, size } = log;
  const note = log.checkpoint();
  await database
    .insertInto('checkpoint')
    .values({ origin, size, note })
    .onConflict((conflict) => conflict.column('origin').doUpdateSet({ size, note }).where('checkpoint.size', '<', size))
    .execute();
}
