import { PlanBuilder, pack, planCost, runClear, unpack } from '@symbolon/engine';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { runSecure } from '../../../engine/test/network.ts';
import { releaseInClear } from '../../src/survival/clear.ts';
import { shownSteps } from '../../src/survival/steps.ts';
import { runs } from '../statistics/runs.ts';

const word = (size: number) => ({ kind: 'ring', bits: 64, size }) as const;

/** One group with these counts at each time: which times open. */
function planOf(times: number, minimum: number) {
  const b = new PlanBuilder(2);
  const input = (name: string, size: number) => b.input(name, 0, { ring: 64, size, range: [0n, 10_000n] });
  const [events, censored] = [input('events', times + 1), input('censored', times + 1)];
  const total = { events: input('allEvents', 1), censored: input('allCensored', 1) };
  b.reveal(shownSteps(b, [{ events, censored, total }], { minimum, at: [] }), [0], 'shown');
  return b.build();
}

function inputsOf(events: readonly number[], censored: readonly number[]) {
  const until = (values: readonly number[], to: number) => BigInt(values.slice(0, to).reduce((x, y) => x + y, 0));
  const all = (values: readonly number[]) => pack(word(1), [until(values, values.length)]);
  const nodes = [0, ...events.keys()].map((_, i) => i);
  return {
    events: pack(
      word(nodes.length),
      nodes.map((i) => until(events, i)),
    ),
    censored: pack(
      word(nodes.length),
      nodes.map((i) => until(censored, Math.max(0, i - 1))),
    ),
    allEvents: all(events),
    allCensored: all(censored),
  };
}

const counts = fc.array(fc.tuple(fc.integer({ min: 0, max: 4 }), fc.constantFrom(0, 0, 1, 3, 6)), {
  minLength: 1,
  maxLength: 14,
});

describe('which steps of a curve open', () => {
  test('as in the clear; every cell that follows from them is none or k or more', () => {
    fc.assert(
      fc.property(counts, fc.integer({ min: 2, max: 6 }), (cells, minimum) => {
        const [events, censored] = [cells.map(([d]) => d), cells.map(([, c]) => c)];
        const shown = unpack(
          word(events.length + 1),
          runClear(planOf(events.length, minimum), inputsOf(events, censored)).shown!,
        ).map(Number);
        const at = events.map((_, i) => i);
        const shape = { from: 0, to: events.length - 1, groups: 1 };
        const { groups } = releaseInClear([...events, ...censored], shape, { minimum, at }, ['all']);
        const { whole, points } = groups[0]!;
        const open = new Set(points.map(({ time }) => time));
        expect(shown).toEqual([whole === null ? 0 : 1, ...at.map((time) => (open.has(time) ? 1 : 0))]);
        if (whole === null) return;
        let last = { events: 0, censored: 0 };
        for (const point of points) {
          const now = { events: point.events, censored: whole.n - point.events - point.atRisk };
          expect(now.events - last.events).toBeGreaterThanOrEqual(minimum);
          const without = now.censored - last.censored;
          expect(without === 0 || without >= minimum).toBe(true);
          last = now;
        }
        for (const rest of [whole.events - last.events, whole.n - whole.events - last.censored]) {
          expect(rest === 0 || rest >= minimum).toBe(true);
        }
      }),
      runs(200),
    );
  });

  test('with k = 1 all; too many times are refused', () => {
    const shown = runClear(planOf(3, 1), inputsOf([0, 1, 0], [0, 0, 1])).shown!;
    expect(unpack(word(4), shown)).toEqual([1n, 1n, 1n, 1n]);
    expect(() => planOf(161, 2)).toThrow('at most');
    expect(() => planOf(161, 1)).not.toThrow();
  });

  test('by two parties, in few rounds', async () => {
    const [events, censored] = [
      [3, 0, 2, 4, 1, 1, 5],
      [0, 3, 0, 4, 0, 0, 6],
    ];
    const plan = planOf(events!.length, 3);
    const inputs = inputsOf(events!, censored!);
    const { outputs } = await runSecure(plan, inputs);
    expect(outputs[0]).toEqual(runClear(plan, inputs));
    expect(unpack(word(8), outputs[0]!.shown!).reduce((x, y) => x + y, 0n)).toBeGreaterThan(2n);
    expect(planCost(planOf(60, 5)).rounds).toBeLessThanOrEqual(18);
  });
});
