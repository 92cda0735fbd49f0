import { fault } from '@symbolon/crypto';
import type { PlanBuilder } from '@symbolon/engine';
import type { RuleJoin } from '../join/index.ts';
import type { Meet, StudyProgram } from '../session/index.ts';
import type { BoundStudy } from '../sql/index.ts';
import type { Rows } from './columns.ts';
import type { RegionShape } from './lanes.ts';

/** Of one party's table; public, and padded where the agreement says so. */
export interface TableSize {
  /** At most so many rows, */
  readonly rows: number;
  /** of at most so many patients; where the linkage is known to both sides, of so many bins. Of no matter where rows join by match rules alone. */
  readonly patients: number;
  /** and of each at most so many; of a hub that is not `onePerPatient`. */
  readonly rowsPerPatient?: number;
}

/** By a table's alias and its party. */
export type Sizes = Readonly<Record<string, Readonly<Record<string, TableSize>>>>;

export interface RunOptions {
  /** The parties that learn the result. */
  readonly to: readonly string[];
  /** Both sides know which rows belong together: each gives its own bin by bin, and nothing meets. */
  readonly aligned?: boolean;
}

/**
 * One session of a run. `own`: each party of the hub gives the aggregates of its own rows. `matched`: finds, by a match rule, which rows of a spoke go with which
 * of the hub, and keeps that and the spoke's columns as shares of the two. `met`: the same by keys, for one of several parties of the hub, as shares of all in
 * it. `joined`: the rows of one party of the hub, with those of all spokes,
 * or, where nothing is joined, those of all its parties; what is made of them opens, or stays as shares. `combined`: opens the sum of what stayed.
 */
export interface StudyUnit {
  readonly kind: 'own' | 'matched' | 'met' | 'joined' | 'combined';
  /** p0 first. */
  readonly parties: readonly string[];
  readonly program: StudyProgram;
  /** Of a joined unit; of a met one, where its rows meet. */
  readonly regions: readonly RegionShape[];
  /** Of a matched unit: with which spoke, and how. */
  readonly matched?: { readonly alias: string; readonly join: RuleJoin };
}

/** The sessions of a study, in order; every party makes the same of the bound study and the public sizes. */
export interface StudyRun {
  /** What owners give of their rows. */
  readonly rows: Rows;
  /** Whose cells are computed; undefined where the rows go into a method. */
  readonly bound: BoundStudy | undefined;
  readonly sizes: Sizes;
  readonly units: readonly StudyUnit[];
}

/** Who takes part in a run. */
export interface Seats {
  /** The hub's parties, the spokes', then who only learns. */
  readonly all: readonly string[];
  /** Who learns, as numbered in `all`. */
  readonly to: readonly number[];
  /** Of a joined study, who takes part for each party of the hub: that one first. */
  readonly joined: readonly (readonly string[])[];
}

/** @throws SymbolonError `study-unsupported` */
export function seatsOf([hub, ...spokes]: BoundStudy['tables'], options: Pick<RunOptions, 'to'>): Seats {
  const others = spokes.flatMap(({ parties }) => parties);
  const all = [...new Set([...hub!.parties, ...others, ...options.to])];
  if (all.length < 2 || all.length > 5)
    throw unsupported(`a study is computed by 2 to 5 parties, and this one has ${all.length}`);
  const alone = hub!.parties.length === 1;
  return {
    all,
    to: options.to.map((party) => all.indexOf(party)),
    joined: hub!.parties.map((party) => (alone ? all : [...new Set([party, ...others])])),
  };
}

/** Most rows of a patient at a party of the hub. */
export function slotsOf(rows: Pick<Rows, 'tables'>, { rowsPerPatient }: TableSize): number {
  const { onePerPatient, name } = rows.tables[0]!;
  if (onePerPatient) return 1;
  if (rowsPerPatient === undefined)
    throw unsupported(`${name} may have several rows of a patient; the agreement must say how many at most`);
  return Math.max(1, rowsPerPatient);
}

/** Of a hub: where it joins by match rules alone, a bin is a row. */
export function hubSize({ joins }: Pick<Rows, 'joins'>, size: TableSize): TableSize {
  const byRule = joins.length > 0 && joins.every(({ kind }) => kind === 'rule');
  return byRule ? { ...size, patients: size.rows } : size;
}

export function sizeOf(sizes: Sizes, alias: string, party: string): TableSize {
  const size = sizes[alias]?.[party];
  if (size === undefined) throw fault('plan-invalid', `the size of ${alias} at ${party} is missing`);
  return size;
}

export function programOf(builder: PlanBuilder, parties: readonly string[], meets: readonly Meet[]): StudyProgram {
  return { protocol: 'study/1', parties: parties.length, meets, plan: builder.build() };
}

export function unsupported(message: string): Error {
  return fault('study-unsupported', message);
}
