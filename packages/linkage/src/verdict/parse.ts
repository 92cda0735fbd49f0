import { demand, fields, isWithin, list } from '../fields.ts';
import { type Formula, formulaLimits, leavesOf, sizeOf } from './formula.ts';

/** Reads a verdict over `leaves` leaves, all of which it must use; `plan-invalid` for anything else. */
export function parseVerdict(value: unknown, leaves: number): Formula {
  const verdict = parseFormula(value, leaves, 0);
  demand(sizeOf(verdict) <= formulaLimits.size, `verdict has at most ${formulaLimits.size} parts`);
  demand(leavesOf(verdict).length === leaves, 'verdict uses every leaf');
  return verdict;
}

function parseFormula(value: unknown, leaves: number, depth: number): Formula {
  demand(depth <= formulaLimits.depth, `verdict is at most ${formulaLimits.depth} levels deep`);
  if (typeof value === 'number') {
    demand(isWithin(value, 0, leaves - 1), `verdict names leaves 0 to ${leaves - 1}`);
    return value;
  }
  demand(typeof value === 'object' && value !== null, 'verdict is a number, and, or, not');
  const kind = (['and', 'or', 'not'] as const).find((name) => Object.hasOwn(value, name));
  demand(kind !== undefined, 'verdict is a number, and, or, not');
  const [inner] = fields(value, 'verdict', [kind]);
  if (kind === 'not') return { not: parseFormula(inner, leaves, depth + 1) };
  const parts = list(inner, 'verdict', 64).map((part) => parseFormula(part, leaves, depth + 1));
  demand(parts.length >= 2, `verdict: ${kind} has two parts at least`);
  return kind === 'and' ? { and: parts } : { or: parts };
}
