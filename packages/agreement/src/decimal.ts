import { fault } from '@symbolon/crypto';
import type { Must } from './rules.ts';

/** A decimal number as documents carry it: no exponent, no leading zero, no plus, no −0. */
export const decimalPattern = /^(?!-0(\.0+)?$)-?(0|[1-9]\d{0,18})(\.\d{1,18})?$/;

/** `text` × 10^`scale` as an integer. Throws `data-malformed` if it is not a decimal number or has more than `scale` decimals. */
export function scaledDecimal(text: string, scale: number): bigint {
  if (!decimalPattern.test(text)) throw fault('data-malformed', 'not a decimal number');
  const [whole, decimals = ''] = text.split('.');
  if (decimals.length > scale) throw fault('data-malformed', `more than ${scale} decimals`);
  return BigInt(whole + decimals.padEnd(scale, '0'));
}

/** Whether the bounds of a number have no more decimals than its scale. */
export function fitScale(
  must: Must,
  at: string,
  bounds: { readonly min: string; readonly max: string },
  scale: number,
): boolean {
  const fits = (['min', 'max'] as const).map((bound) => {
    const decimals = bounds[bound].split('.')[1]?.length ?? 0;
    return must(decimals <= scale, `${at}.${bound}`, `has more than ${scale} decimals (see scale)`);
  });
  return !fits.includes(false);
}
