import { requireCoMoments } from './correlation.ts';
import { intercept } from './design.ts';
import { type LinearResult, type LinearSummary, linearRegression } from './linear-regression.ts';
import { meanDifference } from './means.ts';
import {
  type CoMoments,
  centred,
  type Moments,
  mean,
  meanEstimate,
  momentsOfDifference,
  momentsX,
  momentsY,
  requireMoments,
  spreadNotes,
  variance,
} from './moments.ts';
import type { Estimate, MethodResult } from './result.ts';
import { levelOf, type MethodOptions, wald } from './wald.ts';

/** What opens where every patient is seen in both periods: x before, y after, one pair a patient. */
export interface PanelSummary {
  readonly treated: CoMoments;
  readonly control: CoMoments;
}

/** What opens where other patients are seen in each period. */
export interface CrossSectionSummary {
  readonly treatedBefore: Moments;
  readonly treatedAfter: Moments;
  readonly controlBefore: Moments;
  readonly controlAfter: Moments;
}

export interface PanelResult extends MethodResult {
  /** The same effect as the coefficient of group × period, with errors clustered by patient. */
  readonly regression: LinearResult;
}

const name = 'difference in differences';

/**
 * The treated group's change minus the control group's. In a panel the patient is the unit: the changes of the two groups are compared
 * by Welch's t-test, which allows for likeness within a patient. The same as a regression is `regression`.
 */
export function panelDifferenceInDifferences(
  { treated, control }: PanelSummary,
  options: MethodOptions = {},
): PanelResult {
  requireCoMoments(treated);
  requireCoMoments(control);
  const level = levelOf(options);
  const [ofTreated, ofControl] = [momentsOfDifference(treated), momentsOfDifference(control)];
  const effect = meanDifference(name, ofTreated, ofControl, 'welch', level);
  return {
    method: name,
    n: treated.n + control.n,
    estimates: [
      effect,
      meanEstimate('change of treated', ofTreated, level),
      meanEstimate('change of control', ofControl, level),
      ...cellMeans(
        {
          treatedBefore: momentsX(treated),
          treatedAfter: momentsY(treated),
          controlBefore: momentsX(control),
          controlAfter: momentsY(control),
        },
        level,
      ),
    ],
    tests: effect.test === null ? [] : [effect.test],
    notes: spreadNotes([
      ['change of treated', ofTreated],
      ['change of control', ofControl],
    ]),
    regression: linearRegression(panelRegression({ treated, control }), options),
  };
}

/** The same of four independent samples: a sum of four means, whose squared errors add up; Satterthwaite's degrees of freedom. */
export function differenceInDifferences(summary: CrossSectionSummary, options: MethodOptions = {}): MethodResult {
  const level = levelOf(options);
  const { treatedBefore, treatedAfter, controlBefore, controlAfter } = summary;
  const cells = [treatedAfter, treatedBefore, controlAfter, controlBefore];
  for (const cell of cells) requireMoments(cell);
  const means = cells.map(mean);
  const squares = cells.map((cell) => (variance(cell) ?? Number.NaN) / cell.n);
  const square = squares.reduce((sum, value) => sum + value, 0);
  const n = cells.reduce((sum, cell) => sum + cell.n, 0);
  const [a, b, c, d] = means;
  const effect = wald(
    {
      name,
      at: means.some((value) => value === null) ? null : a! - b! - (c! - d!),
      standardError: Number.isNaN(square) ? null : Math.sqrt(square),
      df: square ** 2 / squares.reduce((sum, value, i) => sum + value ** 2 / (cells[i]!.n - 1), 0),
      n,
      method: 'Welch',
    },
    level,
  );
  return {
    method: name,
    n,
    estimates: [effect, ...cellMeans(summary, level)],
    tests: effect.test === null ? [] : [effect.test],
    notes: spreadNotes([
      ['treated, before', treatedBefore],
      ['treated, after', treatedAfter],
      ['control, before', controlBefore],
      ['control, after', controlAfter],
    ]),
  };
}

function cellMeans(cells: CrossSectionSummary, level: number): Estimate[] {
  return [
    meanEstimate('treated, before', cells.treatedBefore, level),
    meanEstimate('treated, after', cells.treatedAfter, level),
    meanEstimate('control, before', cells.controlBefore, level),
    meanEstimate('control, after', cells.controlAfter, level),
  ];
}

/** The regression y ~ group + period + group × period, two observations a patient, from the sums of a panel. */
function panelRegression(panel: PanelSummary): LinearSummary {
  const [treated, control] = [aboutZero(panel.treated), aboutZero(panel.control)];
  const n = treated.n + control.n;
  const [t, after, before] = [treated.n, treated.sumY, treated.sumX];
  // Columns 1, group, period, group × period: their products count observations.
  const gram = [
    [2 * n, 2 * t, n, t],
    [2 * t, 2 * t, t, t],
    [n, t, n, t],
    [t, t, t, t],
  ];
  // A patient's score is (u, g·u, a, g·a), with u the sum of both residuals, a the later one, and g 1 in the treated group.
  const [ofTreated, ofControl] = [scoreSquares(treated), scoreSquares(control)];
  const of = (i: number, j: number): number => {
    const bothPeriods = (i < 2 ? 1 : 0) + (j < 2 ? 1 : 0);
    const onlyTreated = i % 2 === 1 || j % 2 === 1;
    return ofTreated[bothPeriods]! + (onlyTreated ? 0 : ofControl[bothPeriods]!);
  };
  return {
    columns: [intercept, 'group', 'period', 'group × period'],
    n: 2 * n,
    gram,
    moment: [after + before + control.sumX + control.sumY, after + before, after + control.sumY, after],
    square: treated.sumXX + treated.sumYY + control.sumXX + control.sumYY,
    clusters: { count: n, meat: gram.map((row, i) => row.map((_, j) => of(i, j))) },
  };
}

function aboutZero({ aboutX: a = 0, aboutY: b = 0, ...of }: CoMoments): CoMoments {
  return {
    n: of.n,
    sumX: of.sumX + of.n * a,
    sumY: of.sumY + of.n * b,
    sumXX: of.sumXX + 2 * a * of.sumX + of.n * a * a,
    sumYY: of.sumYY + 2 * b * of.sumY + of.n * b * b,
    sumXY: of.sumXY + a * of.sumY + b * of.sumX + of.n * a * b,
  };
}

/** Σ a², Σ a·u, Σ u² over a group's patients, about its means. */
function scoreSquares({ n, sumX, sumY, sumXX, sumYY, sumXY }: CoMoments): [number, number, number] {
  if (n === 0) return [0, 0, 0];
  const xx = centred(n, sumX, sumX, sumXX);
  const yy = centred(n, sumY, sumY, sumYY);
  const xy = centred(n, sumX, sumY, sumXY, Math.sqrt(sumXX * sumYY));
  return [yy, yy + xy, xx + yy + 2 * xy];
}
