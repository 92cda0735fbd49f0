import {
  type Asker,
  type Chosen,
  choosePairs,
  deployedPairs,
  type KnownPair,
  type StoredPair,
  slots,
} from '@symbolon/consent';
import type { Rng } from '@symbolon/crypto';
import { type Database, insertRows, prepared } from '@symbolon/service';

/** Pairs of one institution that a card keeps: older ones are retired, so that no patient has more than can be looked through. */
const mostOfInstitution = 2 * deployedPairs;

/** Who is no patient: asked about, so that the same is asked of the database for patients whom nobody knows. */
const nobody = 0;

/** The pairs to challenge an asker with, by slot. @param patient undefined where nobody knows one */
export async function pairsFor(
  within: Database,
  { patient = nobody, asker, rng }: { patient: number | undefined; asker: Asker; rng: Rng },
): Promise<Map<number, Chosen<KnownPair & { envelope: Uint8Array; fingerprint: Uint8Array }>>> {
  const { rows: pairs } = await activePairs(within, { patient });
  const { rows: offers } = await offersOf(within, { patient });
  const offered = Map.groupBy(offers, ({ pair }) => pair);
  const known = pairs.map(({ id, slot, ...deployer }) => ({
    id: String(id),
    slot,
    deployer,
    offered: offered.get(id) ?? [],
  }));
  const chosen = choosePairs(known, asker, rng);
  const ids = [...chosen.values()].map(({ pair }) => Number(pair.id));
  const [a = nobody, b = nobody, c = nobody, d = nobody] = ids;
  const { rows: bytes } = await bytesOfPairs(within, { a, b, c, d });
  const byId = new Map(
    bytes.map(({ id, envelope, fingerprint }) => [String(id), { envelope: envelope!, fingerprint }]),
  );
  return new Map(
    [...chosen].map(([slot, { pair, independent }]) => [
      slot,
      { pair: { ...pair, ...byId.get(pair.id)! }, independent },
    ]),
  );
}

const activePairs = prepared((database, { patient }: { patient: number }) =>
  database
    .selectFrom('centre_pair')
    .select(['id', 'slot', 'physician', 'institution', 'installation'])
    .where('patient', '=', patient)
    .where('state', '=', 'active')
    .orderBy('id'),
);

const offersOf = prepared((database, { patient }: { patient: number }) =>
  database
    .selectFrom('centre_offer')
    .innerJoin('centre_pair', 'centre_pair.id', 'centre_offer.pair')
    .select(['pair', 'centre_offer.physician', 'centre_offer.institution', 'centre_offer.installation'])
    .where('patient', '=', patient)
    .where('state', '=', 'active'),
);

/** As many as there are slots. */
const bytesOfPairs = prepared((database, { a, b, c, d }: { a: number; b: number; c: number; d: number }) =>
  database.selectFrom('centre_pair').select(['id', 'envelope', 'fingerprint']).where('id', 'in', [a, b, c, d]),
);

/** Uses up a pair that was answered. @returns whether nobody has meanwhile */
export async function useUp(within: Database, id: number, now: Date): Promise<boolean> {
  const { written } = await retire(within, { id, now: now.toISOString() });
  if (written > 0) await forgetOffers(within, { id });
  return written > 0;
}

const retire = prepared((database, { id, now }: { id: number; now: string }) =>
  database
    .updateTable('centre_pair')
    .set({ state: 'retired', envelope: null, ended_at: now })
    .where('id', '=', id)
    .where('state', '=', 'active'),
);

const forgetOffers = prepared((database, { id }: { id: number }) =>
  database.deleteFrom('centre_offer').where('pair', '=', id),
);

/** Retires pairs: none is offered again, what a card would open is deleted, and to whom it was offered is forgotten. */
export async function retirePairs(
  within: Database,
  which: { readonly ids: readonly number[] } | { readonly patient: number },
  now: Date,
): Promise<void> {
  const ids = 'ids' in which ? which.ids : await idsOf(within, which.patient);
  if (ids.length === 0) return;
  await within
    .updateTable('centre_pair')
    .set({ state: 'retired', envelope: null, ended_at: now.toISOString() })
    .where('id', 'in', ids)
    .where('state', '!=', 'retired')
    .execute();
  await within.deleteFrom('centre_offer').where('pair', 'in', ids).execute();
}

async function idsOf(within: Database, patient: number): Promise<number[]> {
  const query = within.selectFrom('centre_pair').select('id').where('patient', '=', patient);
  return (await query.where('state', '!=', 'retired').execute()).map(({ id }) => id);
}

/** Keeps the new pairs of a card. @param state `waiting` until somebody confirms that the card was replaced */
export async function addPairs(
  within: Database,
  pairs: readonly Omit<StoredPair, 'id'>[],
  of: {
    readonly patient: number;
    readonly slot: number;
    readonly deployer: Asker;
    readonly session: string;
    readonly state: 'active' | 'waiting';
    readonly now: Date;
  },
): Promise<void> {
  const { patient, slot, deployer, session, state, now } = of;
  const { physician, institution, installation } = deployer;
  const common = { patient, slot, physician, institution, installation, session, state, ended_at: null };
  const rows = pairs.map(({ fingerprint, envelope }) => ({
    ...common,
    fingerprint,
    envelope,
    added_at: now.toISOString(),
  }));
  await insertRows(within, 'centre_pair', rows);
  const { rows: old } = await ofInstitution(within, { patient, slot, institution });
  await retirePairs(within, { ids: old.slice(mostOfInstitution).map(({ id }) => id) }, now);
}

const ofInstitution = prepared((database, of: { patient: number; slot: number; institution: string }) =>
  database
    .selectFrom('centre_pair')
    .select('id')
    .where('patient', '=', of.patient)
    .where('slot', '=', of.slot)
    .where('institution', '=', of.institution)
    .where('state', '=', 'active')
    .orderBy('id', 'desc'),
);

/** The lowest slot that no card of a patient is in; undefined if all are taken. */
export async function freeSlot(within: Database, patient: number): Promise<number | undefined> {
  const rows = await within
    .selectFrom('centre_pair')
    .select('slot')
    .distinct()
    .where('patient', '=', patient)
    .where('state', '=', 'active')
    .execute();
  const taken = new Set(rows.map(({ slot }) => slot));
  return Array.from({ length: slots }, (_, slot) => slot).find((slot) => !taken.has(slot));
}
