import type { MethodResult, Stratum } from '@symbolon/analytics';
import { flowChart } from './chart/flow.ts';
import { type Chart, svg } from './chart/svg.ts';
import { htmlDocument } from './document.ts';
import { type Figure, figuresOf } from './figures.ts';
import { type Markup, markup } from './markup.ts';
import { count, number } from './numbers.ts';
import { binTable, estimateTable, studyTable, survivalTable, table, testTable } from './page-tables.ts';
import type { Report, ReportResult } from './report.ts';
import { isHistogram, isLinear, isLogistic, isSurvival } from './tables.ts';
import { summaryOf } from './words.ts';

/** The report as one HTML page, also well-formed XML, that loads nothing and runs no script. All texts of the report are escaped. */
export function page(report: Report): string {
  const { title, note, sql, result, flow, opened, minPatients } = report;
  const figures = [...figuresOf(report), ...(flow === null ? [] : [(): Chart => flowChart(flow)])].map(drawn);
  const plots = flow === null ? figures : figures.slice(0, -1);
  const body = markup`<header>
<p class="kicker">Symbolon study report</p>
<h1>${title}</h1>
<p class="lede">${summaryOf(report)}</p>
${note === null ? null : markup`<p>${note}</p>`}
${facts(report)}
</header>
<section>
<h2>Result</h2>
${plots}
${result.kind === 'study' ? studyTable(result, minPatients) : strataOf(result).map(stratum)}
</section>
${notesOf(result)}
${flow === null ? null : markup`<section>\n<h2>Which rows were counted</h2>\n${figures.at(-1)}\n</section>`}
${opened.length === 0 ? null : markup`<section>\n<h2>What opened</h2>\n${outline(opened)}\n</section>`}
${parties(report)}
<section>
<h2>The question</h2>
<pre><code>${sql.trim()}</code></pre>
</section>
${verification(report)}
<footer>Computed jointly on masked data: no organisation showed another its records. This page loads nothing and runs no script.</footer>`;
  return htmlDocument(title, body);
}

function drawn(figure: Figure, i: number): Markup {
  const id = `f${i + 1}`;
  const chart = figure(id);
  return markup`<figure>\n<figcaption>${chart.title}</figcaption>\n${svg(chart, id)}\n</figure>`;
}

function facts({ date, method, agreement, parties, minPatients }: Report): Markup {
  const day = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}/.test(date) ? `${date.slice(0, 10)}, ${date.slice(11, 16)} UTC` : date;
  const rows: [string, string][] = [
    ...(method === null ? [] : [['Method', method] as [string, string]]),
    ['Between', parties.map(({ name }) => name).join(', ')],
    ['Under', agreement.title],
    ['Run', day],
    ['Shown if', `at least ${count(minPatients, 'patient')} stand behind a number`],
  ];
  return markup`<dl class="facts">${rows.map(([name, value]) => markup`<dt>${name}</dt><dd>${value}</dd>`)}</dl>`;
}

/** A result without strata as the only one, without a name. */
function strataOf({
  result,
}: ReportResult & { kind: 'method' }): readonly (Omit<Stratum, 'by'> & { by: string | null })[] {
  return result.strata ?? [{ by: null, result }];
}

function stratum({ by, result }: ReturnType<typeof strataOf>[number]): Markup {
  const ratios = isLogistic(result) ? result.oddsRatios : [];
  return markup`${by === null ? null : markup`<h3>${by}</h3>`}
${ratios.length === 0 ? null : estimateTable('Odds ratios', ratios)}
${estimatesOf(result)}
${result.tests.length === 0 ? null : testTable(result)}${fit(result)}`;
}

function estimatesOf(result: MethodResult): Markup | null {
  if (isHistogram(result)) return binTable(result);
  if (isSurvival(result)) return markup`${estimateTable('Medians', result.estimates)}${survivalTable(result)}`;
  if (result.estimates.length === 0) return null;
  return estimateTable(isLogistic(result) ? 'Coefficients' : 'Estimates', result.estimates);
}

/** How well a model fits, in one line. */
function fit(result: MethodResult): Markup | null {
  const said: [name: string, value: number | null][] = isLinear(result)
    ? [
        ['R²', result.rSquared],
        ['adjusted R²', result.adjustedRSquared],
        ['residual standard error', result.residualStandardError],
        ['residual degrees of freedom', result.residualDf],
      ]
    : isLogistic(result)
      ? [
          ['deviance', result.deviance],
          ['log-likelihood', result.logLikelihood],
          ['iterations', result.iterations],
        ]
      : [];
  const known = said.flatMap(([name, value]) => (value === null ? [] : `${name} ${number(value)}`));
  return known.length === 0 ? null : markup`<p class="legend">Fit: ${known.join(', ')}.</p>`;
}

function notesOf(result: ReportResult): Markup | null {
  if (result.kind === 'study') return null;
  const { notes } = result.result;
  if (notes.length === 0) return null;
  return markup`<section>\n<h2>To know before you rely on it</h2>\n<ul>${notes.map(({ text }) => markup`<li>${text}</li>`)}</ul>\n</section>`;
}

/** Lines; those that begin with two spaces are a list below the one before. */
function outline(lines: readonly string[]): Markup[] {
  const parts: { text: string; items: string[] }[] = [];
  for (const line of lines) {
    const last = parts.at(-1);
    if (line.startsWith('  ') && last !== undefined) last.items.push(line.trim());
    else parts.push({ text: line.trim(), items: [] });
  }
  return parts.map(({ text, items }) =>
    items.length === 0
      ? markup`<p>${text}</p>\n`
      : markup`<p>${text}</p>\n<ul>${items.map((item) => markup`<li>${item}</li>`)}</ul>\n`,
  );
}

function parties({ parties }: Report): Markup {
  const columns = ['organisation', 'holds', 'learned'].map((name) => ({ name, numeric: false }));
  const rows = parties.map(({ name, holds, learned, receives }) =>
    [
      name,
      holds.length === 0 ? 'no table' : holds.join('; '),
      [receives ? 'this result' : 'not the result', ...learned].join('; '),
    ].map((text) => ({ text })),
  );
  return markup`<section>\n<h2>Who learned what</h2>\n${table(null, columns, rows)}\n</section>`;
}

function verification({ proofs, agreement }: Report): Markup {
  const all = [{ name: 'Agreement', value: agreement.hash }, ...proofs];
  return markup`<section>
<h2>How to verify</h2>
<p>Every organisation keeps the signed statement of this run in its own log, and the others witness that log. Hold these values against the log of an organisation you trust; if one differs, this page does not show what was computed.</p>
<dl>${all.map(({ name, value }) => markup`<dt>${name}</dt><dd><code>${value}</code></dd>`)}</dl>
<p class="legend">At an organisation: <code>symbolon audit verify</code> checks that its log is sound and complete.</p>
</section>`;
}
