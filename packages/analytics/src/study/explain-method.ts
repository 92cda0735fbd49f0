import { enoughPatients, explainOpened, explainRows, explainText, rootsOf } from '../sql/explain.ts';
import { type Said, said } from '../sql/said.ts';
import type { BoundMethod, RowMethod } from './bound-method.ts';
import { type Method, methods } from './methods.ts';
import { readBy } from './row-method.ts';

/** What whoever receives the result computes of what opened. */
const results: Readonly<Record<Method['name'], string>> = {
  describe: 'mean with interval, variance, standard deviation, quantiles',
  histogram: 'the share of each bin in all that are shown, with interval',
  crosstab: 'shares of each row with interval; χ², and Fisher’s exact test where every cell is shown',
  risk: 'odds ratio, risk ratio, risk difference, the exact odds ratio, Fisher’s test; nothing unless all four counts are shown',
  't-test': 'the difference of two means with interval and test, both means',
  correlation: 'Pearson’s correlation with interval and test',
  'linear-regression': 'coefficients with errors and tests, R², the F-test',
  'before-after': 'the mean change with interval and test, both means',
  'difference-in-differences':
    'the change of the treated less that of the others, with interval and test; the means it is made of',
  survival: 'curves with bands, medians with intervals, the log-rank test',
  'logistic-regression': 'coefficients and odds ratios with errors and tests',
};

/** The method in words for a privacy officer: what each item is, what is local at whom, what is secure, what opens, and what follows from it. */
export function explainMethod(bound: BoundMethod): Said[] {
  const { method, rows, work } = bound;
  return [
    ...explainText(bound),
    said(
      'method',
      `Method: ${methodTitle(method)}, of rows with`,
      rows.items.map(({ name, node }) => `${name}: ${rows.nodes[node]!.sql}`),
    ),
    ...(work.kind === 'study'
      ? [...explainRows(work.study, rootsOf(work.study)), ...explainOpened(work.study)]
      : [...explainRows(rows, readBy(work)), ...opensOf(bound, work)]),
    said('shown', `Computed from what opened: ${results[method.name]}.`),
  ];
}

/** Its name and parameters, in words. */
export function methodTitle({ name, ...parameters }: Method): string {
  const print = (value: unknown): string =>
    Array.isArray(value)
      ? `[${value.join(', ')}]`
      : typeof value === 'object'
        ? Object.values(value!).map(print).join()
        : String(value);
  const set = Object.entries(parameters).filter(
    ([, value]) => value !== null && !(Array.isArray(value) && value.length === 0),
  );
  return `${methods[name].title} (${set.map(([key, value]) => `${key} ${print(value)}`).join(', ')})`;
}

function opensOf({ rows, method }: BoundMethod, work: RowMethod): Said[] {
  const enough = enoughPatients(rows);
  if (work.kind === 'survival') {
    const times = method.name === 'survival' ? method.at.join(', ') : '';
    const each = work.groups.length === 0 ? '' : `, for each of ${work.groups.map(({ name }) => name).join(', ')}`;
    return [
      said('opened', `Opened${each}:`, [
        'how many patients there are, and how many had the event',
        `at ${times}: how many had the event until then, how many are observed longer, survival and its error`,
        'the median and the ends of its interval',
        ...(work.groups.length > 1
          ? ['expected events of each group, and their covariance, for the log-rank test']
          : []),
      ]),
      said(
        'unless',
        `A number opens only where at least ${enough} stand behind it and behind each step up to it; the test, where every group is shown.`,
      ),
      said('opened', 'The times of single patients do not open.'),
    ];
  }
  const sets = work.supports.length;
  return [
    said('opened', 'Opened, for all rows together:', [
      'the number of rows, and of those whose y is TRUE',
      `of ${['(intercept)', ...work.columns.map(({ name }) => name)].join(', ')}: coefficients, information and score at the last step; its likelihood`,
    ]),
    said(
      'unless',
      sets > 1
        ? `All of it, or nothing where fewer than ${enough} stand behind one of ${sets} sets: all rows, each value of y and of each indicator, each two of these.`
        : `All of it, or nothing where fewer than ${enough} stand behind it.`,
    ),
    said('opened', 'What the iterations pass through does not open.'),
  ];
}
