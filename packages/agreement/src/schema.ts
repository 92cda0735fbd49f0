import { z } from 'zod';
import {
  columnName,
  datasetName,
  date,
  decimal,
  type Frozen,
  hash,
  keyFields,
  line,
  organisationId,
  rows,
  visibleText,
} from './fields.ts';
import { studiesSchema } from './study-schema.ts';

/** Normalisation steps of a text column, in the only order in which they may stand; `linkage` says what each does. */
export const normalisations = ['nfkd', 'lower', 'alphanumeric', 'squash'] as const;

/** A SQL condition over a and b. */
const condition = visibleText(4096);

const columnSchema = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('text'),
    /** Characters after normalisation. */
    maxLength: z.int().min(1).max(1024),
    normalise: z.array(z.enum(normalisations)),
    /** The characters that may remain after normalisation; any, if absent. */
    alphabet: z
      .string()
      .min(1)
      .max(256)
      .regex(/^[^\p{C}]*$/u, 'must not hold control or invisible characters')
      .exactOptional(),
  }),
  z.strictObject({
    type: z.literal('number'),
    min: decimal,
    max: decimal,
    /** Decimals after the point; 0 if absent. */
    scale: z.int().min(0).max(9).exactOptional(),
  }),
  z.strictObject({ type: z.literal('date') }),
  z.strictObject({ type: z.literal('boolean') }),
]);

const tableSchema = z.strictObject({
  /** The party that holds the table. */
  party: organisationId,
  dataset: datasetName,
  /** The column that tells rows apart for their owner; row numbers, if absent. */
  key: columnName.exactOptional(),
  maxRows: rows,
  columns: z
    .record(columnName, columnSchema)
    .refine(
      (columns) => Object.keys(columns).length >= 1 && Object.keys(columns).length <= 64,
      'must be 1 to 64 columns',
    ),
});

const linkSchema = z.strictObject({
  /** When a row of a and a row of b match. */
  rule: condition,
  /** Which pairs are compared (PROTOCOLS §4); all of them, if absent. */
  blocking: z
    .strictObject({
      /** Equalities joined by AND: a pair is compared if one of these keys is equal, and few enough rows have its value. */
      keys: z.array(condition).min(1).max(16),
      /** Rows of a table that are compared under one value of a key; the rest, chosen at random, are cut. */
      cap: z.int().min(1).max(16),
    })
    .exactOptional(),
  /**
   * Which of the matching pairs count; all of them, if absent. `many-to-one`: each row of a picks at most one row of b. `one-to-one`: a
   * pair counts where each is the other's pick.
   */
  cardinality: z.enum(['many-to-many', 'many-to-one', 'one-to-one']).exactOptional(),
  /** What is picked: the first in the secret random order of the other table, if absent; or the best, by the weighted sum that the rule is. */
  prefer: z.enum(['first', 'best']).exactOptional(),
  /**
   * `pairs`: which row numbers belong together; where one party alone learns, which of its own rows match. `count`: how many pairs match.
   * Nothing else is revealed.
   */
  reveal: z.enum(['pairs', 'count']),
  /** Who learns it. */
  to: z.array(organisationId).min(1),
  /** Attempts that open their result, over the whole term. */
  maxRuns: z.int().min(1).max(10_000),
});

const memberSchema = z.strictObject({ id: organisationId, name: line(64), ...keyFields });

/** The shape of an agreement, version 1. Rules across fields are in `agreement.ts`. */
export const agreementSchema = z.strictObject({
  kind: z.literal('agreement'),
  version: z.literal(1),
  title: line(120),
  /** Hash of the agreement that this one replaces. */
  predecessor: hash.nullable(),
  parties: z.array(memberSchema).min(2).max(5),
  keyService: memberSchema,
  /** The two tables of the link, there if and only if `link` is; p0 owns `a`, p1 owns `b`. */
  tables: z.strictObject({ a: tableSchema, b: tableSchema }).exactOptional(),
  link: linkSchema.exactOptional(),
  /** Which questions may be asked of all parties' data together. */
  studies: studiesSchema.exactOptional(),
  /** How inputs are masked (PROTOCOLS §1): pads expanded by AES, or of full length. */
  pads: z.enum(['expanded', 'full']),
  /** First and last day, UTC. */
  term: z.strictObject({ from: date, until: date }),
});

/** A checked, deeply frozen agreement; made by `parseAgreement` and `draftAgreement` only. */
export type Agreement = Frozen<z.output<typeof agreementSchema>>;

/** An agreement that covers a link. */
export type LinkAgreement = Agreement & Required<Pick<Agreement, 'tables' | 'link'>>;

/** An agreement that covers studies. */
export type StudyAgreement = Agreement & Required<Pick<Agreement, 'studies'>>;

/** One of the two tables of a link. */
export type Table = LinkAgreement['tables']['a'];

/** A column of a table: its type and what bounds its values. */
export type Column = Table['columns'][string];

/** An organisation as an agreement pins it. */
export type Member = Agreement['keyService'];
