import { Option } from 'commander';
import { UsageError } from './ui.ts';

/** `--cut`, once for each column. */
export function cutsOption(): Option {
  return new Option(
    '--cut <column=values>',
    'where bands of a number or date begin, so that conditions can tell them apart; repeat for each column',
  )
    .argParser((typed: string, before: string[] = []) => [...before, typed])
    .default([], 'none');
}

/** What was typed, by column. */
export function cutsOf(typed: readonly string[]): Record<string, string[]> {
  return Object.fromEntries(
    typed.map((word) => {
      const [, column, values] = /^([^=]+)=(.+)$/.exec(word) ?? [];
      if (column === undefined) throw new UsageError(`--cut is COLUMN=VALUE,VALUE…, not ${word}`);
      return [column, values!.split(',').map((value) => value.trim())];
    }),
  );
}
