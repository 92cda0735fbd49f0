import type { Card } from '@symbolon/agreement';
import { base64url, equalBytes, fault, fromBase64url, SymbolonError } from '@symbolon/crypto';
import { verifyConsistency } from '@symbolon/ledger';
import { z } from 'zod';
import type { Client } from './client.ts';
import type { Database } from './database.ts';
import type { Home } from './home.ts';
import { type LogCheckpoint, logOrigin, parseLogCheckpoint, type ServerLog } from './log.ts';
import type { Logger } from './logging.ts';
import { requireCovers } from './own-log.ts';
import { bytes32 } from './shapes.ts';
import { forked, seenCheckpoint } from './witness.ts';

/** Claims about one log that are kept until its owner proves them. Only the log's owner can make one. */
const mostClaims = 32;

/** What is needed to weigh checkpoints that others hold. */
export interface ClaimServer {
  readonly home: Home;
  readonly database: Database;
  readonly log: ServerLog;
  readonly logger: Logger;
  readonly now: () => Date;
}

/** Newest checkpoints of other logs that are held here, signed notes, one a log; where there are more than `most`, others every minute. */
export async function heldCheckpoints({ home, database, now }: ClaimServer, most: number): Promise<string[]> {
  const partners = home.partners.list();
  const turn = Math.floor(now().getTime() / 60_000);
  const start = partners.length <= most ? 0 : (turn * most) % partners.length;
  const shown = [...partners, ...partners].slice(start, start + Math.min(most, partners.length));
  const notes = await Promise.all(shown.map((card) => seenCheckpoint(database, card)));
  return notes.filter((note) => note !== null);
}

/**
 * Weighs what a partner holds of other logs. What differs from what was shown here, at the same size, is a fork; what is of another size
 * is kept until the log's owner proves that it belongs to the same log. Throws `store-behind` if the own log does not cover what is held
 * of it. What its log did not sign, or whose log is not known here, says nothing.
 */
export async function weighCheckpoints(server: ClaimServer, notes: readonly string[], by: Card): Promise<void> {
  const { home } = server;
  for (const note of new Set(notes)) {
    const [, id] = /^symbolon\/([a-z][a-z0-9-]{0,30})(?:\/\d+)?\n/.exec(note) ?? [];
    if (id === undefined || id === by.id) continue;
    const card = id === home.card.id ? home.card : home.partners.find(id);
    if (card === undefined) continue;
    if (card !== home.card && note === (await seenCheckpoint(server.database, card))) continue;
    const checkpoint = read(server, card, note, by);
    if (checkpoint === undefined) continue;
    if (card === home.card) requireCovers(server, checkpoint, by.id);
    else await weigh(server, card, { checkpoint, note, by: by.id });
  }
}

function read({ logger }: ClaimServer, card: Card, note: string, by: Card): LogCheckpoint | undefined {
  try {
    return parseLogCheckpoint(card, note);
  } catch (error) {
    if (!(error instanceof SymbolonError)) throw error;
    logger.warn({ partner: by.id, log: card.id, err: error }, 'a partner shows what that log did not sign');
    return undefined;
  }
}

interface Claim {
  readonly checkpoint: LogCheckpoint;
  readonly note: string;
  /** Who holds it. */
  readonly by: string;
}

async function weigh(server: ClaimServer, card: Card, claim: Claim): Promise<void> {
  const { database, now } = server;
  const { origin, size, root } = claim.checkpoint;
  const held = await heldOf(server, card, origin);
  if (held?.size === size && equalBytes(held.root, root)) return;
  const { count } = await database
    .selectFrom('checkpoint_claim')
    .select(({ fn }) => fn.countAll().as('count'))
    .where('origin', '=', origin)
    .executeTakeFirstOrThrow();
  if (Number(count) >= mostClaims) return;
  await database
    .insertInto('checkpoint_claim')
    .values({
      origin,
      size,
      root: base64url(root),
      note: claim.note,
      held_by: claim.by,
      received_at: now().toISOString(),
      forked: 0,
    })
    .onConflict((conflict) => conflict.columns(['origin', 'size', 'root']).doNothing())
    .execute();
  if (held?.size === size) await recordFork(server, card, claim, held);
}

async function heldOf(
  { database }: Pick<ClaimServer, 'database'>,
  card: Card,
  origin: string,
): Promise<(LogCheckpoint & { note: string }) | undefined> {
  const row = await database.selectFrom('checkpoint').select('note').where('origin', '=', origin).executeTakeFirst();
  return row === undefined ? undefined : { ...parseLogCheckpoint(card, row.note), note: row.note };
}

/** The log of a partner has two pasts: both signed notes go into the own log, and the partner's log is not accepted any more. */
async function recordFork(
  { log, logger }: ClaimServer,
  card: Card,
  { checkpoint, note, by }: Claim,
  held: { readonly note: string } | undefined,
): Promise<void> {
  const { origin, size, root } = checkpoint;
  const event = { kind: 'partner-log-forked', partner: card.id, by, held: held?.note ?? null, claimed: note };
  await log
    .append(event, async (transaction) => {
      const { numUpdatedRows } = await transaction
        .updateTable('checkpoint_claim')
        .set({ forked: 1 })
        .where('origin', '=', origin)
        .where('size', '=', size)
        .where('root', '=', base64url(root))
        .where('forked', '=', 0)
        .executeTakeFirst();
      if (numUpdatedRows !== 1n) throw fault('conflict', 'this fork is known');
    })
    .catch((error: unknown) => {
      if (!(error instanceof SymbolonError && error.code === 'conflict')) throw error;
    });
  logger.error({ partner: card.id, by, size }, 'the log of a partner was shown to others with another past');
}

/** Logs about which there is a claim that its owner has not proved yet. */
export async function openClaims(
  database: Database,
  id: string,
): Promise<{ origin: string; note: string; held_by: string; received_at: string }[]> {
  return database
    .selectFrom('checkpoint_claim')
    .select(['origin', 'note', 'held_by', 'received_at'])
    .where(({ or, eb }) => or([eb('origin', '=', logOrigin(id)), eb('origin', 'like', `${logOrigin(id)}/%`)]))
    .where('forked', '=', 0)
    .orderBy('size')
    .execute();
}

/** Where a log proves that it extends what it was. */
export const consistencyPath = '/v1/log/consistency';
export const consistencyAnswer = z.strictObject({ proof: z.array(bytes32).max(64) });

/**
 * Asks a partner whose log was just accepted here to prove that what others hold of it belongs to the same log. What it cannot prove is a
 * fork. Throws `log-inconsistent`.
 */
export async function settleClaims(server: ClaimServer, card: Card, client: Client): Promise<void> {
  const { database } = server;
  for (const { note, held_by: by } of await openClaims(database, card.id)) {
    const checkpoint = parseLogCheckpoint(card, note);
    const newest = parseLogCheckpoint(card, (await seenCheckpoint(database, card))!);
    // What belonged to an earlier epoch was given up, in everybody's sight, when the new one was opened.
    if (checkpoint.epoch >= newest.epoch && !(await proves(checkpoint, newest, client))) {
      const claim = { checkpoint, note, by };
      await recordFork(server, card, claim, await heldOf(server, card, newest.origin));
      throw forked(card);
    }
    await database
      .deleteFrom('checkpoint_claim')
      .where('origin', '=', checkpoint.origin)
      .where('size', '=', checkpoint.size)
      .where('root', '=', base64url(checkpoint.root))
      .execute();
  }
}

async function proves(claimed: LogCheckpoint, newest: LogCheckpoint, client: Client): Promise<boolean> {
  // It showed its whole log a moment ago: what it signed before cannot be larger.
  if (claimed.epoch > newest.epoch || claimed.size > newest.size) return false;
  const path = `${consistencyPath}/${claimed.size}/${newest.size}`;
  try {
    const { proof } = await client.call('GET', path, { answer: consistencyAnswer });
    return verifyConsistency(claimed.size, claimed.root, newest.size, newest.root, proof.map(fromBase64url));
  } catch (cause) {
    // It may be the network: asked again next time, but nothing is run with it until then.
    throw fault('log-inconsistent', `${client.who} did not prove that what others hold of its log belongs to it`, {
      culprit: client.who,
      cause,
    });
  }
}
