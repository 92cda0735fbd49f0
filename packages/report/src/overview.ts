import { htmlDocument } from './document.ts';
import { markup } from './markup.ts';
import { table } from './page-tables.ts';

/** Several reports on one page, each in a few words and with a link to its own. */
export interface Overview {
  readonly title: string;
  /** Paragraphs; the first stands out. */
  readonly words: readonly string[];
  readonly entries: readonly OverviewEntry[];
}

export interface OverviewEntry {
  readonly title: string;
  readonly words: readonly string[];
  /** Names of columns, then rows; null where there is nothing to put side by side. */
  readonly table: { readonly columns: readonly string[]; readonly rows: readonly (readonly string[])[] } | null;
  /** The report, relative to this page; null where there is none. */
  readonly href: string | null;
}

/** The page before several reports. All texts are escaped; a link goes to a file below this page, or is left out. */
export function overviewPage({ title, words: [lede, ...more], entries }: Overview): string {
  return htmlDocument(
    title,
    markup`<header>
<p class="kicker">Symbolon study reports</p>
<h1>${title}</h1>
<p class="lede">${lede}</p>
${more.map((text) => markup`<p>${text}</p>\n`)}</header>
${entries.map(entry)}<footer>Computed jointly on masked data: no organisation showed another its records. This page loads nothing and runs no script.</footer>`,
  );
}

function entry({ title, words, table: side, href }: OverviewEntry) {
  const columns = side?.columns.map((name, i) => ({ name, numeric: i > 0 })) ?? [];
  const rows = side?.rows ?? [];
  const linked = href !== null && /^[\w-]+(\/[\w-]+)*\.html$/.test(href);
  return markup`<section>
<h2>${title}</h2>
${words.map((text) => markup`<p>${text}</p>\n`)}${side === null ? null : table({ caption: null, columns, rows })}
${linked ? markup`<p><a href="${href}">The report</a></p>` : null}
</section>
`;
}
