import { createHmac, hash } from 'node:crypto';
import { concat, u64, utf8 } from '@symbolon/crypto';

const plain = /^[!-~]*$/;

/**
 * A person's identifier as it is compared: without regard to case, white space, and zeros that a number may have in front. Rather one row
 * too many takes no part than one too few. Null where nothing is left.
 */
export function foldIdentifier(text: string): string | null {
  const folded = plain.test(text)
    ? text.toLowerCase()
    : text.normalize('NFKC').toLowerCase().replace(/\s+/gu, '').normalize('NFKC');
  const [, digits] = /^\+?0*(\d+)(?:\.0*)?$/.exec(folded) ?? [];
  return folded === '' ? null : (digits ?? folded);
}

const blockBytes = 64;

/** Hashes what stands in one column of one data set: HMAC-SHA-256 under a key of its own, so that no two columns can be compared. */
export class Identifiers {
  readonly #inner: Buffer;
  readonly #outer: Buffer;

  /** @param key of the organisation's lists, 32 bytes */
  constructor(key: Uint8Array, dataset: string, column: string) {
    const place = [dataset, column].map(utf8).flatMap((part) => [u64(part.length), part]);
    const own = createHmac('sha256', key)
      .update(concat(...place))
      .digest();
    [this.#inner, this.#outer] = [pad(own, 0x36), pad(own, 0x5c)];
  }

  /** 32 bytes in base64url; null where there is no identifier. */
  hash(text: string | null): string | null {
    const folded = text === null ? null : foldIdentifier(text);
    if (folded === null) return null;
    // RFC 2104, H(K ⊕ opad, H(K ⊕ ipad, text)): a table has a million of them, and making a Hmac takes longer than ten hashes.
    const inner = hash('sha256', Buffer.concat([this.#inner, Buffer.from(folded)]), 'buffer');
    return hash('sha256', Buffer.concat([this.#outer, inner]), 'base64url');
  }
}

function pad(key: Uint8Array, byte: number): Buffer {
  const block = Buffer.alloc(blockBytes, byte);
  for (const [i, value] of key.entries()) block[i]! ^= value;
  return block;
}
