import type { Node } from '@symbolon/sql';
import { bindSelect } from '../../sql/bind.ts';
import type { BoundStudy } from '../../sql/bound.ts';
import type { Cell } from '../../sql/release.ts';
import type { CompiledSchema } from '../../sql/rules.ts';
import type { MethodResult } from '../../statistics/result.ts';
import type { Item } from '../items.ts';
import type { Method } from '../methods.ts';
import { type OpenRows, withWhere } from '../rows.ts';
import { named } from '../tree.ts';

/** What a method asks of its rows: cells by keys of known domains, and in each cell aggregates by name. */
export interface Question {
  readonly keys: readonly Node[];
  readonly aggregates: Readonly<Record<string, Node>>;
  /** Conditions beside the SELECT's own. */
  readonly where?: readonly Node[];
  /** A cell opens all or nothing; see {@link bindSelect} for what its aggregates must be. */
  readonly allOrNone?: boolean;
}

/** What a method that is reduced to aggregates does at binding, after release, and in the clear. */
export interface Reducer<M extends Method = Method> {
  /** @param items without `by` */
  question(items: readonly Item[], method: M): Question;
  /** From the cells of one stratum. */
  finish(cells: Cells, about: About<M>): MethodResult;
  /** From the rows of one stratum, by plain statistics. @param shown whether the cell of these keys was shown */
  plain(rows: readonly PlainRow[], about: About<M>, shown: (keys: readonly string[]) => boolean): MethodResult;
}

/** What is known of a bound method. */
export interface About<M extends Method = Method> {
  readonly method: M;
  /** Without `by`. */
  readonly items: readonly Omit<Item, 'tree'>[];
  /** The values of the item `by`, one stratum each; null where there is none. */
  readonly strata: readonly string[] | null;
  /** k. */
  readonly minPatients: number;
}

/** A row in the clear: each item as DuckDB prints it. */
export type PlainRow = Readonly<Record<string, string | null>>;

/** The item of this name, which the method has. */
export function find<T extends { readonly name: string }>(items: readonly T[], name: string): T {
  return items.find((item) => item.name === name)!;
}

export function optionsOf({ method }: Pick<About, 'method'>): { level: number } {
  return { level: Number(method.level) };
}

/** Binds the aggregate SELECT that answers a question. */
export function bindQuestion(question: Question, rows: OpenRows, sql: string, schema: CompiledSchema): BoundStudy {
  const { keys, aggregates, where = [], allOrNone } = question;
  const shown = [
    ...keys.map((key, i) => named(key, `key ${i + 1}`)),
    ...Object.entries(aggregates).map(([name, of]) => named(of, name)),
  ];
  const { source } = rows;
  const select = {
    ...withWhere(source, where).select,
    select_list: shown,
    group_expressions: keys,
    group_sets: [keys.map((_, i) => i)],
  };
  return bindSelect({ ...source, select }, sql, schema, allOrNone);
}

/** The cells of a question's study, by the names of its aggregates. */
export class Cells {
  readonly #cells: ReadonlyMap<string, Cell>;
  readonly #places: ReadonlyMap<string, number>;

  constructor({ columns, after }: BoundStudy, cells: readonly (readonly [keys: readonly (string | null)[], Cell])[]) {
    this.#cells = new Map(cells.map(([keys, cell]) => [JSON.stringify(keys), cell]));
    this.#places = new Map(columns.map((name, i) => [name, Number(/^a(\d+)$/.exec(after.select[i]!)?.[1])]));
  }

  has(name: string): boolean {
    return this.#places.has(name);
  }

  /** Whether the aggregate was released. */
  shows(keys: readonly string[], name: string): boolean {
    return this.#cells.get(JSON.stringify(keys))?.suppressed[this.#place(name)] === false;
  }

  /** The aggregate's value; null where it was withheld, or is NULL. */
  number(keys: readonly string[], name: string): number | null {
    const value = this.#cells.get(JSON.stringify(keys))?.values[this.#place(name)];
    return value === null || value === undefined ? null : Number(value);
  }

  #place(name: string): number {
    const place = this.#places.get(name);
    if (place === undefined || Number.isNaN(place)) throw new TypeError(`no aggregate is called ${name}`);
    return place;
  }
}
