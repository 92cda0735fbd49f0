import type { Card } from '@symbolon/agreement';
import { fault, fromBase64url, SymbolonError } from '@symbolon/crypto';
import { verifyConsistency } from '@symbolon/ledger';
import { consistencyAnswer, consistencyPath } from './claims.ts';
import type { Client } from './client.ts';
import { type LogCheckpoint, parseLogCheckpoint } from './log.ts';
import { requireNoFork, type ShownCheckpoint, seenCheckpoint, witnessCheckpoint } from './witness.ts';

const maxTries = 3;

/**
 * Accepts the checkpoint in a partner's answer as `witnessCheckpoint` does, even if a newer one of the same log was accepted here while
 * the answer was open. It must extend `asked`, what was held here when the question was sent (a signed note; null: nothing), and the
 * partner must prove that it and what is held now are of one log; the larger of the two is kept. Throws as `witnessCheckpoint`, and what
 * a connection throws.
 */
export async function witnessAnswer(
  server: Parameters<typeof witnessCheckpoint>[0],
  card: Card,
  { client, asked, shown }: { client: Pick<Client, 'call'>; asked: string | null; shown: ShownCheckpoint },
): Promise<void> {
  let next = shown;
  for (let tries = 1; ; tries++) {
    try {
      await witnessCheckpoint(server, card, next);
      return;
    } catch (error) {
      // Older than what is held now, it is `log-inconsistent` to the plain check.
      const race = error instanceof SymbolonError && ['conflict', 'log-inconsistent'].includes(error.code);
      const note = await seenCheckpoint(server.database, card);
      if (!race || tries === maxTries || note === null || note === asked) throw error;
      const held = parseLogCheckpoint(card, note);
      const answered = parseLogCheckpoint(card, shown.note);
      if (held.epoch !== answered.epoch) throw error;
      requireExtends(card, asked, answered, shown);
      const [older, newer] = answered.size <= held.size ? [answered, held] : [held, answered];
      const proof = await proofBetween(client, older, newer);
      if (!verifyConsistency(older.size, older.root, newer.size, newer.root, proof)) throw twoPasts(card, older, newer);
      if (newer === held) return await requireNoFork(server.database, card, held.origin);
      next = { note: shown.note, from: held.size, proof };
    }
  }
}

/** An answer that is older than what was held when it was asked for is a log put back, whatever came in since. */
function requireExtends(card: Card, asked: string | null, answered: LogCheckpoint, { from, proof }: ShownCheckpoint) {
  const before = asked === null ? undefined : parseLogCheckpoint(card, asked);
  const last = before?.epoch === answered.epoch ? before : undefined;
  const size = last?.size ?? 0;
  const proven =
    from === size &&
    size <= answered.size &&
    (last === undefined || verifyConsistency(size, last.root, answered.size, answered.root, [...proof]));
  if (!proven) {
    throw fault('log-inconsistent', `the log of ${card.id} does not extend what it showed at ${size} entries`, {
      culprit: card.id,
    });
  }
}

async function proofBetween(client: Pick<Client, 'call'>, older: LogCheckpoint, newer: LogCheckpoint) {
  if (older.size === newer.size || older.size === 0) return [];
  const { proof } = await client.call('GET', `${consistencyPath}/${older.size}/${newer.size}`, {
    answer: consistencyAnswer,
  });
  return proof.map(fromBase64url);
}

const twoPasts = ({ id }: Card, older: LogCheckpoint, newer: LogCheckpoint): SymbolonError =>
  fault(
    'log-inconsistent',
    `the log of ${id} at ${newer.size} entries does not extend what it showed at ${older.size}`,
    {
      culprit: id,
    },
  );
