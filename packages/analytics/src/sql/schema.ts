import { fault } from '@symbolon/crypto';
import type { NormaliseStep } from '@symbolon/linkage';
import { daysOf, type Interval, parseDecimal, power } from '@symbolon/sql';

/**
 * What a study may do with a column. `hidden`: nothing. `join`: stand in the agreed join, and be counted where it is the patient.
 * `aggregate`: stand as the bare argument of SUM, AVG or a variance. `filter`: that, and stand in conditions, of GROUP BY
 * too, and in any argument of an aggregate. `group`: that, and stand in GROUP BY so that its values are shown.
 */
export type ColumnPolicy = 'hidden' | 'join' | 'aggregate' | 'filter' | 'group';

export type StudyColumn = {
  readonly policy: ColumnPolicy;
  /** Never NULL. */
  readonly required?: true;
} & (
  | {
      readonly type: 'number';
      /** Decimals. */
      readonly min: string;
      readonly max: string;
      /** Digits behind the point; 0 if absent. */
      readonly scale?: number;
    }
  | ({
      readonly type: 'text';
      /** All that may stand there; any text, if absent. */
      readonly values?: readonly string[];
    } & RuleText)
  /** YYYY-MM-DD. */
  | { readonly type: 'date'; readonly min: string; readonly max: string }
  | { readonly type: 'boolean' }
);

export interface StudyTable {
  /** Who holds it; several: each holds rows of its own. */
  readonly parties: readonly string[];
  /** Of each party. */
  readonly maxRows: number;
  /** The column that says whose record a row is. */
  readonly patient: string;
  /** No patient has two rows at one party. */
  readonly onePerPatient?: true;
  readonly columns: Readonly<Record<string, StudyColumn>>;
}

/** What match rules need to know of a text; as columns of links say it. A text with `values` says it by them. */
export interface RuleText {
  /** Characters of a normalised value, at most. */
  readonly maxLength?: number;
  /** Its owner normalises every value before anything reads it. */
  readonly normalise?: readonly NormaliseStep[];
  /** The characters that can agree; letters, digits and space, if absent. */
  readonly alphabet?: string;
}

/** Rows of the hub find at most one row of the spoke. */
export type AgreedJoin = { readonly hub: string; readonly spoke: string } & (
  | {
      /** By equal columns. */
      readonly on: readonly (readonly [hub: string, spoke: string])[];
    }
  | {
      /** By a linkage that both sides know: a pair is of one row each. */
      readonly linked: true;
    }
  | AgreedRule
);

/**
 * By a match rule, inside: a condition in SQL over a, the hub, and b, the spoke, both with one row a patient; a pair is of one row each. Pairs are
 * compared that one of the keys brings together, `cap` rows of a table under one value of it.
 */
export interface AgreedRule {
  readonly rule: string;
  readonly blocking: { readonly keys: readonly string[]; readonly cap: number };
  /** Which of several that match: the first in a secret order, if absent; or the one with the highest score, of a rule that is a weighted sum. */
  readonly prefer?: 'first' | 'best';
}

/** What an agreement says of the data of its studies. */
export interface Schema {
  readonly tables: Readonly<Record<string, StudyTable>>;
  readonly joins: readonly AgreedJoin[];
  /** k: fewest distinct patients behind a released value. */
  readonly minPatients: number;
  /** A party of a table whose rows are split may have no patient behind a released value; else it needs k, as the others do. */
  readonly allowEmptyParty?: true;
}

/** What is known of a value before any record is seen. Numbers are `range` · 10^−scale; dates are days since 1970-01-01. */
export type Type =
  | { readonly kind: 'number'; readonly scale: number; readonly range: Interval }
  | { readonly kind: 'date'; readonly range: Interval }
  | { readonly kind: 'boolean' }
  | { readonly kind: 'text'; readonly values?: readonly string[] | undefined }
  | { readonly kind: 'null' };

const identifier = /^[a-z_][a-z0-9_]{0,62}$/;
const maxValues = 4096;

/** @throws SymbolonError `agreement-invalid`, naming table and column, where the schema contradicts itself */
export function checkSchema(schema: Schema): void {
  demand(Number.isSafeInteger(schema.minPatients) && schema.minPatients >= 1, 'minPatients', 'it is 1 or more');
  for (const [name, table] of Object.entries(schema.tables)) {
    demand(identifier.test(name), name, 'a table is named like patient_visits');
    demand(table.parties.length > 0 && isSet(table.parties), name, 'its parties are one or more, each once');
    demand(Number.isSafeInteger(table.maxRows) && table.maxRows >= 1, name, 'maxRows is 1 or more');
    for (const [column, described] of Object.entries(table.columns)) {
      demand(identifier.test(column), `${name}.${column}`, 'a column is named like birth_date');
      typeOfColumn(`${name}.${column}`, described);
    }
    const patient = table.columns[table.patient];
    demand(patient !== undefined, name, `its patient column '${table.patient}' is not among its columns`);
    demand(patient?.required === true, `${name}.${table.patient}`, 'the patient column is required');
  }
  for (const join of schema.joins) checkJoin(join, schema);
}

function checkJoin(join: AgreedJoin, schema: Schema): void {
  const label = `the join of ${join.hub} with ${join.spoke}`;
  demand(join.hub !== join.spoke, label, 'it is of two tables');
  const tables = [join.hub, join.spoke].map((table) => schema.tables[table]);
  if ('on' in join) {
    demand(join.on.length > 0, label, 'it is by one column or more');
    for (const [i, table] of [join.hub, join.spoke].entries()) {
      for (const pair of join.on) {
        const column = tables[i]?.columns[pair[i]!];
        demand(column !== undefined, label, `there is no ${table}.${pair[i]}`);
        demand(column!.policy !== 'hidden', label, `${table}.${pair[i]} is hidden`);
      }
    }
    return;
  }
  demand(
    tables.every((table) => table?.parties.length === 1),
    label,
    'each is a table of one party',
  );
  if ('rule' in join) checkRule(label, join, tables as StudyTable[]);
}

function checkRule(label: string, { blocking: { keys, cap } }: AgreedRule, tables: readonly StudyTable[]): void {
  const [hub, spoke] = tables.map(({ parties }) => parties[0]);
  demand(hub !== spoke, label, `${hub} holds both tables; join them by equal columns`);
  demand(
    tables.every(({ onePerPatient }) => onePerPatient === true),
    label,
    'it is by a rule, so each of its tables has one row a patient (onePerPatient)',
  );
  demand(keys.length >= 1 && keys.length <= 16 && isSet(keys), label, 'blocking has 1 to 16 keys, each once');
  demand(Number.isInteger(cap) && cap >= 1 && cap <= 16, label, 'the cap of blocking is 1 to 16');
}

/** @throws SymbolonError `agreement-invalid`, naming the column */
export function typeOfColumn(name: string, column: StudyColumn): Type {
  switch (column.type) {
    case 'boolean':
      return { kind: 'boolean' };
    case 'text': {
      const { values } = column;
      if (values === undefined) return { kind: 'text' };
      demand(
        column.maxLength === undefined && column.normalise === undefined && column.alphabet === undefined,
        name,
        'maxLength, normalise and alphabet say nothing of a column whose values are listed',
      );
      demand(
        values.length >= 1 && values.length <= maxValues && isSet(values),
        name,
        `1 to ${maxValues} values, each once`,
      );
      demand(
        values.every((value) => !value.includes('\0') && value.isWellFormed() && value.normalize('NFC') === value),
        name,
        'a value holds a character that is none, or is not in Unicode NFC',
      );
      return { kind: 'text', values };
    }
    case 'date': {
      const [min, max] = [daysOf(column.min), daysOf(column.max)];
      if (min === undefined || max === undefined || min > max)
        throw invalid(name, 'min and max are dates YYYY-MM-DD, min first');
      return { kind: 'date', range: [min, max] };
    }
    case 'number': {
      const { scale = 0 } = column;
      demand(Number.isInteger(scale) && scale >= 0 && scale <= 9, name, 'scale is 0 to 9');
      const [min, max] = [column.min, column.max].map((bound) => {
        const decimal = parseDecimal(bound);
        if (decimal === undefined || decimal.scale > scale)
          throw invalid(name, `min and max are decimals with at most ${scale} digits behind the point`);
        return decimal.value * power(scale - decimal.scale);
      }) as [bigint, bigint];
      demand(min <= max && min > -digits18 && max < digits18, name, 'min is at most max, both of at most 18 digits');
      return { kind: 'number', scale, range: [min, max] };
    }
  }
}

/** Values stay below this, so that any two can be compared in 64 bits, and DuckDB's DECIMAL(18, s) holds each. */
export const digits18 = 10n ** 18n;

function isSet(values: readonly string[]): boolean {
  return new Set(values).size === values.length;
}

function demand(condition: boolean, where: string, what: string): void {
  if (!condition) throw invalid(where, what);
}

function invalid(where: string, what: string): Error {
  return fault('agreement-invalid', `${where}: ${what}`, { culprit: where });
}
