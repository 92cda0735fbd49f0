import { z } from 'zod';
import { codeSystemUri, described, towards, unit } from './described.ts';
import { columnName, datasetName, date, decimal, type Frozen, organisationId, rows, visibleText } from './fields.ts';
import { blocking, condition, prefer, textFields } from './matching.ts';
import { studyMethods } from './methods.ts';
import { templateSchema } from './template.ts';
import { values } from './values.ts';

/** What every column says of itself. */
const column = {
  ...described,
  /** What a study may do with it; `packages/sql` and `packages/analytics` say what each means. */
  policy: z.enum(['hidden', 'join', 'aggregate', 'filter', 'group']),
  /** Never without a value. */
  required: z.literal(true).exactOptional(),
  towards,
};

const columnSchema = z.discriminatedUnion('type', [
  z.strictObject({
    ...column,
    type: z.literal('number'),
    min: decimal,
    max: decimal,
    /** Decimals after the point; 0 if absent. */
    scale: z.int().min(0).max(9).exactOptional(),
    unit,
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
    codeSystem: codeSystemUri.exactOptional(),
  }),
  z.strictObject({ ...column, type: z.literal('date'), min: date, max: date }),
  z.strictObject({ ...column, type: z.literal('boolean') }),
]);

/** What a table says beside who holds it. */
export const studyTableShape = {
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
};

const tableSchema = z.strictObject({
  /** Who holds rows of it, each rows of its own, and under which name. */
  holders: z
    .array(
      z.strictObject({
        party: organisationId,
        dataset: datasetName,
        /** The party that computes on these rows: they are there encrypted, under a key of the holder alone. The holder reads them itself, if absent. */
        compute: organisationId.exactOptional(),
      }),
    )
    .min(1)
    .max(5),
  ...studyTableShape,
});

/** Questions that the agreement does not list: any that bind to the tables within their policies. */
const freeSchema = z.strictObject({
  /** Who may ask. */
  by: z.array(organisationId).min(1).max(5),
  /** Over which tables. */
  tables: z.array(columnName).min(1).max(16),
  methods: z.array(z.enum(studyMethods)).min(1),
  /** Who may learn a result; a question names some of them. */
  to: z.array(organisationId).min(1).max(5),
  /** Attempts that may open their result, of all such questions together, over the whole term. */
  maxRuns: z.int().min(1).max(10_000),
});

const joined = { hub: columnName, spoke: columnName };

/** Which rows of two tables belong together: a row of the hub finds at most one of the spoke. */
export const joinSchema = z.union([
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

/** Data that studies may use together, and the studies: those listed and templates are reviewed and signed with the agreement. */
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
    .max(256),
  /** Studies with parameters. */
  templates: z.array(templateSchema).min(1).max(64).exactOptional(),
  /** None, if absent. */
  free: freeSchema.exactOptional(),
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

/** A study with parameters. */
export type StudyTemplate = NonNullable<Studies['templates']>[number];

/** Within what any question may be asked. */
export type FreeStudies = NonNullable<Studies['free']>;
