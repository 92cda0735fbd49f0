import { fromBase64url, hashLabelled, u32, utf8 } from '@symbolon/crypto';
import { scaledDecimal } from './decimal.ts';
import { type Offer, offerHash } from './licence-offer.ts';
import type { StudyColumn } from './study-schema.ts';

/**
 * Made-up rows of an offer, to see what its columns look like: values between the ranges that it states, each alone. Whoever reads the offer
 * makes them, the same everywhere: no record can be among what they are made from.
 */
export function sampleRows(offer: Offer, count = 5): Record<string, string>[] {
  const seed = fromBase64url(offerHash(offer));
  return Array.from({ length: count }, (_, row) =>
    Object.fromEntries(
      Object.entries(offer.columns).map(([name, column]) => {
        const digest = hashLabelled('symbolon offer sample', seed, u32(row), utf8(name));
        return [name, sampleOf(column, new DataView(digest.buffer, digest.byteOffset).getBigUint64(0))];
      }),
    ),
  );
}

/** @param at 64 pseudo-random bits */
function sampleOf(column: StudyColumn, at: bigint): string {
  switch (column.type) {
    case 'boolean':
      return at % 2n === 0n ? 'true' : 'false';
    case 'number': {
      const { scale = 0 } = column;
      return decimalOf(between(scaledDecimal(column.min, scale), scaledDecimal(column.max, scale), at), scale);
    }
    case 'date': {
      const [first, last] = [BigInt(Date.parse(column.min)), BigInt(Date.parse(column.max))];
      return new Date(Number(between(first, last, at))).toISOString().slice(0, 10);
    }
    case 'text': {
      const { values } = column;
      if (values !== undefined) return values[Number(at % BigInt(values.length))]!;
      return `sample-${at % 10_000n}`.slice(0, column.maxLength);
    }
  }
}

function between(first: bigint, last: bigint, at: bigint): bigint {
  return first + (at % (last - first + 1n));
}

/** `scaled` × 10^−`scale`, as documents write numbers. */
export function decimalOf(scaled: bigint, scale: number): string {
  const digits = (scaled < 0n ? -scaled : scaled).toString().padStart(scale + 1, '0');
  const [whole, decimals] = [digits.slice(0, digits.length - scale), digits.slice(digits.length - scale)];
  const short = decimals.replace(/0+$/, '');
  return `${scaled < 0n ? '-' : ''}${whole}${short === '' ? '' : `.${short}`}`;
}
