import type { Card } from '@symbolon/agreement';
import { fault, fromBase64url, SymbolonError } from '@symbolon/crypto';
import { cosign, cosignedAt, withSignature } from '@symbolon/ledger';
import type { Database } from './database.ts';
import type { Home } from './home.ts';
import { type LogCheckpoint, logOrigin, parseLogCheckpoint } from './log.ts';

/** A witness's clock may differ from the own one by so much. */
const clockSeconds = 3600;

/** The name under which an organisation cosigns what it has verified. */
export const witnessName = (id: string): string => logOrigin(id);

/** A checkpoint of the own log that a partner has cosigned. */
export interface Cosignature {
  readonly witness: string;
  readonly checkpoint: LogCheckpoint;
  /** Signed note with that cosignature. */
  readonly note: string;
  /** By the witness's clock. */
  readonly at: Date;
}

/** This organisation's cosignature of a partner's checkpoint that it has accepted and kept: a signature line. */
export function cosignFor({ card, logKey }: Pick<Home, 'card' | 'logKey'>, note: string, now: () => Date): string {
  return cosign(note, witnessName(card.id), logKey, Math.floor(now().getTime() / 1000));
}

/** Reads a checkpoint of the log of `card` with the cosignature of `witness`. Throws `bad-document` or `bad-signature`, naming the witness. */
export function parseCosigned(card: Pick<Card, 'id' | 'logKey'>, witness: Card, note: string): Cosignature {
  const time = cosignedBy(note, witness);
  if (time === undefined) {
    throw fault('bad-signature', `${witness.id} did not cosign this checkpoint`, { culprit: witness.id });
  }
  return { witness: witness.id, checkpoint: parseLogCheckpoint(card, note), note, at: new Date(time * 1000) };
}

function cosignedBy(note: string, { id, logKey }: Card): number | undefined {
  try {
    return cosignedAt(note, witnessName(id), fromBase64url(logKey));
  } catch (error) {
    if (!(error instanceof SymbolonError)) throw error;
    throw fault(error.code, error.message, { culprit: id, cause: error });
  }
}

/**
 * Keeps a partner's cosignature of a checkpoint of the own log. Throws `bad-signature`, or `peer-disagrees` where its time is not now or
 * lies before that of an earlier one: a cosignature bounds when entries were made, so a wrong time would make it worthless.
 */
export async function keepCosignature(
  server: { readonly home: Pick<Home, 'card'>; readonly database: Database; readonly now: () => Date },
  witness: Card,
  { note, line }: { readonly note: string; readonly line: string },
): Promise<void> {
  const { home, database, now } = server;
  const { checkpoint, at, ...cosigned } = parseCosigned(home.card, witness, withSignature(note, line));
  const before = await newestCosignature(database, checkpoint.origin, witness.id);
  const wrong =
    Math.abs(at.getTime() - now().getTime()) > clockSeconds * 1000
      ? 'at a time that is not now'
      : before !== undefined && at.toISOString() < before.cosigned_at
        ? 'at a time before that of its cosignature before'
        : undefined;
  if (wrong !== undefined) {
    throw fault('peer-disagrees', `${witness.id} cosigned this log ${wrong}`, {
      culprit: witness.id,
      hint: 'Set both clocks (UTC), best by NTP.',
    });
  }
  const { origin, size } = checkpoint;
  await database
    .insertInto('cosignature')
    .values({ origin, size, witness: witness.id, note: cosigned.note, cosigned_at: at.toISOString() })
    .onConflict((conflict) => conflict.columns(['origin', 'size', 'witness']).doNothing())
    .execute();
}

/** Up to which size a witness has cosigned a log. */
export function newestCosignature(
  database: Database,
  origin: string,
  witness: string,
): Promise<{ size: number; cosigned_at: string } | undefined> {
  return database
    .selectFrom('cosignature')
    .select(['size', 'cosigned_at'])
    .where('origin', '=', origin)
    .where('witness', '=', witness)
    .orderBy('size', 'desc')
    .limit(1)
    .executeTakeFirst();
}

/** The newest checkpoint of a log that each witness has cosigned. */
export async function newestCosignatures(
  database: Database,
  origin: string,
): Promise<{ witness: string; size: number; note: string; cosigned_at: string }[]> {
  const rows = await database
    .selectFrom('cosignature as one')
    .select(['witness', 'size', 'note', 'cosigned_at'])
    .where('origin', '=', origin)
    .where(({ eb, selectFrom }) =>
      eb(
        'size',
        '=',
        selectFrom('cosignature as other')
          .select(({ fn }) => fn.max('other.size').as('size'))
          .whereRef('other.origin', '=', 'one.origin')
          .whereRef('other.witness', '=', 'one.witness'),
      ),
    )
    .orderBy('witness')
    .execute();
  return rows;
}

/** All cosigned checkpoints of a log, as signed notes, the smallest first. */
export async function cosignedNotes(database: Database, origin: string): Promise<{ witness: string; note: string }[]> {
  return database
    .selectFrom('cosignature')
    .select(['witness', 'note'])
    .where('origin', '=', origin)
    .orderBy('size')
    .orderBy('witness')
    .execute();
}

/** Who has cosigned a log so far that entry `index` is among what they saw. */
export async function witnessesOf(database: Database, origin: string, index: number): Promise<string[]> {
  const rows = await database
    .selectFrom('cosignature')
    .select('witness')
    .distinct()
    .where('origin', '=', origin)
    .where('size', '>', index)
    .orderBy('witness')
    .execute();
  return rows.map(({ witness }) => witness);
}

/** A checkpoint of the own log with all cosignatures of this very size. */
export async function withCosignatures(database: Database, origin: string, note: string): Promise<string> {
  const size = Number(note.split('\n', 2)[1]);
  const rows = await database
    .selectFrom('cosignature')
    .select('note')
    .where('origin', '=', origin)
    .where('size', '=', size)
    .orderBy('witness')
    .execute();
  return rows.reduce((all, row) => withSignature(all, row.note.slice(row.note.lastIndexOf('\n—') + 1)), note);
}
