import { type Markup, markup } from '../markup.ts';

/** A chart as tall as it needs to be, `width` wide. */
export interface Chart {
  readonly title: string;
  /** For who does not see it: what it shows, and what it says. */
  readonly description: string;
  readonly height: number;
  readonly body: readonly Markup[];
}

/** Of every chart, in its own units; the page scales it. */
export const width = 720;

/** @param id unique on the page */
export function svg({ title, description, height, body }: Chart, id: string): Markup {
  return markup`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${place(height)}" role="img" aria-labelledby="${id}-t ${id}-d">
<title id="${id}-t">${title}</title>
<desc id="${id}-d">${description}</desc>
<defs><pattern id="${id}-hatch" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><line x1="0" y1="0" x2="0" y2="6" class="hatch"/></pattern></defs>
${body}
</svg>`;
}

/** A coordinate, to a tenth. */
export function place(value: number): string {
  return String(Math.round(value * 10) / 10);
}

export type Anchor = 'start' | 'middle' | 'end';

/** @param look classes of the page's style */
export function label(x: number, y: number, text: string, anchor: Anchor = 'start', look = ''): Markup {
  return markup`<text x="${place(x)}" y="${place(y)}" text-anchor="${anchor}" class="${look}">${text}</text>`;
}

export function line(x1: number, y1: number, x2: number, y2: number, look: string): Markup {
  return markup`<line x1="${place(x1)}" y1="${place(y1)}" x2="${place(x2)}" y2="${place(y2)}" class="${look}"/>`;
}

/** @param title shown where the pointer rests */
export function box(x: number, y: number, w: number, h: number, look: string, title?: string): Markup {
  const inner = title === undefined ? null : markup`<title>${title}</title>`;
  return markup`<rect x="${place(x)}" y="${place(y)}" width="${place(Math.max(0, w))}" height="${place(Math.max(0, h))}" class="${look}">${inner}</rect>`;
}

/** An area of an unknown value. */
export function hatched(x: number, y: number, w: number, h: number, id: string, title: string): Markup {
  return markup`<rect x="${place(x)}" y="${place(y)}" width="${place(w)}" height="${place(h)}" fill="url(#${id}-hatch)" class="unknown"><title>${title}</title></rect>`;
}

export function path(d: string, look: string): Markup {
  return markup`<path d="${d}" class="${look}"/>`;
}

/** About how wide a text is at `size`: the mean of what sans-serif fonts have. */
export function widthOf(text: string, size = 13): number {
  let sum = 0;
  for (const sign of text)
    sum += /[ilj.,:;'|!ftI ]/.test(sign)
      ? 0.31
      : /[mwMW%]/.test(sign)
        ? 0.88
        : /[A-Z–−±]/.test(sign)
          ? 0.67
          : sign > '⺀'
            ? 1
            : 0.55;
  return sum * size;
}

/** The text, with … in its middle where it is wider than `most`: names often differ at their ends. */
export function fitted(text: string, most: number, size = 13): string {
  if (widthOf(text, size) <= most) return text;
  const signs = [...text];
  const cut = (kept: number): string => {
    const head = Math.ceil(kept * 0.6);
    return `${signs.slice(0, head).join('').trimEnd()}…${signs
      .slice(signs.length - kept + head)
      .join('')
      .trimStart()}`;
  };
  let kept = signs.length - 1;
  while (kept > 0 && widthOf(cut(kept), size) > most) kept--;
  return cut(kept);
}

/** Lines no wider than `most`, broken at spaces; what is beyond `lines` of them ends with …. */
export function wrapped(text: string, most: number, lines: number, size = 13): string[] {
  const found: string[] = [];
  for (const word of text.split(/\s+/)) {
    const last = found.at(-1);
    if (last !== undefined && widthOf(`${last} ${word}`, size) <= most) found[found.length - 1] = `${last} ${word}`;
    else found.push(word);
  }
  const kept = found.slice(0, lines).map((one) => fitted(one, most, size));
  const rest = found.length > lines ? fitted(found.slice(lines - 1).join(' '), most, size) : undefined;
  return rest === undefined ? kept : [...kept.slice(0, -1), rest];
}
