import { base64url } from '@symbolon/crypto';
import { z } from 'zod';

/** So many bytes, base64url. */
export const bytesOf = (length: number) =>
  z.stringFormat('base64url', isBytes(length, length), `must be ${length} bytes, base64url`);

/** At least one byte and at most so many, base64url. */
export const bytesUpTo = (most: number) =>
  z.stringFormat('base64url', isBytes(1, most), `must be 1 to ${most} bytes, base64url`);

/** Milliseconds since 1970. */
export const milliseconds = z.int().min(0);

/** A certificate and those between it and a root, DER, the leaf first. */
export const chainSchema = z.array(bytesUpTo(8192)).min(1).max(4);

/** A card's signature: of RSA with 4096 bits at most. */
export const cardSignature = bytesUpTo(512);

// No longer text is decoded: four characters give three bytes. There is one way to write bytes, which makes zod's own look at the alphabet, thrice as slow, needless.
function isBytes(least: number, most: number) {
  return (text: string): boolean => {
    if (text.length > Math.ceil((most * 4) / 3)) return false;
    const bytes = Buffer.from(text, 'base64url');
    return bytes.length >= least && bytes.length <= most && base64url(bytes) === text;
  };
}
