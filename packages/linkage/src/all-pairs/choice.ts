import type { PlanBuilder, Wire } from '@symbolon/engine';
import { combine, scoreOf } from '../verdict/combine.ts';
import { type Gate, magnitude } from '../verdict/formula.ts';
import { bestOf } from './best.ts';
import { countOf, sumOf } from './count.ts';
import { firstOf, groupsFor, levelsOf, linesOf } from './first.ts';
import type { AllPairsProgram } from './program.ts';
import type { Tile } from './tiles.ts';

/** What a stage of comparisons leaves to the stage of choices. */
interface Kept {
  readonly place: Tile;
  readonly wires: readonly Wire[];
}

/** From the comparisons of a tile to what a program reveals. */
export interface Choice {
  /** At the end of a tile's stage. @param below for each leaf the pairs, row by row of a, for which it is false */
  keep(below: readonly Wire[], place: Tile): readonly Wire[];
  /** In a stage of its own, for several tiles together, so that they share its rounds. */
  decide(kept: readonly Kept[]): void;
  /** After all tiles. */
  end(): void;
}

export const countName = 'count';

export function verdictName(tile: number): string {
  return `verdict/${tile}`;
}

/** Bits of a row of a in what is revealed: whole bytes where a row of b is picked. */
export function verdictBits({ rows, cardinality }: Pick<AllPairsProgram, 'rows' | 'cardinality'>): number {
  return cardinality === 'many-to-many' ? rows[1] : whole(rows[1]);
}

export function choiceOf(builder: PlanBuilder, program: AllPairsProgram): Choice {
  const { cardinality, prefer, reveal } = program;
  if (cardinality === 'many-to-many')
    return reveal === 'pairs' ? everyPair(builder, program) : everyPairCounted(builder, program);
  if (cardinality === 'one-to-one') return mutualFirst(builder, program);
  if (prefer === 'best') return bestOfRow(builder, program);
  return reveal === 'pairs' ? firstOfRow(builder, program) : rowsCounted(builder, program);
}

function everyPair(builder: PlanBuilder, program: AllPairsProgram): Choice {
  return {
    keep(below, { index }) {
      builder.reveal(combine(builder, program.verdict, below), program.to, verdictName(index));
      return [];
    },
    decide: () => undefined,
    end: () => undefined,
  };
}

function everyPairCounted(builder: PlanBuilder, program: AllPairsProgram): Choice {
  return counted(builder, program, {
    keep: (below) => [combine(builder, program.verdict, below)],
    decide: (kept) =>
      sumOf(
        builder,
        kept.map(({ wires }) => countOf(builder, wires[0]!)),
      ),
  });
}

/** many-to-one, first: of each row of a the first of its verdicts. */
function firstOfRow(builder: PlanBuilder, program: AllPairsProgram): Choice {
  return {
    keep: (below, place) => [verdictColumns(builder, program, below, place)],
    decide(kept) {
      for (const { place, wires } of kept) {
        const picks = firstOf(builder, levelsOf(builder, wires[0]!, rowGroups(program)));
        revealTile(builder, program, byRows(builder, program, picks, place), place);
      }
    },
    end: () => undefined,
  };
}

/** Rows of a that have a verdict: as many as there are picks. */
function rowsCounted(builder: PlanBuilder, program: AllPairsProgram): Choice {
  return counted(builder, program, {
    keep: (below, place) => [verdictColumns(builder, program, below, place)],
    decide: (kept) =>
      sumOf(
        builder,
        kept.map(({ wires }) => {
          const { none } = levelsOf(builder, wires[0]!, rowGroups(program)).at(-1)!;
          return countOf(builder, builder.not(none));
        }),
      ),
  });
}

/** one-to-one: a pair counts where it is the first of its row of a and the first of its row of b. */
function mutualFirst(builder: PlanBuilder, program: AllPairsProgram): Choice {
  const line = whole(program.rows[1]);
  /** One line: rows of b that nothing matched so far; rows of b that have a partner. */
  let before: Wire | undefined;
  let taken: Wire | undefined;
  const decide = (kept: readonly Kept[]): void => {
    const rows = kept.map(({ place, wires }) => {
      const grid = wires[0]!;
      const picks = firstOf(builder, levelsOf(builder, grid, rowGroups(program)));
      return [grid, picks].map((wire) => byRows(builder, program, wire, place)) as [Wire, Wire];
    });
    const verdicts = builder.concat(rows.map(([verdict]) => verdict));
    const count = builder.type(verdicts).size / line;
    const groups = groupsFor(count);
    const more = (linesOf(groups) - count) * line;
    const grid = more === 0 ? verdicts : builder.concat([verdicts, zeros(builder, builder.slice(verdicts, 0, more))]);
    const levels = levelsOf(builder, grid, groups);
    const ofColumn = builder.slice(firstOf(builder, levels, before), 0, count * line);
    const { none } = levels.at(-1)!;
    before = before === undefined ? none : builder.and(before, none);
    const mutual = builder.and(builder.concat(rows.map(([, pick]) => pick)), ofColumn);
    if (program.reveal === 'count') {
      const partners = folded(builder, mutual, count);
      taken = taken === undefined ? partners : builder.xor([taken, partners]);
      return;
    }
    let at = 0;
    for (const { place } of kept) {
      const size = place.rows * line;
      revealTile(builder, program, builder.slice(mutual, at, size), place);
      at += size;
    }
  };
  return {
    keep: (below, place) => [verdictColumns(builder, program, below, place)],
    decide,
    end: () => {
      if (taken !== undefined) builder.reveal(countOf(builder, taken), program.to, countName);
    },
  };
}

/** many-to-one, best: of each row of a the pair with the highest score, if that is a match. */
function bestOfRow(builder: PlanBuilder, program: AllPairsProgram): Choice {
  const gate = program.verdict as Gate;
  const most = magnitude(
    gate.score.map(([weight]) => BigInt(weight)),
    BigInt(gate.atLeast),
  );
  return {
    keep(below, place) {
      const turned = below.map((wire) =>
        builder.not(byColumns(builder, program, builder.not(wire), place, program.rows[1])),
      );
      // Differences of two scores fit, too.
      const scores = scoreOf(builder, gate, turned, most < 2n ** 14n ? 16 : 32);
      const ones = builder.slice(below[0]!, 0, place.rows);
      const real = builder.transpose(builder.xor([ones, ones], 1), [place.rows, 1], [1, whole(place.rows)]);
      return [scores, real];
    },
    decide(kept) {
      for (const { place, wires } of kept) {
        const [scores, real] = wires as [Wire, Wire];
        const accept = (highest: Wire): Wire => builder.and(builder.not(builder.lessThanZero(highest)), real);
        const picks = bestOf(builder, scores, program.rows[1], [-most, most], accept);
        revealTile(builder, program, byRows(builder, program, picks, place), place);
      }
    },
    end: () => undefined,
  };
}

/** A choice that reveals one number alone. */
function counted(
  builder: PlanBuilder,
  { to }: AllPairsProgram,
  { keep, decide }: Pick<Choice, 'keep'> & { decide: (kept: readonly Kept[]) => Wire },
): Choice {
  const counts: Wire[] = [];
  return {
    keep,
    decide: (kept) => void counts.push(decide(kept)),
    end: () => builder.reveal(sumOf(builder, counts), to, countName),
  };
}

/** Of the lines of a tile by columns. */
function rowGroups({ rows }: AllPairsProgram): readonly number[] {
  return groupsFor(rows[1]);
}

/** Bits of a tile, a line for each row of b, and empty lines behind them. */
function byColumns(
  builder: PlanBuilder,
  { rows: [, cols] }: AllPairsProgram,
  bits: Wire,
  { rows }: Tile,
  lines: number,
) {
  return builder.transpose(bits, [rows, cols], [lines, whole(rows)]);
}

/** Verdicts of a tile, a line for each row of b, as many lines as the tree wants. */
function verdictColumns(builder: PlanBuilder, program: AllPairsProgram, below: readonly Wire[], place: Tile): Wire {
  const verdicts = combine(builder, program.verdict, below);
  return byColumns(builder, program, verdicts, place, linesOf(rowGroups(program)));
}

/** The same bits, a line for each row of a. */
function byRows(builder: PlanBuilder, { rows: [, cols] }: AllPairsProgram, picks: Wire, { rows }: Tile): Wire {
  const lines = builder.slice(picks, 0, cols * whole(rows));
  const turned = builder.transpose(lines, [cols, whole(rows)], [whole(rows), whole(cols)]);
  return builder.slice(turned, 0, rows * whole(cols));
}

function revealTile(builder: PlanBuilder, { to }: AllPairsProgram, picks: Wire, { index }: Tile): void {
  builder.reveal(picks, to, verdictName(index));
}

/** ⊕ of all lines. */
function folded(builder: PlanBuilder, grid: Wire, lines: number): Wire {
  if (lines === 1) return grid;
  const line = builder.type(grid).size / lines;
  const half = Math.floor(lines / 2);
  const sum = builder.xor([0, half].map((from) => builder.slice(grid, from * line, half * line)));
  if (lines % 2 === 0) return folded(builder, sum, half);
  return builder.xor([folded(builder, sum, half), builder.slice(grid, (lines - 1) * line, line)]);
}

function zeros(builder: PlanBuilder, like: Wire): Wire {
  return builder.xor([like, like]);
}

/** Elements that fill whole bytes of bits. */
function whole(elements: number): number {
  return 8 * Math.ceil(elements / 8);
}
