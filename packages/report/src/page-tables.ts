import type { Estimate, HistogramResult, MethodResult, SurvivalResult } from '@symbolon/analytics';
import { type Markup, markup } from './markup.ts';
import { count, fixed, none, number, percent, printEstimate, pValue } from './numbers.ts';
import { released } from './released.ts';
import type { ReportResult } from './report.ts';
import { isNumeric, noKey, printValue } from './values.ts';

interface Cell {
  readonly text: string;
  readonly suppressed?: boolean;
}

/** @param caption null where the heading above says it */
export function table(
  caption: string | null,
  columns: readonly { readonly name: string; readonly numeric: boolean }[],
  rows: readonly (readonly Cell[])[],
): Markup {
  const look = (i: number, { suppressed }: Cell = { text: '' }): string =>
    [columns[i]!.numeric ? 'num' : '', suppressed ? 'suppressed' : ''].filter(Boolean).join(' ');
  return markup`<div class="scroll"><table>
${caption === null ? null : markup`<caption>${caption}</caption>`}
<thead><tr>${columns.map(({ name }, i) => markup`<th scope="col" class="${look(i)}">${name}</th>`)}</tr></thead>
<tbody>
${rows.map(
  (row) =>
    markup`<tr>${row.map((cell, i) =>
      i === 0 && !cell.suppressed && !columns[0]!.numeric
        ? markup`<th scope="row">${cell.text}</th>`
        : markup`<td class="${look(i, cell)}">${cell.suppressed ? markup`<span>suppressed</span>` : cell.text}</td>`,
    )}</tr>\n`,
)}</tbody>
</table></div>`;
}

export function studyTable({ study, result }: ReportResult & { kind: 'study' }, minPatients: number): Markup {
  const { columns: names, isKey, types, rows: shown, withheld } = released(study, result);
  const columns = names.map((name, i) => ({ name, numeric: isNumeric(types[i]!) }));
  const rows = shown.map((row, r) =>
    row.map((value, i) => ({
      text: value === null && isKey[i] ? noKey : printValue(value, types[i]!),
      suppressed: withheld[r]![i]!,
    })),
  );
  const legend = withheld.flat().some(Boolean)
    ? markup`<p class="legend">Suppressed: fewer than ${count(minPatients, 'patient')}, or fewer than that at one of the organisations, stand behind the number, so it never opened, to anyone. ${none} stands where there is no value.</p>`
    : null;
  return markup`${table('Released numbers', columns, rows)}${legend}`;
}

export function estimateTable(caption: string, estimates: readonly Estimate[]): Markup {
  const level = estimates.find(({ interval }) => interval !== null)?.interval?.level ?? 0.95;
  const tested = estimates.some(({ test }) => test !== null);
  const known = estimates.some(({ standardError }) => standardError !== null);
  const columns = [
    { name: 'quantity', numeric: false },
    { name: 'estimate', numeric: true },
    { name: `${percent(level)} interval`, numeric: true },
    ...(known ? [{ name: 'standard error', numeric: true }] : []),
    ...(tested ? [{ name: 'p', numeric: true }] : []),
    { name: 'n', numeric: true },
  ];
  const rows = estimates.map((estimate) => {
    const { value, interval } = printEstimate(estimate);
    const { name, standardError, scale, test, n } = estimate;
    const error = standardError === null ? none : `${number(standardError, 3)}${scale === 'log' ? ' (log)' : ''}`;
    const p = test === null ? none : pValue(test.p);
    return [
      name,
      value ?? none,
      interval ?? none,
      ...(known ? [error] : []),
      ...(tested ? [p] : []),
      number(n, 15),
    ].map((text) => ({
      text,
    }));
  });
  const methods = [...new Set(estimates.flatMap(({ interval }) => (interval === null ? [] : [interval.method])))];
  const legend = methods.length === 0 ? null : markup`<p class="legend">Intervals: ${methods.join('; ')}.</p>`;
  return markup`${table(caption, columns, rows)}${legend}`;
}

export function testTable({ tests }: MethodResult): Markup {
  const columns = [
    { name: 'test', numeric: false },
    { name: 'statistic', numeric: true },
    { name: 'degrees of freedom', numeric: true },
    { name: 'p', numeric: true },
  ];
  const rows = tests.map(({ method, statistic, df, p }) =>
    [
      method,
      statistic === null ? none : `${statistic.name} = ${number(statistic.value)}`,
      df.length === 0 ? none : df.map((each) => number(each)).join(', '),
      pValue(p),
    ].map((text) => ({ text })),
  );
  return table('Tests', columns, rows);
}

/** Bins with their counts and shares; suppressed ones have neither. */
export function binTable({ bins, estimates }: HistogramResult): Markup {
  const level = estimates[0]?.interval?.level ?? 0.95;
  const names = ['from', 'to', 'count', 'share', `${percent(level)} interval`];
  const shares = estimates.values();
  const rows = bins.map(({ from, to, count }) => {
    const edges = [{ text: number(from) }, { text: number(to) }];
    if (count === null) return [...edges, { text: '', suppressed: true }, { text: none }, { text: none }];
    const { value, interval } = printEstimate(shares.next().value!);
    return [...edges, ...[number(count, 15), value ?? none, interval ?? none].map((text) => ({ text }))];
  });
  return table(
    'Bins; the last one holds its upper edge',
    names.map((name) => ({ name, numeric: true })),
    rows,
  );
}

const mostTimes = 24;

/** What the curves say at the times of the risk table, evenly chosen where they are many; a time that was withheld is suppressed. */
export function survivalTable({ curves, riskTable, estimates }: SurvivalResult): Markup | null {
  const level = estimates.find(({ interval }) => interval !== null)?.interval?.level ?? 0.95;
  if (riskTable.times.length === 0) return null;
  const step = Math.ceil(riskTable.times.length / mostTimes);
  const times = [...riskTable.times.keys()].filter((t) => t % step === 0);
  const columns = ['group', 'time', 'at risk', 'without the event', `${percent(level)} interval`].map((name, i) => ({
    name,
    numeric: i > 0,
  }));
  const share = (value: number | null): string => (value === null ? none : fixed(value, 3));
  const rows = curves.flatMap(({ group, points }, g) =>
    times.map((t): Cell[] => {
      const time = riskTable.times[t]!;
      const atRisk = riskTable.counts[g]![t]!;
      const start = [{ text: group }, { text: number(time) }];
      if (atRisk === null) return [...start, ...[0, 1, 2].map(() => ({ text: '', suppressed: true }))];
      const last = points.findLast((point) => point.time <= time) ?? { survival: 1, low: null, high: null };
      const interval = last.low === null || last.high === null ? none : `${share(last.low)} to ${share(last.high)}`;
      return [...start, ...[number(atRisk, 15), share(last.survival), interval].map((text) => ({ text }))];
    }),
  );
  return table('At the agreed times', columns, rows);
}
