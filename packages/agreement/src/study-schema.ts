import { z } from 'zod';
import { columnName, datasetName, date, decimal, type Frozen, organisationId, rows, visibleText } from './fields.ts';
import { blocking, condition, prefer, textFields } from './matching.ts';

const values = z
  .array(
    z
      .string()
      .min(1)
      .max(256)
      .regex(/^[^\p{C}]*$/u, 'must not hold control or invisible characters'),
  )
  .min(1)
  .max(4096);

/** What every column says of itself. */
const column = {
  /** What a study may do with it; `packages/sql` and `packages/analytics` say what each means. */
  policy: z.enum(['hidden', 'join', 'aggregate', 'filter', 'group']),
  /** Never without a value. */
  required: z.literal(true).exactOptional(),
};

const columnSchema = z.discriminatedUnion('type', [
  z.strictObject({
    ...column,
    type: z.literal('number'),
    min: decimal,
    max: decimal,
    /** Decimals after the point; 0 if absent. */
    scale: z.int().min(0).max(9).exactOptional(),
  }),
  z.strictObject({
    ...column,
    type: z.literal('text'),
    /** All that may stand there; any text, if absent. */
    values: values.exactOptional(),
    /** Needed where a match rule measures it. */
    maxLength: textFields.maxLength.exactOptional(),
    /** None, if absent. */
    normalise: textFields.normalise.exactOptional(),
    alphabet: textFields.alphabet.exactOptional(),
  }),
  z.strictObject({ ...column, type: z.literal('date'), min: date, max: date }),
  z.strictObject({ ...column, type: z.literal('boolean') }),
]);

const tableSchema = z.strictObject({
  /** Who holds rows of it, each rows of its own, and under which name. */
  holders: z
    .array(z.strictObject({ party: organisationId, dataset: datasetName }))
    .min(1)
    .max(5),
  /** Rows that one holder may have. */
  maxRows: rows,
  /** The column that says whose record a row is. */
  patient: columnName,
  /** No patient has two rows at one holder. */
  onePerPatient: z.literal(true).exactOptional(),
  /** Rows of one patient at one holder, at most; needed where rows of the table are joined with those of another and a patient has several. */
  rowsPerPatient: z.int().min(2).max(4096).exactOptional(),
  columns: z
    .record(columnName, columnSchema)
    .refine(
      (columns) => Object.keys(columns).length >= 1 && Object.keys(columns).length <= 256,
      'must be 1 to 256 columns',
    ),
});

const joined = { hub: columnName, spoke: columnName };

/** Which rows of two tables belong together: a row of the hub finds at most one of the spoke. */
const joinSchema = z.union([
  /** Those with equal columns; nobody learns which they are. */
  z.strictObject({
    ...joined,
    on: z
      .array(z.tuple([columnName, columnName]))
      .min(1)
      .max(8),
  }),
  /** Those that a link under the same agreement showed to both. */
  z.strictObject({ ...joined, linked: z.literal(true) }),
  /** Those that match by a rule over a, the hub, and b, the spoke; nobody learns which they are. A row of the spoke finds at most one of the hub too. */
  z.strictObject({
    ...joined,
    rule: condition,
    blocking,
    /** The first, if absent. */
    prefer: prefer.exactOptional(),
  }),
]);

/** Data that studies may use together, and the studies: all of them, each reviewed and signed with the agreement. */
export const studiesSchema = z.strictObject({
  tables: z
    .record(columnName, tableSchema)
    .refine((tables) => Object.keys(tables).length >= 1 && Object.keys(tables).length <= 16, 'must be 1 to 16 tables'),
  /** Which tables may be joined, and how. */
  joins: z.array(joinSchema).max(64),
  /** Fewest distinct patients behind a released value. */
  minPatients: z.int().min(1).max(1_000_000),
  /** A holder of a table whose rows are split may have no patient behind a released value; else it needs as many as the others. */
  allowEmptyParty: z.literal(true).exactOptional(),
  list: z
    .array(
      z.strictObject({
        name: datasetName,
        /** The study in full, as `packages/analytics` reads it: what is signed is what was reviewed. */
        text: visibleText(16_384),
        /** Who learns its result. */
        to: z.array(organisationId).min(1).max(5),
        /** Attempts that may open their result, over the whole term. */
        maxRuns: z.int().min(1).max(10_000),
      }),
    )
    .min(1)
    .max(256),
});

/** What an agreement says of studies. */
export type Studies = Frozen<z.output<typeof studiesSchema>>;

/** A table of studies. */
export type StudyTable = Studies['tables'][string];

/** A column of it. */
export type StudyColumn = StudyTable['columns'][string];

/** How two of its tables may be joined. */
export type StudyJoin = Studies['joins'][number];

/** One of the studies that an agreement covers. */
export type FixedStudy = Studies['list'][number];
