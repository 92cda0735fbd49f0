import type { PlanBuilder, Wire } from '@symbolon/engine';
import { type BoundStudy, restsBeside } from '../sql/index.ts';
import type { PartyCells } from './cells.ts';
import { Logic } from './logic.ts';

/** What one party of the hub says of every cell, for each support: a bit a cell. */
export interface Patients {
  /** k of its patients stand behind it. */
  readonly enough: readonly Wire[];
  /** None does; undefined where nobody asks: no party may stand aside, and there are no rests. */
  readonly none: readonly Wire[] | undefined;
}

/** What rules on release need to know. */
export type Ruled = Pick<BoundStudy, 'release' | 'tables'> & Partial<Pick<BoundStudy, 'rests'>>;

/** Whether parties say of every support that none of their patients stands behind it. */
export function saysNone(bound: Ruled): boolean {
  return mayBeEmpty(bound) || (bound.rests ?? []).length > 0;
}

/** Names of what opens. */
export const outputName = {
  show: (support: number): string => `show/${support}`,
  showQuantile: (opened: number): string => `show quantile/${opened}`,
  number: (opened: number): string => `number/${opened}`,
  code: (key: number): string => `code/${key}`,
  text: (key: number, place: number): string => `text/${key}/${place}`,
};

/** Whether a party may stand aside where it has no patient. */
export function mayBeEmpty({ release, tables }: Ruled): boolean {
  return release.allowEmptyParty && tables[0]!.parties.length > 1;
}

/** Counts of patients against k. */
export function testPatients(builder: PlanBuilder, bound: Ruled, counts: readonly Wire[]): Patients {
  const k = BigInt(bound.release.minPatients);
  return {
    enough: counts.map((count) => builder.not(builder.lessThanZero(builder.linear([[1n, count]], -k)))),
    none: saysNone(bound) ? counts.map((count) => builder.isZero(count)) : undefined,
  };
}

/**
 * `mayShow` and, of rests, `mayFollow`, inside: every party has k patients; or, where that is allowed, none, and some party has k. Of a rest all
 * parties may have none.
 *
 * @returns for each support, a bit a cell: whether it, the cell's own rows and all rests beside it may show; or all supports, where a cell opens as a whole
 */
export function mayShowAll(
  logic: Logic,
  { release, rests = [] }: Pick<Ruled, 'release' | 'rests'>,
  parties: readonly Patients[],
): Wire[] {
  const [first] = parties;
  const each = first!.enough.map((_, support) => {
    const isRest = rests.some((rest) => rest.support === support);
    const enough = parties.map((party) => party.enough[support]!);
    if (!isRest && (!release.allowEmptyParty || first!.none === undefined)) return logic.and(...enough);
    const none = parties.map((party) => party.none![support]!);
    if (isRest && !release.allowEmptyParty) return logic.or(logic.and(...enough), logic.and(...none));
    const all = logic.and(...parties.map((_, i) => logic.or(enough[i]!, none[i]!)));
    return isRest ? all : logic.and(logic.or(...enough), all);
  });
  return each.map((show, support) => {
    const beside = restsBeside({ rests }, [support]).map((rest) => each[rest.support]!);
    return logic.and(...(release.allOrNone ? each : [each[0]!, show, ...beside])) as Wire;
  });
}

/** A quantile of every cell. */
export interface ShownQuantile {
  readonly value: Wire;
  /** Numbers, beyond those of the study's supports, of the rows on either side of it. */
  readonly sides: readonly number[];
}

/**
 * Opens, to these parties, for each support of a number whether it may show, and each number where its support may; a number that may not is 0 before it opens.
 */
export function release(
  builder: PlanBuilder,
  bound: BoundStudy,
  parties: readonly (Pick<PartyCells, 'numbers'> & Patients)[],
  to: readonly number[],
  quantiles: ReadonlyMap<number, ShownQuantile> = new Map(),
): void {
  const logic = new Logic(builder);
  const shows = mayShowAll(logic, bound, parties);
  for (const i of new Set(bound.opened.map(({ support }) => support)))
    builder.reveal(shows[i]!, to, outputName.show(i));
  for (const [i, number] of bound.opened.entries()) {
    const parts = parties.flatMap(({ numbers }) => numbers[i] ?? []);
    if (number.kind === 'quantile') {
      const { value, sides } = quantiles.get(i)!;
      const show = logic.and(...[number.support, ...sides].map((support) => shows[support]!)) as Wire;
      builder.reveal(show, to, outputName.showQuantile(i));
      builder.reveal(builder.bitDot([show], [value]), to, outputName.number(i));
      continue;
    }
    const total = parts.length === 1 ? parts[0]! : summed(builder, parts, number);
    builder.reveal(builder.bitDot([shows[number.support]!], [total]), to, outputName.number(i));
  }
}

function summed(builder: PlanBuilder, parts: readonly Wire[], number: BoundStudy['opened'][number]): Wire {
  const range = number.kind === 'sum' ? (number.range.map(BigInt) as [bigint, bigint]) : undefined;
  return builder.linear(
    parts.map((part) => [1n, part]),
    0n,
    range,
  );
}
