import { demand, fields, integer, isWithin, list } from '../fields.ts';
import { type Formula, formulaLimits, type Gate, leavesOf, magnitude, sizeOf } from './formula.ts';

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
  demand(typeof value === 'object' && value !== null, 'verdict is a number, and, or, not, score');
  if (Object.hasOwn(value, 'score')) return parseGate(value, leaves, depth);
  const kind = (['and', 'or', 'not'] as const).find((name) => Object.hasOwn(value, name));
  demand(kind !== undefined, 'verdict is a number, and, or, not, score');
  const [inner] = fields(value, 'verdict', [kind]);
  if (kind === 'not') return { not: parseFormula(inner, leaves, depth + 1) };
  const parts = list(inner, 'verdict', formulaLimits.parts).map((part) => parseFormula(part, leaves, depth + 1));
  demand(parts.length >= 2, `verdict: ${kind} has two parts at least`);
  return kind === 'and' ? { and: parts } : { or: parts };
}

function parseGate(value: object, leaves: number, depth: number): Gate {
  const [score, bound] = fields(value, 'verdict', ['score', 'atLeast']);
  const parts = list(score, 'verdict: score', formulaLimits.parts).map((part) => {
    const [weight, of] = list(part, 'verdict: score', 2);
    return [integer(weight, 32, 'verdict: weight'), parseFormula(of, leaves, depth + 1)] as const;
  });
  const weights = parts.map(([weight]) => weight);
  const atLeast = integer(bound, 32, 'verdict: atLeast');
  demand(parts.length >= 2, 'verdict: score has two parts at least');
  demand(!weights.includes(0n), 'verdict: a weight is not 0');
  demand(magnitude(weights, atLeast) < formulaLimits.score, 'verdict: weights and atLeast stay below 2^30');
  return { score: parts.map(([weight, of]) => [String(weight), of]), atLeast: String(atLeast) };
}
