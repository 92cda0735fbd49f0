import { fault, type SymbolonError } from '@symbolon/crypto';

/** A question that does not fit encrypted data: `circuit`. */
export function unfit(why: string): SymbolonError {
  return fault('circuit', `the question cannot be computed on encrypted data: ${why}`);
}
