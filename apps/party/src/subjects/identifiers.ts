import { createHmac } from 'node:crypto';
import { concat, u64, utf8 } from '@symbolon/crypto';

/**
 * A person's identifier as it is compared: without regard to case, white space, and zeros that a number may have in front. Rather one row
 * too many takes no part than one too few. Null where nothing is left.
 */
export function foldIdentifier(text: string): string | null {
  const folded = text.normalize('NFKC').toLowerCase().replace(/\s+/gu, '').normalize('NFKC');
  const [, digits] = /^\+?0*(\d+)(?:\.0*)?$/.exec(folded) ?? [];
  return folded === '' ? null : (digits ?? folded);
}

/** Hashes what stands in one column of one data set: HMAC-SHA-256 under a key of its own, so that no two columns can be compared. */
export class Identifiers {
  readonly #key: Uint8Array;

  /** @param key of the organisation's lists, 32 bytes */
  constructor(key: Uint8Array, dataset: string, column: string) {
    const place = [dataset, column].map(utf8).flatMap((part) => [u64(part.length), part]);
    this.#key = createHmac('sha256', key)
      .update(concat(...place))
      .digest();
  }

  /** 32 bytes in base64url; null where there is no identifier. */
  hash(text: string | null): string | null {
    const folded = text === null ? null : foldIdentifier(text);
    return folded === null ? null : createHmac('sha256', this.#key).update(folded).digest('base64url');
  }
}
