import { z } from 'zod';
import { type Frozen, organisationId, visibleText } from './fields.ts';
import { type LegalBasis, legalBases, purposes } from './purposes.ts';
import { distinct, type Must } from './rules.ts';

const keysOf = <Name extends string>(table: Readonly<Record<Name, string>>) => Object.keys(table) as [Name, ...Name[]];

export const purposeCode = z.enum(keysOf(purposes));
const legalBasis = z
  .array(z.enum(keysOf(legalBases)))
  .min(1)
  .max(8);

/** Why the data is used, and what allows it. */
export const purposeSchema = z.strictObject({
  text: visibleText(4096),
  uses: z.array(purposeCode).min(1),
  legalBasis,
  /** Of parties for which it is another. */
  parties: z
    .record(
      organisationId,
      z.strictObject({ text: visibleText(4096).exactOptional(), legalBasis: legalBasis.exactOptional() }),
    )
    .exactOptional(),
});

type PurposeTerms = Frozen<z.output<typeof purposeSchema>>;

/** Rules across the fields of a purpose. @param ids of the parties */
export function checkPurpose(must: Must, purpose: PurposeTerms, ids: readonly string[]): void {
  must(distinct(purpose.uses), 'purpose.uses', 'names a purpose twice');
  checkBasis(must, 'purpose.legalBasis', purpose.legalBasis);
  for (const [id, own] of Object.entries(purpose.parties ?? {})) {
    const at = `purpose.parties.${id}`;
    must(ids.includes(id), at, `${id} is not a party`);
    must(Object.keys(own).length > 0, at, 'says nothing');
    if (own.legalBasis !== undefined) checkBasis(must, `${at}.legalBasis`, own.legalBasis);
  }
}

// Health data is a special category: a ground of Article 6 and a condition of Article 9 are both needed (CJEU C-667/21, ZQ).
function checkBasis(must: Must, at: string, bases: readonly LegalBasis[]): void {
  must(distinct(bases), at, 'names a basis twice');
  const [six, nine] = ['GDPR 6', 'GDPR 9'].map((article) => bases.some((basis) => basis.startsWith(article)));
  must(six === nine, at, 'health data needs a ground of GDPR 6(1) and a condition of GDPR 9(2), not one of them alone');
}

/** The purpose and basis of one party. */
export function purposeOf(purpose: PurposeTerms, party: string): Pick<PurposeTerms, 'text' | 'uses' | 'legalBasis'> {
  const { text, uses, legalBasis: basis } = purpose;
  return { text, uses, legalBasis: basis, ...purpose.parties?.[party] };
}
