import { z } from 'zod';
import { alertsSchema } from './alerts.ts';
import { approvalsSchema } from './approvals.ts';
import { onwardUseSchema, priceSchema, quotaSchema, renewalSchema } from './commerce.ts';
import { codeSystemUri, described, unit } from './described.ts';
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
} from './fields.ts';
import { licenceSchema } from './licence.ts';
import { blocking, condition, prefer, textFields } from './matching.ts';
import { outsourcingSchema } from './outsourcing.ts';
import { purposeSchema } from './purpose.ts';
import { studiesSchema } from './study-schema.ts';

const columnSchema = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('text'),
    ...described,
    ...textFields,
    alphabet: textFields.alphabet.exactOptional(),
    codeSystem: codeSystemUri.exactOptional(),
  }),
  z.strictObject({
    type: z.literal('number'),
    ...described,
    min: decimal,
    max: decimal,
    /** Decimals after the point; 0 if absent. */
    scale: z.int().min(0).max(9).exactOptional(),
    unit,
  }),
  z.strictObject({ type: z.literal('date'), ...described }),
  z.strictObject({ type: z.literal('boolean'), ...described }),
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
  /** All pairs are compared, if absent. */
  blocking: blocking.exactOptional(),
  /**
   * Which of the matching pairs count; all of them, if absent. `many-to-one`: each row of a picks at most one row of b. `one-to-one`: a
   * pair counts where each is the other's pick.
   */
  cardinality: z.enum(['many-to-many', 'many-to-one', 'one-to-one']).exactOptional(),
  /** The first, if absent. */
  prefer: prefer.exactOptional(),
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

export const memberSchema = z.strictObject({ id: organisationId, name: line(64), ...keyFields });

/** The shape of an agreement, version 1. Rules across fields are in `whole-rules.ts`. */
export const agreementSchema = z.strictObject({
  kind: z.literal('agreement'),
  version: z.literal(1),
  title: line(120),
  /** Hash of the agreement that this one replaces. */
  predecessor: hash.nullable(),
  /** Hash of the proposal that this version answers, and would stand in the place of. */
  counters: hash.exactOptional(),
  /** Five at most, beside those that compute on encrypted tables. */
  parties: z.array(memberSchema).min(2).max(10),
  keyService: memberSchema,
  /** Not said, if absent. */
  purpose: purposeSchema.exactOptional(),
  /** The two tables of the link, there if and only if `link` is; p0 owns `a`, p1 owns `b`. */
  tables: z.strictObject({ a: tableSchema, b: tableSchema }).exactOptional(),
  link: linkSchema.exactOptional(),
  /** Which questions may be asked of all parties' data together. */
  studies: studiesSchema.exactOptional(),
  /** Which events of linked patients one holder tells the other of. */
  alerts: alertsSchema.exactOptional(),
  /** What a party computes on another's encrypted tables. */
  outsourcing: outsourcingSchema.exactOptional(),
  /** See `approvalRule` for what holds if absent. */
  approvals: approvalsSchema.exactOptional(),
  /** None, if absent. */
  onwardUse: onwardUseSchema.exactOptional(),
  /** How inputs are masked (PROTOCOLS §1): pads expanded by AES, or of full length. */
  pads: z.enum(['expanded', 'full']),
  /** First and last day, UTC. */
  term: z.strictObject({ from: date, until: date }),
  /** None, if absent. */
  renewal: renewalSchema.exactOptional(),
  /** Nothing is paid, if absent. */
  price: priceSchema.exactOptional(),
  /** As many runs as links and studies allow, if absent. */
  quota: quotaSchema.exactOptional(),
  /** It is a licence: asked for from catalogues. */
  licence: licenceSchema.exactOptional(),
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
