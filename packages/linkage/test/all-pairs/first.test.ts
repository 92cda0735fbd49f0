import { PlanBuilder, runClear, type Wire } from '@symbolon/engine';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { bestOf } from '../../src/all-pairs/best.ts';
import { countOf } from '../../src/all-pairs/count.ts';
import { firstOf, groupsFor, levelsOf, linesOf } from '../../src/all-pairs/first.ts';
import { placeOf } from './definition.ts';

const numRuns = process.env.SLOW ? 3000 : 150;

/** A grid of bits, line by line, as its value and as rows of booleans; few lines of a column are set. */
const grid = fc.tuple(fc.integer({ min: 1, max: 90 }), fc.integer({ min: 1, max: 3 })).chain(([lines, bytes]) =>
  fc
    .array(fc.oneof({ weight: 2, arbitrary: fc.constant(0) }, fc.nat(255)), {
      minLength: lines * bytes,
      maxLength: lines * bytes,
    })
    .map((values) => ({ lines, columns: 8 * bytes, bytes: Uint8Array.from(values) })),
);

const bit = (bytes: Uint8Array, at: number): number => (bytes[at >> 3]! >> (at & 7)) & 1;

/** What a plan over a grid of bits reveals. */
function run(size: number, value: Uint8Array, plan: (builder: PlanBuilder, grid: Wire) => Wire): Uint8Array {
  const builder = new PlanBuilder(2);
  builder.reveal(plan(builder, builder.inputBits('grid', 0, size)), [0], 'out');
  return runClear(builder.build(), { grid: value }).out!;
}

test('groups fill a grid with as few levels as four a group allow, and few lines more', () => {
  for (let lines = 1; lines <= 5000; lines++) {
    const groups = groupsFor(lines);
    expect(groups.length).toBe(Math.max(1, Math.ceil(Math.log2(lines) / 2)));
    expect(linesOf(groups)).toBeGreaterThanOrEqual(lines);
    expect(linesOf(groups)).toBeLessThanOrEqual(Math.max(2, 1.5 * lines));
  }
  expect(linesOf(groupsFor(5000))).toBe(5184);
});

test('the first of every column, after what came before', () => {
  fc.assert(
    fc.property(grid, fc.option(fc.nat(255)), ({ lines, columns, bytes }, taken) => {
      const groups = groupsFor(lines);
      const padded = new Uint8Array((linesOf(groups) * columns) / 8);
      padded.set(bytes);
      const before = taken === null ? undefined : new Uint8Array(columns / 8).fill(taken);
      const builder = new PlanBuilder(2);
      const wire = builder.inputBits('grid', 0, 8 * padded.length);
      const none = before && builder.not(builder.inputBits('before', 1, columns));
      const levels = levelsOf(builder, wire, groups);
      builder.reveal(firstOf(builder, levels, none), [0], 'first');
      builder.reveal(levels.at(-1)!.none, [0], 'none');
      const revealed = runClear(builder.build(), { grid: padded, ...(before && { before }) });
      for (let column = 0; column < columns; column++) {
        const set = Array.from({ length: lines }, (_, line) => line).filter((line) =>
          bit(bytes, line * columns + column),
        );
        const first = set.sort((x, y) => placeOf(x, groups) - placeOf(y, groups))[0];
        const open = before === undefined || bit(before, column) === 0;
        for (let line = 0; line < linesOf(groups); line++)
          expect(bit(revealed.first!, line * columns + column)).toBe(open && line === first ? 1 : 0);
        expect(bit(revealed.none!, column)).toBe(set.length === 0 ? 1 : 0);
      }
    }),
    { numRuns },
  );
});

test('the order of lines is one: every line has its place', () => {
  for (const lines of [1, 2, 3, 5, 16, 17, 100, 5000]) {
    const groups = groupsFor(lines);
    const places = Array.from({ length: linesOf(groups) }, (_, line) => placeOf(line, groups));
    expect(places.toSorted((x, y) => x - y)).toEqual(places.map((_, i) => i));
  }
});

test('the highest of every column that is accepted; of equal ones always the same', () => {
  const numbers = fc
    .tuple(fc.integer({ min: 1, max: 40 }), fc.constantFrom(8, 16))
    .chain(([lines, columns]) =>
      fc
        .array(fc.integer({ min: -3, max: 3 }), { minLength: lines * columns, maxLength: lines * columns })
        .map((values) => ({ lines, columns, values })),
    );
  fc.assert(
    fc.property(numbers, ({ lines, columns, values }) => {
      const builder = new PlanBuilder(2);
      const wire = builder.input('grid', 0, { ring: 16, size: values.length, range: [-3n, 3n] });
      const accept = (highest: Wire): Wire => builder.not(builder.lessThanZero(highest));
      builder.reveal(bestOf(builder, wire, lines, [-3n, 3n], accept), [0], 'best');
      const input = new Uint8Array(Int16Array.from(values).buffer);
      const { best } = runClear(builder.build(), { grid: input });
      const winners = new Map<string, number>();
      for (let column = 0; column < columns; column++) {
        const scores = Array.from({ length: lines }, (_, line) => values[line * columns + column]!);
        const won = scores.flatMap((_, line) => (bit(best!, line * columns + column) ? [line] : []));
        const highest = Math.max(...scores);
        expect(won.map((line) => scores[line])).toEqual(highest < 0 ? [] : [highest]);
        if (won.length === 0) continue;
        const tied = scores.map((score) => score === highest).join();
        expect(winners.get(tied) ?? won[0]).toBe(won[0]);
        winners.set(tied, won[0]!);
      }
    }),
    { numRuns },
  );
});

test('ones are counted', () => {
  const sizes = fc.constantFrom(1, 7, 8, 2049, 65_535, 65_536, 65_537, 70_001);
  fc.assert(
    fc.property(sizes, fc.nat(255), (size, fill) => {
      const bytes = new Uint8Array(Math.ceil(size / 8)).map((_, i) => (i * 37 + fill) & 255);
      const ones = Array.from({ length: size }, (_, i) => bit(bytes, i)).filter(Boolean).length;
      const counted = run(size, bytes, (builder, bits) => countOf(builder, bits));
      expect(new DataView(counted.buffer).getBigUint64(0, true)).toBe(BigInt(ones));
    }),
    { numRuns: 20 },
  );
});
