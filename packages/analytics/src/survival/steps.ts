import { fault } from '@symbolon/crypto';
import type { PlanBuilder, Wire } from '@symbolon/engine';
import { areEnough, areEnoughOrNone } from './enough.ts';
import type { SurvivalRule } from './release.ts';

/**
 * Agreed times at which a group's curve may open (PROTOCOLS §5: survival steps open only if every interval has ≥ k). A patient with the event
 * belongs to the first shown time at or after it, one without to the first shown time after the end of the observation, all others to the
 * tail. In the intervals so made, and in the tail,
 *
 * - each interval holds k patients or more with the event;
 * - those without, and in the tail those with it, are none or k or more;
 * - the whole group has k patients or more.
 *
 * From left to right each time opens that makes an interval fit to open, with the tail behind it. All that is released of a group is made of these
 * cells, so whatever is subtracted from whatever, no one stands there among fewer than k. Where rows are split over parties, all this is said of
 * every party's own (`enough.ts`).
 */

/** Cumulative counts of a group: at the start (0), then at each agreed time; words. */
export interface Cumulated {
  /** With the event, up to the time. */
  readonly events: Wire;
  /** Without, before the time. */
  readonly censored: Wire;
  /** All of the group with the event, without it: one word each. */
  readonly total: { readonly events: Wire; readonly censored: Wire };
}

/** Every pair of times is compared. */
const MOST_STEPS = 160;

/** @throws SymbolonError `study-unsupported` */
export function requireSteps(count: number, minimum: number): void {
  if (minimum <= 1 || count <= MOST_STEPS) return;
  const hint = 'Agree on fewer times, such as the ends of months or years.';
  throw fault('study-unsupported', `a curve opens at ${MOST_STEPS} times at most where k > 1, not ${count}`, { hint });
}

/**
 * Which times open: words 0 and 1, first for the whole group, then for each agreed time. Where the group is withheld all are 0. Rounds:
 * some 14 and log2 of the number of times.
 *
 * @param parties the group's counts at each party whose rows they are of
 */
export function shownSteps(b: PlanBuilder, parties: readonly Cumulated[], rule: SurvivalRule): Wire {
  const [{ events }] = parties as [Cumulated];
  const nodes = b.type(events).size;
  if (rule.minimum <= 1) return b.linear([[0n, events]], 1n);
  requireSteps(nodes - 1, rule.minimum);
  const each = (of: (own: Cumulated) => Wire): Wire[] => parties.map(of);
  const after = (all: Wire, until: Wire): Wire => b.subtract(b.repeat(all, nodes), until);
  // Rows: the time at which an interval would end; columns: where it would start.
  const since = (x: Wire): Wire => b.subtract(b.repeat(x, nodes), b.tile(x, nodes));

  const eventsLeft = each((own) => after(own.total.events, own.events));
  const censoredLeft = each((own) => after(own.total.censored, own.censored));
  const tailFits = b.and(areEnoughOrNone(b, eventsLeft, rule), areEnoughOrNone(b, censoredLeft, rule));

  const enough = areEnough(
    b,
    each((own) => since(own.events)),
    rule,
  );
  const fits = areEnoughOrNone(
    b,
    each((own) => since(own.censored)),
    rule,
  );
  const next = firstOf(b, b.toRing(b.and(enough, fits, b.repeat(tailFits, nodes)), 64), nodes);

  const patients = each(({ total }) => b.add(total.events, total.censored));
  const start = b.toRing(b.and(b.slice(tailFits, 0, 1), areEnough(b, patients, rule)), 64);
  const nowhere = b.linear([[0n, b.slice(events, 1, nodes - 1)]]);
  return reached(b, b.concat([start, nowhere]), next, nodes);
}

/** `nodes` × `nodes` flags, rows times: of each column the first row whose flag is 1. */
function firstOf(b: PlanBuilder, flags: Wire, nodes: number): Wire {
  const rows = Array.from({ length: nodes }, (_, row) => b.slice(flags, row * nodes, nodes));
  const before: Wire[] = [b.linear([[0n, rows[0]!]])];
  for (const row of rows.slice(0, -1)) before.push(b.add(before.at(-1)!, row));
  return b.bitDot([b.isZero(b.concat(before))], [flags]);
}

/** All that can be reached: paths double in length each round. @param next rows: to, columns: from; one 1 a column at most, and always further down */
function reached(b: PlanBuilder, start: Wire, next: Wire, nodes: number): Wire {
  const square = { cols: nodes, inner: nodes, range: [0n, 1n] as const };
  let [seen, steps] = [start, next];
  for (let length = 1; length < nodes; length *= 2) {
    const more = b.matmul(seen, steps, { ...square, rows: 1 });
    seen = b.linear(
      [
        [1n, seen],
        [1n, more],
      ],
      0n,
      [0n, 1n],
    );
    if (2 * length < nodes) steps = b.matmul(steps, b.transpose(steps, [nodes, nodes]), { ...square, rows: nodes });
  }
  return seen;
}
