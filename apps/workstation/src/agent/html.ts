/** Text that is HTML already. */
export class Html {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

type Part = Html | string | number | undefined | readonly Html[];

/** Whatever is put in is text, and escaped, unless it is {@link Html}: names of patients and cards cannot become markup. */
export function html(strings: TemplateStringsArray, ...parts: readonly Part[]): Html {
  return new Html(strings.map((text, i) => text + (i < parts.length ? written(parts[i]) : '')).join(''));
}

function written(part: Part): string {
  if (part === undefined) return '';
  if (part instanceof Html) return part.text;
  if (typeof part === 'object') return part.map(({ text }) => text).join('');
  return String(part).replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** The beginning of a page, up to its content: what follows may come bit by bit. */
export function pageHead(title: string): Html {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title} – Symbolon</title>
<link rel="stylesheet" href="/style.css">
</head>
<body>
<a class="skip" href="#content">To the content</a>
<header><p>Symbolon: cards on this computer</p></header>
<main id="content">
<h1>${title}</h1>
`;
}

/** Its end. */
export const pageEnd: Html = html`</main>
</body>
</html>
`;

/** A whole page. */
export function page(title: string, content: Html): string {
  return pageHead(title).text + content.text + pageEnd.text;
}
