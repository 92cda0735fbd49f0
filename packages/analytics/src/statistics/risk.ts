import { requireCounts } from './check.ts';
import { conditionalOddsRatio, fisherExact } from './fisher.ts';
import type { MethodResult, Note } from './result.ts';
import { levelOf, type MethodOptions, wald } from './wald.ts';

/** What opens: the four counts of an exposure and an outcome. */
export interface RiskTable {
  readonly exposedCases: number;
  readonly exposedOthers: number;
  readonly unexposedCases: number;
  readonly unexposedOthers: number;
}

/** Possible tables up to which the exact interval is worth its work: a fraction of a second. Beyond, Woolf's is as good. */
const exactUpTo = 20_000;

/**
 * Odds ratio (interval of B. Woolf, Ann. Human Genetics 19 (1955) 251), risk ratio (D. Katz et al., Biometrics 34 (1978) 469), both
 * Wald on the log scale, and risk difference (Wald); then the conditional odds ratio with its exact interval, and Fisher's test.
 * A zero cell is reported, never corrected: a ratio that it makes 0, infinite or undefined is null.
 */
export function riskMeasures(table: RiskTable, options: MethodOptions = {}): MethodResult {
  const { exposedCases: a, exposedOthers: b, unexposedCases: c, unexposedOthers: d } = table;
  const names = ['exposed cases', 'exposed others', 'unexposed cases', 'unexposed others'];
  const cells = [a, b, c, d];
  requireCounts(cells, 'cells');
  const level = levelOf(options);
  const [exposed, unexposed] = [a + b, c + d];
  const n = exposed + unexposed;
  const zero = names.filter((_, i) => cells[i] === 0);
  const bothGroups = exposed > 0 && unexposed > 0;

  const odds = zero.length === 0 ? { at: Math.log((a * d) / (b * c)), square: 1 / a + 1 / b + 1 / c + 1 / d } : null;
  const risk =
    a > 0 && c > 0
      ? { at: Math.log(a / exposed) - Math.log(c / unexposed), square: 1 / a - 1 / exposed + 1 / c - 1 / unexposed }
      : null;
  const difference = bothGroups
    ? { at: a / exposed - c / unexposed, square: (a * b) / exposed ** 3 + (c * d) / unexposed ** 3 }
    : null;
  const estimate = (
    name: string,
    scale: 'log' | 'identity',
    method: string,
    value: { at: number; square: number } | null,
  ) =>
    wald(
      { name, scale, method, at: value?.at ?? null, standardError: value === null ? null : Math.sqrt(value.square), n },
      level,
    );

  const notes: Note[] = [];
  if (zero.length > 0) {
    const text = `zero cell, not corrected: ${zero.join(', ')}. Use the exact interval; Wald's is missing or too narrow`;
    notes.push({ code: 'zero-cell', text, names: zero });
  }
  if (!bothGroups) notes.push({ code: 'empty', text: 'one of the groups is empty' });
  const square = [
    [a, b],
    [c, d],
  ];
  const exact = Math.min(exposed, unexposed, a + c, b + d) <= exactUpTo;
  if (!exact) notes.push({ code: 'too-much-work', text: 'the counts are too large for the exact interval' });
  return {
    method: 'risk measures',
    n,
    estimates: [
      estimate('odds ratio', 'log', 'Woolf', odds),
      estimate('risk ratio', 'log', 'Katz', risk),
      estimate('risk difference', 'identity', 'Wald', difference),
      ...(exact ? [conditionalOddsRatio(square, level)] : []),
    ],
    tests: [{ method: 'Fisher exact test', statistic: null, df: [], p: fisherExact(square).twoSided }],
    notes,
  };
}
