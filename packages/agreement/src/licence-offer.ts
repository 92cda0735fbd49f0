import {
  base64url,
  canonicalBytes,
  fault,
  fromBase64url,
  payloadHash,
  type SignedDocument,
  type SigningKey,
  signDocument,
  unverifiedPayload,
  verifyDocument,
} from '@symbolon/crypto';
import { z } from 'zod';
import { money, runLimits } from './commerce.ts';
import { checked, datasetName, type Frozen, line, moment, organisationId, visibleText } from './fields.ts';
import { studyMethods } from './methods.ts';
import { purposeCode } from './purpose.ts';
import { brokenRules, distinct, type Must } from './rules.ts';
import { checkStudyTable } from './study-rules.ts';
import { studyTableShape } from './study-schema.ts';

const typ = 'symbolon-offer';

const { maxRows: _, ...tableShape } = studyTableShape;

/** What an owner writes of a data set that it offers: ranges are those that it chooses to tell, nothing is taken from records. */
export const offerTermsSchema = z.strictObject({
  /** The data set, and what the entry is called. */
  name: datasetName,
  title: line(120),
  description: visibleText(4096),
  ...tableShape,
  /** What may be computed. */
  methods: z.array(z.enum(studyMethods)).min(1),
  /** Fewest distinct patients behind a released value. */
  minPatients: z.int().min(1).max(1_000_000),
  /** What for it may be used. */
  purposes: z.array(purposeCode).min(1),
  /** Nothing is paid, if absent. */
  price: z
    .strictObject({
      /** ISO 4217. */
      currency: z.string().regex(/^[A-Z]{3}$/, 'must be an ISO 4217 code, like EUR'),
      perRun: money.exactOptional(),
      perMonth: money.exactOptional(),
      freeFor: z.array(purposeCode).min(1).exactOptional(),
    })
    .refine(
      ({ perRun, perMonth }) => perRun !== undefined || perMonth !== undefined,
      'is neither per run nor per month',
    )
    .exactOptional(),
  /** Runs that one licensee may start; as many as it asks for, if absent. */
  quota: runLimits.exactOptional(),
});

/** See {@link offerTermsSchema}. */
export type OfferTerms = Frozen<z.output<typeof offerTermsSchema>>;

/** The shape of an offer. */
export const offerFields = z.strictObject({
  kind: z.literal('offer'),
  version: z.literal(1),
  by: organisationId,
  /** How many rows there are, to the power of ten: never the number itself. */
  rows: z.strictObject({ from: z.int().min(0), to: z.int().min(9) }),
  ...offerTermsSchema.shape,
  published: moment,
});

/** An entry of a party's catalogue, signed by it. */
export type Offer = Frozen<z.output<typeof offerFields>>;

/** The band that a number of rows lies in: 1,000 to 9,999. */
export function rowBand(rows: number): Offer['rows'] {
  const digits = String(rows).length;
  return { from: digits === 1 ? 0 : 10 ** (digits - 1), to: Math.min(10 ** digits - 1, 2 ** 31 - 1) };
}

/** Checks what an owner wrote. Throws `agreement-invalid` naming the field. */
export function parseOfferTerms(value: unknown): OfferTerms {
  const terms = checked(offerTermsSchema, value, 'agreement-invalid', 'offer');
  const [broken] = brokenRules((must) => checkTerms(must, terms));
  if (broken !== undefined)
    throw fault('agreement-invalid', `${broken.field}: ${broken.rule}`, { culprit: broken.field });
  return terms;
}

function checkTerms(must: Must, terms: OfferTerms): void {
  const {
    name,
    title: _title,
    description: _description,
    methods,
    minPatients: _min,
    purposes,
    price,
    quota,
    ...table
  } = terms;
  checkStudyTable(must, name, { ...table, maxRows: 1 }, []);
  must(distinct(methods), 'methods', 'names a method twice');
  must(distinct(purposes), 'purposes', 'names a purpose twice');
  for (const code of price?.freeFor ?? []) {
    must(purposes.includes(code), 'price.freeFor', `${code} is none of the purposes`);
  }
  must(quota === undefined || Object.keys(quota).length > 0, 'quota', 'says nothing');
}

/** Signs an entry; throws `agreement-invalid` naming the field at fault. */
export function signOffer(
  terms: OfferTerms,
  entry: Pick<Offer, 'by' | 'rows' | 'published'>,
  key: SigningKey,
): SignedDocument {
  return signDocument(typ, parseOffer({ kind: 'offer', version: 1, ...parseOfferTerms(terms), ...entry }), key);
}

/** The entry of `owner`, if its key alone has signed it. Throws what `verifyDocument` throws, and `agreement-party` if it names another. */
export function verifyOffer(doc: unknown, owner: { readonly id: string; readonly signingKey: string }): Offer {
  verifyDocument(typ, doc, [fromBase64url(owner.signingKey)]);
  const offer = parseOffer(unverifiedPayload(doc));
  if (offer.by === owner.id) return offer;
  throw fault('agreement-party', `${owner.id} signed an offer of ${offer.by}`, { culprit: owner.id });
}

/** What licences name an entry by. */
export function offerHash(offer: Offer): string {
  return base64url(payloadHash(canonicalBytes(offer)));
}

function parseOffer(value: unknown): Offer {
  const offer = checked(offerFields, value, 'agreement-invalid', 'offer');
  const { kind: _kind, version: _version, by: _by, rows: _rows, published: _published, ...terms } = offer;
  parseOfferTerms(terms);
  return offer;
}
