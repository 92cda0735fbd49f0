import { type PlanBuilder, sortBy, type Wire } from '@symbolon/engine';
import { type BoundStudy, restsBeside } from '../sql/index.ts';
import { codeShape } from './codes.ts';
import { type GroupRows, sumRange, testRange } from './group-rows.ts';
import { type Bit, Logic } from './logic.ts';
import { outputName } from './release.ts';
import { differences, prefixSums, shifted } from './scan.ts';

/**
 * Opens the groups that may show, in an order that nobody knows: sorted by key; then the last row of each group, which holds the sums of all up to it, comes to
 * the front, where the group's own are differences; what may not show is 0 before all are shuffled and opened.
 */
export function openGroups(builder: PlanBuilder, bound: BoundStudy, rows: GroupRows, to: readonly number[]): void {
  const { ends, codes, texts, numbers, tests } = gathered(builder, bound, rows);
  const logic = new Logic(builder);
  const enough = tests.map((test, support): Bit => {
    const many = builder.not(builder.lessThanZero(builder.linear([[1n, test]], -rows.least)));
    return bound.rests.some((rest) => rest.support === support) ? logic.or(many, builder.isZero(test)) : many;
  });
  const used = [...new Set(bound.opened.map(({ support }) => support))];
  const whole = used.map((support) => enough[support]!);
  const shows = enough.map((own, support) => {
    const beside = restsBeside(bound, bound.release.allOrNone ? used : [support]).map((rest) => enough[rest.support]!);
    return logic.and(ends, enough[0]!, own, ...beside, ...(bound.release.allOrNone ? whole : [])) as Wire;
  });
  const any = logic.or(...used.map((support) => shows[support]!)) as Wire;
  const named = [
    ...used.map((support) => [outputName.show(support), shows[support]!] as const),
    ...codes.map((code, i) => [outputName.code(i), builder.bitDot([any], [code])] as const),
    ...texts.flatMap((words, i) =>
      words.map((word, place) => [outputName.text(i, place), builder.bitDot([any], [word])] as const),
    ),
    ...numbers.map((number, i) => {
      const show = shows[bound.opened[i]!.support]!;
      return [outputName.number(i), builder.bitDot([show], [number])] as const;
    }),
  ];
  builder.stage();
  const shuffled = builder.shuffle(named.map(([, wire]) => wire));
  for (const [i, [name]] of named.entries()) builder.reveal(shuffled[i]!, to, name);
}

/** A row a group, and behind them rows that are none. */
interface Gathered {
  readonly ends: Wire;
  readonly codes: readonly Wire[];
  readonly texts: readonly (readonly Wire[])[];
  readonly numbers: readonly Wire[];
  readonly tests: readonly Wire[];
}

function gathered(builder: PlanBuilder, bound: BoundStudy, groups: GroupRows): Gathered {
  const { rows, keys } = groups;
  const lists = [keys.map(({ code }) => code), keys.flatMap(({ texts }) => texts), groups.numbers, groups.tests];
  const sorted = split(
    lists,
    sortBy(
      builder,
      keys.map(({ sort }) => sort),
      lists.flat(),
      rows,
    ),
  );
  const [codes, texts, numbers, tests] = sorted as [Wire[], Wire[], Wire[], Wire[]];
  const ends = groupEnds(builder, codes);
  const ranges = [...bound.opened.map((number) => sumRange(number, bound)), ...tests.map(() => testRange(bound, rows))];
  const sums = [...numbers, ...tests].map((wire, i) => prefixSums(builder, wire, ranges[i]!));
  builder.stage();
  const front = builder.sortDigit(builder.not(ends), [ends, ...codes, ...texts, ...sums], { rows, from: 0, width: 1 });
  builder.stage();
  const most = mostGroups(bound, rows);
  const [marks, ...moved] = front.map((wire) => (most < rows ? builder.slice(wire, 0, most) : wire));
  const parts = split([codes, texts, numbers, tests], moved) as [Wire[], Wire[], Wire[], Wire[]];
  const own = [...parts[2], ...parts[3]].map((sum, i) => differences(builder, sum, ranges[i]!));
  const placed = split(
    keys.map((key) => [...key.texts]),
    parts[1],
  );
  return {
    ends: marks!,
    codes: parts[0],
    texts: placed,
    numbers: own.slice(0, numbers.length),
    tests: own.slice(numbers.length),
  };
}

/** Cuts a list into parts as long as these. */
function split(like: readonly (readonly unknown[])[], all: readonly Wire[]): Wire[][] {
  const ends = like.map((_, i) => like.slice(0, i + 1).reduce((sum, { length }) => sum + length, 0));
  return like.map(({ length }, i) => all.slice(ends[i]! - length, ends[i]));
}

/** Where there is a row, and the next has another key. */
function groupEnds(builder: PlanBuilder, codes: readonly Wire[]): Wire {
  const logic = new Logic(builder);
  const equal = codes.map((code) => builder.isZero(builder.subtract(shifted(builder, code, -1), code)));
  return logic.and(logic.not(logic.and(...equal)), logic.not(builder.isZero(codes[0]!))) as Wire;
}

/** Most groups that can be: the values of all keys, where they are few. */
function mostGroups({ keys, nodes }: BoundStudy, rows: number): number {
  const sizes = keys.map(({ node }) => codeShape(nodes[node]!).most);
  const most = sizes.reduce<bigint | undefined>(
    (product, size) => (product === undefined || size === undefined ? undefined : product * size),
    1n,
  );
  return most === undefined || most > BigInt(rows) ? rows : Number(most);
}
