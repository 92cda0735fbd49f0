import { fault } from '@symbolon/crypto';

// Coefficients below 2^44 travel as 44 bits each, two in 11 bytes; SEAL keeps them as 64-bit words, little-endian.

/** Bytes of `count` packed words; `count` is even. */
export function packedBytes(count: number): number {
  return (count / 2) * 11;
}

/** @param words of 8 bytes each, below 2^44 */
export function packWords(words: Uint8Array): Uint8Array {
  const source = new DataView(words.buffer, words.byteOffset, words.byteLength);
  const pairs = words.byteLength / 16;
  const packed = new Uint8Array(pairs * 11);
  const target = new DataView(packed.buffer);
  for (let i = 0; i < pairs; i++) {
    const low = source.getUint32(16 * i + 8, true);
    const high = source.getUint32(16 * i + 12, true);
    target.setUint32(11 * i, source.getUint32(16 * i, true), true);
    target.setUint16(11 * i + 4, source.getUint32(16 * i + 4, true) | ((low & 0xf) << 12), true);
    target.setUint32(11 * i + 6, (low >>> 4) | ((high & 0xf) << 28), true);
    target.setUint8(11 * i + 10, high >>> 4);
  }
  return packed;
}

/**
 * Words of 8 bytes each, in polynomials of `degree` words, each below the modulus at its place; or throws `frame-shape`. Every bit pattern of the
 * right length has one meaning or none.
 */
export function unpackWords(packed: Uint8Array, degree: number, moduli: readonly bigint[]): Uint8Array {
  const count = degree * moduli.length;
  if (packed.length !== packedBytes(count)) throw fault('frame-shape', 'a ciphertext has the wrong length');
  const words = new Uint8Array(count * 8);
  const target = new DataView(words.buffer);
  const source = new DataView(packed.buffer, packed.byteOffset, packed.byteLength);
  for (let i = 0; i < count / 2; i++) {
    const [middle, upper] = [source.getUint16(11 * i + 4, true), source.getUint32(11 * i + 6, true)];
    target.setUint32(16 * i, source.getUint32(11 * i, true), true);
    target.setUint32(16 * i + 4, middle & 0xfff, true);
    target.setUint32(16 * i + 8, (middle >>> 12) | (upper << 4), true);
    target.setUint32(16 * i + 12, (upper >>> 28) | (source.getUint8(11 * i + 10) << 4), true);
  }
  requireReduced(words, degree, moduli);
  return words;
}

/** Throws `frame-shape` for words, in polynomials of `degree`, that are not below the modulus at their place. */
export function requireReduced(words: Uint8Array, degree: number, moduli: readonly bigint[]): void {
  const view = new DataView(words.buffer, words.byteOffset, words.byteLength);
  for (const [i, modulus] of moduli.entries()) requireBelow(view, i * degree, degree, modulus);
}

function requireBelow(words: DataView, first: number, count: number, modulus: bigint): void {
  const [low, high] = [Number(modulus & 0xffffffffn), Number(modulus >> 32n)];
  for (let i = first; i < first + count; i++) {
    const top = words.getUint32(8 * i + 4, true);
    if (top > high || (top === high && words.getUint32(8 * i, true) >= low)) {
      throw fault('frame-shape', 'a ciphertext has a coefficient that is not below its modulus');
    }
  }
}
