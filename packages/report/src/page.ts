import { flowChart } from './chart/flow.ts';
import { type Chart, svg } from './chart/svg.ts';
import { htmlDocument } from './document.ts';
import { chartOf } from './figures.ts';
import { type Markup, markup } from './markup.ts';
import { count } from './numbers.ts';
import { table, tablesMarkup } from './page-tables.ts';
import { plotsOf } from './plots.ts';
import { readableTables } from './readable.ts';
import type { Report, ReportResult } from './report.ts';
import { summaryOf } from './words.ts';

/** The report as one HTML page, also well-formed XML, that loads nothing and runs no script. All texts of the report are escaped. */
export function page(report: Report): string {
  const { title, note, sql, result, flow, opened } = report;
  const plots = plotsOf(report).map((plot, i) => drawn((id) => chartOf(plot, id), i));
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
${readableTables(report).map(tablesMarkup)}
</section>
${notesOf(result)}
${flow === null ? null : markup`<section>\n<h2>Which rows were counted</h2>\n${drawn(() => flowChart(flow), plots.length)}\n</section>`}
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

function drawn(figure: (id: string) => Chart, i: number): Markup {
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

function notesOf(result: ReportResult): Markup | null {
  if (result.kind === 'study') return null;
  const { notes } = result.result;
  if (notes.length === 0) return null;
  return markup`<section>\n<h2>To know before you rely on it</h2>\n<ul>${notes.map(({ text }) => markup`<li>${text}</li>`)}</ul>\n</section>`;
}

/** Lines; those that begin with two spaces are a list below the one before. */
function outline(all: Report['opened']): Markup[] {
  return all.map(({ text, items }) =>
    items.length === 0
      ? markup`<p>${text}</p>\n`
      : markup`<p>${text}</p>\n<ul>${items.map((item) => markup`<li>${item}</li>`)}</ul>\n`,
  );
}

function parties({ parties }: Report): Markup {
  const columns = ['organisation', 'holds', 'learned'].map((name) => ({ name, numeric: false }));
  const rows = parties.map(({ name, holds, learned, receives }) => [
    name,
    holds.length === 0 ? 'no table' : holds.join('; '),
    [receives ? 'this result' : 'not the result', ...learned].join('; '),
  ]);
  return markup`<section>\n<h2>Who learned what</h2>\n${table({ caption: null, columns, rows })}\n</section>`;
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
