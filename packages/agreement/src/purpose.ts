import { z } from 'zod';
import { type Frozen, organisationId, visibleText } from './fields.ts';
import { distinct, type Must } from './rules.ts';

/** Codes of HL7's value set PurposeOfUse (http://terminology.hl7.org/ValueSet/v3-PurposeOfUse), in words. */
export const purposes = {
  TREAT: 'treatment',
  ETREAT: 'treatment in an emergency',
  CAREMGT: 'care management',
  HPAYMT: 'payment for care',
  COVERAGE: 'decisions on insurance cover',
  HOPERAT: 'running a health-care organisation',
  HQUALIMP: 'improving the quality of care',
  HSYSADMIN: 'administration of a health system',
  PUBHLTH: 'public health',
  DISASTER: 'disaster response',
  HRESCH: 'research',
  CLINTRCH: 'a clinical trial',
  HMARKT: 'marketing of health services',
  PATRQT: "at the patient's request",
} as const;
/** One of {@link purposes}. */
export type Purpose = keyof typeof purposes;

/** On which ground a party may process the data, as the law numbers it, in words. */
export const legalBases = {
  'GDPR 6(1)(a)': 'consent',
  'GDPR 6(1)(b)': 'a contract with the person',
  'GDPR 6(1)(c)': 'a legal obligation',
  'GDPR 6(1)(d)': 'vital interests',
  'GDPR 6(1)(e)': 'a task in the public interest',
  'GDPR 6(1)(f)': 'legitimate interests',
  'GDPR 9(2)(a)': 'explicit consent',
  'GDPR 9(2)(b)': 'employment and social security law',
  'GDPR 9(2)(c)': 'vital interests of a person who cannot consent',
  'GDPR 9(2)(d)': 'members of a foundation or association',
  'GDPR 9(2)(e)': 'made public by the person',
  'GDPR 9(2)(f)': 'legal claims',
  'GDPR 9(2)(g)': 'substantial public interest, by law',
  'GDPR 9(2)(h)': 'medicine, care, and running health services, by law or contract',
  'GDPR 9(2)(i)': 'public health, by law',
  'GDPR 9(2)(j)': 'research and statistics, by law',
  'HIPAA 164.506': 'treatment, payment and health-care operations',
  'HIPAA 164.508': "the person's written authorisation",
  'HIPAA 164.512(a)': 'required by law',
  'HIPAA 164.512(b)': 'public health activities',
  'HIPAA 164.512(d)': 'health oversight',
  'HIPAA 164.512(i)': 'research, with a waiver of authorisation by a review board',
  'HIPAA 164.514(a)': 'de-identified data',
  'HIPAA 164.514(e)': 'a limited data set under a data use agreement',
} as const;
/** One of {@link legalBases}. */
export type LegalBasis = keyof typeof legalBases;

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
