/** Text that is markup already. Made by {@link markup} only, so that no other text can reach the page unescaped. */
export class Markup {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

type Part = Markup | string | number | readonly Part[] | null | undefined | false;

/** Markup from a template; every value in it is escaped, unless it is markup itself. Lists are joined; null, undefined and false are nothing. */
export function markup(parts: TemplateStringsArray, ...values: readonly Part[]): Markup {
  return new Markup(parts.map((part, i) => part + (i < values.length ? print(values[i]) : '')).join(''));
}

function print(value: Part): string {
  if (value instanceof Markup) return value.text;
  if (value === null || value === undefined || value === false) return '';
  return Array.isArray(value) ? value.map(print).join('') : escaped(String(value));
}

// Not allowed in XML 1.0 (§2.2); and marks that turn the direction of what follows, so that a name could change how a line reads.
const unfit = /(?![\t\n\r])\p{Cc}|\p{Bidi_Control}|[\ufffe\uffff]/gu;
const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** The text for use in HTML, SVG and attributes; characters that none of them may hold become �. */
export function escaped(text: string): string {
  return text
    .toWellFormed()
    .replace(unfit, '\ufffd')
    .replace(/[&<>"']/g, (sign) => entities[sign]!);
}
