import type { Card } from '@symbolon/agreement';
import { base64url, fault, fromBase64url, SymbolonError } from '@symbolon/crypto';
import { z } from 'zod';
import { type ClaimServer, heldCheckpoints, settleClaims, weighCheckpoints } from './claims.ts';
import { type Client, peerClient } from './client.ts';
import { cosignFor, keepCosignature } from './cosignatures.ts';
import { showLog } from './own-log.ts';
import { type Route, route } from './route.ts';
import { bytes32, size } from './shapes.ts';
import { type ShownCheckpoint, seenAnswer, seenCheckpoint, seenPath, witnessCheckpoint } from './witness.ts';
import { witnessAnswer } from './witness-answer.ts';

const exchangePath = '/v1/log/exchange';
/** Bounds of what a partner may send, so that it is no channel for data: a checkpoint has about 250 characters. */
const maxHeld = 256;
const maxNote = 512;
const exchangeBodyLimit = 196_608;
const maxTries = 3;

const note = z.string().min(1).max(maxNote);
const shownLog = z.strictObject({ note, from: size, proof: z.array(bytes32).max(64) });
const held = z.array(note).max(maxHeld);

/** What one organisation shows another of its own log, and of all others that it holds something of. */
export const exchangeRequest = z.strictObject({
  /** The caller's log, shown from the size that the other holds. */
  log: shownLog,
  /** What the caller holds of the other's log; null if nothing. */
  seen: note.nullable(),
  /** The newest checkpoints that the caller holds of other logs. */
  held,
});

const exchangeAnswer = z.strictObject({
  /** The other's cosignature of the caller's checkpoint: a signature line. */
  cosignature: z.string().min(1).max(512),
  /** The other's log, shown from the size that the caller holds. */
  log: shownLog,
  held,
});

/**
 * Exchanges logs with a partner (PROTOCOLS §8): each shows its own from the size that the other holds, verifies and keeps the other's, and
 * says what it holds of third ones; the partner cosigns. Then the partner must prove that what others hold of its log belongs to it.
 * Throws `log-inconsistent` or `store-behind`, and what a connection throws.
 *
 * Learns: both, of which organisations the other witnesses the logs, and how long these are.
 */
export async function exchangeLogs(
  server: ClaimServer,
  partner: Card,
  client: Client,
  signal?: AbortSignal,
): Promise<void> {
  const { home, database } = server;
  const within = signal === undefined ? {} : { signal };
  for (let tries = 1; ; tries++) {
    const { note: known } = await client.call('GET', seenPath, { answer: seenAnswer, ...within });
    const shown = showLog(server, known, partner.id);
    const body = {
      log: written(shown),
      seen: await seenCheckpoint(database, partner),
      held: await heldCheckpoints(server, maxHeld),
    };
    try {
      const answer = await client.call('POST', exchangePath, { body, answer: exchangeAnswer, ...within });
      await witnessAnswer(server, partner, { client, asked: body.seen, shown: read(answer.log) });
      await keepCosignature(server, partner, { note: shown.note, line: answer.cosignature });
      await weighCheckpoints(server, answer.held, partner);
      return await settleClaims(server, partner, client);
    } catch (error) {
      // Another exchange came in between, here or there.
      const again = error instanceof SymbolonError && error.code === 'conflict' && tries < maxTries;
      if (!again) throw named(error, home.card.id);
    }
  }
}

/** {@link exchangeLogs} over a connection of its own. */
export async function exchangeWith(server: ClaimServer, partner: Card, signal?: AbortSignal): Promise<void> {
  const client = peerClient({ home: server.home, partner });
  try {
    await exchangeLogs(server, partner, client, signal);
  } finally {
    void client.close().catch(() => undefined);
  }
}

/** Answers {@link exchangeLogs}. @param count throws if the caller asks too often */
export function exchangeRoute(server: ClaimServer, count: (caller: Card) => void): Route<Card> {
  return route<Card>()({
    method: 'POST',
    path: exchangePath,
    body: exchangeRequest,
    bodyLimit: exchangeBodyLimit,
    handle: async ({ caller, body }) => {
      count(caller);
      const { note } = body.log;
      await witnessCheckpoint(server, caller, read(body.log));
      const cosignature = cosignFor(server.home, note, server.now);
      await weighCheckpoints(server, body.held, caller);
      return {
        cosignature,
        log: written(showLog(server, body.seen, caller.id)),
        held: await heldCheckpoints(server, maxHeld),
      };
    },
  });
}

function written({ note: text, from, proof }: ShownCheckpoint): z.input<typeof shownLog> {
  return { note: text, from, proof: proof.map(base64url) };
}

function read({ note: text, from, proof }: z.output<typeof shownLog>): ShownCheckpoint {
  return { note: text, from, proof: proof.map(fromBase64url) };
}

/** A conflict that does not end is the partner's: what it says it holds is never what it then accepts. */
function named(error: unknown, own: string): unknown {
  if (!(error instanceof SymbolonError && error.code === 'conflict')) return error;
  return fault('peer-disagrees', `what is held of the log of ${own} changes again and again`, { cause: error });
}
