import { quoteText } from '@symbolon/sql';
import type { BoundRule } from './rules.ts';
import type { ColumnPolicy } from './schema.ts';

/** Inclusive bounds of a whole number, as decimals. */
export type Bounds = readonly [lo: string, hi: string];

/**
 * What a node holds for a row. `number`: a whole number, the value · 10^scale. `date`: days since 1970-01-01. `code`: the place of a text
 * among `values`. `text`: any text; only local, and only to group by.
 */
export type NodeType =
  | { readonly kind: 'number'; readonly scale: number; readonly range: Bounds }
  | { readonly kind: 'date'; readonly range: Bounds }
  | { readonly kind: 'boolean' }
  | { readonly kind: 'code'; readonly values: readonly string[] }
  | { readonly kind: 'text' };

/** One value a row of the joined tables, made of nodes before it. NULL as in SQL: AND, OR and CASE know it, all else passes it on. */
export type BoundNode = {
  /** The same in SQL over the joined tables, before it is made a whole number. */
  readonly sql: string;
  readonly type: NodeType;
  /** May be NULL. */
  readonly nullable: boolean;
} & (
  | {
      /** Its table's owners compute it by `localSql`, each for its own rows. */
      readonly op: 'local';
      readonly table: string;
      readonly columns: readonly string[];
      /** Those of them whose values can be read off it, not only whether they meet a condition. */
      readonly shown: readonly string[];
      /** It is a column as it stands. */
      readonly bare: boolean;
    }
  /** Numbers and dates as decimals; codes by their place. */
  | { readonly op: 'constant'; readonly value: string | boolean | null }
  /** Σ coefficient · of + constant. */
  | {
      readonly op: 'linear';
      readonly of: readonly number[];
      readonly coefficients: readonly string[];
      readonly constant: string;
    }
  | { readonly op: 'product'; readonly of: readonly [number, number] }
  /** Whether a number is 0; is below 0. */
  | { readonly op: 'zero' | 'negative'; readonly of: readonly [number] }
  | { readonly op: 'and' | 'or'; readonly of: readonly number[] }
  | { readonly op: 'not'; readonly of: readonly [number] }
  /** Whether it is NULL; never NULL itself. */
  | { readonly op: 'null'; readonly of: readonly [number] }
  /** [when, then]… otherwise: the first `then` whose `when` is TRUE. */
  | { readonly op: 'case'; readonly of: readonly number[] }
);

/** A table as the study uses it. */
export interface BoundTable {
  /** Its name in the agreement, and in the study. */
  readonly name: string;
  readonly alias: string;
  readonly parties: readonly string[];
  readonly maxRows: number;
  readonly patient: string;
  readonly onePerPatient: boolean;
}

/** Which rows of the hub (table 0) and of another table belong together. */
export type BoundJoin = { readonly spoke: string } & (
  | {
      /** Those where these columns are equal. */
      readonly kind: 'keys';
      readonly on: readonly (readonly [hub: string, spoke: string])[];
    }
  | {
      /** Those that both sides know to belong together; a row of either is in one pair at most. */
      readonly kind: 'linked';
    }
  /** Those that match by a rule, inside; a row of either is in one pair at most. */
  | ({ readonly kind: 'rule' } & BoundRule)
);

/** A join by a match rule. */
export type RuleJoined = Extract<BoundJoin, { kind: 'rule' }>;

/** The columns by whose equality a join finds its rows. */
export function joinedOn(join: BoundJoin): readonly (readonly [hub: string, spoke: string])[] {
  return join.kind === 'keys' ? join.on : [];
}

/** GROUP BY: cells are numbered by the values of `node`, and NULL last where it is nullable. */
export interface BoundKey {
  readonly node: number;
  /** How many values, NULL among them; null where they are not known before. */
  readonly size: number | null;
}

/** The rows of a cell that stand behind a value: all filters TRUE, no `present` NULL. Their distinct patients are held against k. */
export interface Support {
  readonly filters: readonly number[];
  readonly present: readonly number[];
  /** The support, held by this one, whose patients are not counted. */
  readonly less?: number;
}

/** Rows, or patients, of one support that are none of another's, both of numbers that open: counted by a support of its own, and never opened. */
export interface Rest {
  readonly support: number;
  readonly of: number;
  readonly without: number;
}

/** One number that opens for each cell, where enough patients stand behind it. */
export type Opened = { readonly support: number } & (
  | { readonly kind: 'rows' | 'patients' }
  /** Σ over the support's rows of ∏ (factor − centre). */
  | {
      readonly kind: 'sum';
      readonly factors: readonly number[];
      readonly centres: readonly string[];
      readonly range: Bounds;
    }
  /** The value below which `fraction` (a decimal) of the rows lie, interpolated, rounded to a whole number. */
  | { readonly kind: 'quantile'; readonly of: number; readonly fraction: string }
);

export type AggregateKind = 'count' | 'patients' | 'sum' | 'avg' | 'var_samp' | 'stddev_samp' | 'corr' | 'quantile';

/** What SQL calls the aggregate, made of opened numbers after release. */
export interface BoundAggregate {
  readonly kind: AggregateKind;
  /** Places in `opened`: rows, Σx, Σx²; of CORR rows, Σx, Σy, Σx², Σy², Σxy. */
  readonly opened: readonly number[];
  /** Digits behind the point of the argument's whole numbers. */
  readonly scale: number;
  /** As DuckDB computes it over the joined tables in the clear; a quantile, of the whole numbers. */
  readonly sql: string;
}

/** Where a column stands in a study. */
export interface ColumnUse {
  readonly table: string;
  readonly column: string;
  readonly use: Exclude<ColumnPolicy, 'hidden'>;
  readonly clause: string;
}

/**
 * A study, bound to a schema: plain data, the same at every party, hashed by `studyHash`. Nodes stand in the order in which they can be
 * computed.
 */
export interface BoundStudy {
  readonly kind: 'study/1';
  /** As it was written. */
  readonly sql: string;
  /** The hub first. */
  readonly tables: readonly BoundTable[];
  readonly joins: readonly BoundJoin[];
  readonly nodes: readonly BoundNode[];
  /** A row counts where all of these are TRUE. */
  readonly where: readonly number[];
  readonly keys: readonly BoundKey[];
  /** Cells of all keys; null where they are not known before. */
  readonly cells: number | null;
  /** All rows of the cell, those behind numbers, then those of rests. */
  readonly supports: readonly Support[];
  /** The numbers of either support open only where nobody stands behind their rest, or as many as behind a number. */
  readonly rests: readonly Rest[];
  readonly opened: readonly Opened[];
  readonly aggregates: readonly BoundAggregate[];
  /** Names of the result's columns. */
  readonly columns: readonly string[];
  /** What is shown, in SQL over the released table: its columns are k0… (keys) and a0… (aggregates). Runs in the clear. */
  readonly after: {
    readonly select: readonly string[];
    readonly having: string | null;
    readonly orderBy: readonly string[];
    readonly limit: number | null;
    readonly offset: number | null;
  };
  readonly release: {
    readonly minPatients: number;
    readonly allowEmptyParty: boolean;
    /** Of a cell either every number opens or none: where one may not, all are withheld. */
    readonly allOrNone: boolean;
  };
  readonly uses: readonly ColumnUse[];
}

/** The supports but those of rests. */
export function ownSupports({ supports, rests }: Pick<BoundStudy, 'supports' | 'rests'>): readonly Support[] {
  return supports.slice(0, rests[0]?.support);
}

/** The rests that numbers of these supports are held against. */
export function restsBeside({ rests }: Pick<BoundStudy, 'rests'>, supports: readonly number[]): readonly Rest[] {
  return rests.filter(({ of, without }) => supports.includes(of) || supports.includes(without));
}

/** What an owner's DuckDB selects for a local node, `FROM` its table under its alias: whole numbers, places among values, or the value itself. */
export function localSql({ sql, type }: BoundNode): string {
  switch (type.kind) {
    case 'number':
      return type.scale === 0 ? `CAST(${sql} AS BIGINT)` : `CAST(${sql} * ${10n ** BigInt(type.scale)} AS BIGINT)`;
    case 'date':
      return `date_diff('day', DATE '1970-01-01', ${sql})`;
    case 'code':
      return `CASE ${sql} ${type.values.map((value, place) => `WHEN ${quoteText(value)} THEN ${place}`).join(' ')} END`;
    default:
      return sql;
  }
}
