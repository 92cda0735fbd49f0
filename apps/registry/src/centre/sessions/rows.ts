import { envelopeBytes, type OpenSession, type Operation, offerLasts, type StoredPair, slots } from '@symbolon/consent';
import { fromBase64url } from '@symbolon/crypto';
import { type Database, type DatabaseSchema, prepared } from '@symbolon/service';

/** A session as it is kept. */
export type SessionRow = DatabaseSchema['centre_session'];

/** How long a session is answerable, in milliseconds. */
export const lifetime = offerLasts;

export async function findSession(database: Database, id: string): Promise<SessionRow | undefined> {
  return (await sessionBy(database, { id })).rows[0];
}

const sessionBy = prepared((database, { id }: { id: string }) =>
  database.selectFrom('centre_session').selectAll().where('id', '=', id),
);

/** Whether a session is not over. */
export async function isOpen(database: Database, id: string, now: Date): Promise<boolean> {
  return (await openBy(database, { id, now: now.toISOString() })).rows.length === 1;
}

const openBy = prepared((database, { id, now }: { id: string; now: string }) =>
  database
    .selectFrom('centre_session')
    .select('id')
    .where('id', '=', id)
    .where('state', '=', 'open')
    .where('expires_at', '>', now),
);

/** What a session offered in a slot. */
export interface OfferedPair extends Omit<StoredPair, 'envelope'> {
  readonly slot: number;
  readonly patient: number;
  /** Whether whoever was asked could not know the answer without the card. */
  readonly independent: boolean;
}

/** The pairs that a session offers and that nobody has used meanwhile, by their place in the challenge. */
export async function offeredPairs(database: Database, session: string): Promise<Map<number, OfferedPair>> {
  const { rows } = await activeOf(database, { session });
  return new Map(
    rows.map(({ id, place, independent, ...pair }) => [
      place,
      { ...pair, id: String(id), independent: independent === 1 },
    ]),
  );
}

const activeOf = prepared((database, { session }: { session: string }) =>
  database
    .selectFrom('centre_offer')
    .innerJoin('centre_pair', 'centre_pair.id', 'centre_offer.pair')
    .select([
      'centre_pair.id',
      'patient',
      'centre_pair.slot',
      'centre_offer.slot as place',
      'independent',
      'fingerprint',
    ])
    .where('centre_offer.session', '=', session)
    .where('state', '=', 'active'),
);

/** A session as the pure steps take it. @param pairs that are still in use */
export function toOpenSession(row: SessionRow, pairs: ReadonlyMap<number, OfferedPair>): OpenSession {
  const bytes = row.envelopes ?? new Uint8Array();
  const envelopes = Array.from({ length: bytes.length / envelopeBytes }, (_, slot) =>
    bytes.subarray(slot * envelopeBytes, (slot + 1) * envelopeBytes),
  );
  const offered = envelopes.length === 0 ? [] : Array.from({ length: slots }, (_, slot) => pairs.get(slot));
  const operation = row.operation as Operation;
  return { id: fromBase64url(row.id), nonce: row.nonce, operation, offered, envelopes };
}
