import { UsageError } from './ui.ts';

/** The number of a run, as it is typed. @param of what `symbolon … list` shows it */
export function runNumber(typed: string, of: 'link' | 'study' | 'seal'): number {
  if (/^\d{1,9}$/.test(typed)) return Number(typed);
  throw new UsageError(`a run has a number, not '${typed}'`, `See: symbolon ${of} list`);
}
