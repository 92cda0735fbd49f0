import type { Answer } from '../../../api/operations.ts';

/** A plot of a result. */
export type ReportPlot = Answer<'getStudyReport'>['plots'][number];
export type PlotOf<Kind extends ReportPlot['kind']> = Extract<ReportPlot, { kind: Kind }>;

/** A number on an axis. */
export function tick(value: number): string {
  return value.toLocaleString('en', { maximumSignificantDigits: 4 });
}

/** Pixels that a text takes, about. */
export function widthOf(text: string): number {
  return 7 * text.length;
}

/** Shortened so that it fits. */
export function fitted(text: string, pixels: number): string {
  const most = Math.max(3, Math.floor(pixels / 7));
  return text.length <= most ? text : `${text.slice(0, most - 1)}…`;
}
