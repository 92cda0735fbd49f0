import { z } from 'zod';
import { hash, organisationId } from './fields.ts';
import { computing } from './outsourcing.ts';
import { distinct, type Must } from './rules.ts';
import type { Agreement } from './schema.ts';

/** What makes an agreement a licence: one party asked for it, from entries of the others' catalogues. */
export const licenceSchema = z.strictObject({
  /** Who asked, starts runs and pays. */
  licensee: organisationId,
  /** The entries, by the hash that `offerHash` gives them; one at least of each owner. */
  offers: z
    .array(z.strictObject({ party: organisationId, offer: hash }))
    .min(1)
    .max(16),
});

/** An agreement that is a licence. */
export type Licence = Agreement & Required<Pick<Agreement, 'licence' | 'studies'>>;

/** Whether an agreement is a licence. */
export function isLicence(agreement: Agreement): agreement is Licence {
  return agreement.licence !== undefined;
}

/** Ids of those whose data a licence is for, in the order of the parties: all but the licensee, and who computes on ciphertexts. */
export function ownersOf(licence: Pick<Licence, 'licence' | 'parties' | 'outsourcing' | 'studies'>): string[] {
  const servers = computing(licence);
  return licence.parties.map(({ id }) => id).filter((id) => id !== licence.licence.licensee && !servers.has(id));
}

/** Rules across the fields of a licence. */
export function checkLicence(must: Must, licence: NonNullable<Agreement['licence']>, agreement: Agreement): void {
  const { licensee, offers } = licence;
  const { parties, price, quota, studies } = agreement;
  const owners = ownersOf(agreement as Licence);
  must(studies !== undefined, 'licence', 'is for studies, and there are none');
  must(
    parties.some(({ id }) => id === licensee),
    'licence.licensee',
    `${licensee} is not a party`,
  );
  for (const [i, { party }] of offers.entries()) {
    must(owners.includes(party), `licence.offers.${i}.party`, `${party} is no owner`);
  }
  must(distinct(offers.map(({ offer }) => offer)), 'licence.offers', 'names an entry twice');
  for (const id of owners) {
    must(
      offers.some(({ party }) => party === id),
      'licence.offers',
      `has no entry of ${id}`,
    );
  }
  if (price !== undefined) {
    must(price.paidBy.join() === licensee, 'price.paidBy', `is for the licensee, ${licensee}, alone`);
    must(!Object.hasOwn(price.split, licensee), `price.split.${licensee}`, 'the licensee receives nothing');
  }
  for (const id of Object.keys(quota ?? {})) must(id === licensee, `quota.${id}`, `is for the licensee, ${licensee}`);
  // Else whoever starts a run for nothing could be an owner.
  const askers = studies?.free?.by ?? [];
  must(
    askers.every((id) => id === licensee),
    'studies.free.by',
    `is for the licensee, ${licensee}`,
  );
}
