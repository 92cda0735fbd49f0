// What packages/crypto/src/bytes.ts takes from Node.

/** All that is compared here is public: time tells nothing. */
export function timingSafeEqual(a: Uint8Array, b: Uint8Array): boolean {
  return a.every((byte, i) => byte === b[i]);
}

type Encoding = 'hex' | 'base64' | 'base64url';

/** Bytes that know the three ways to write them. */
class Bytes extends Uint8Array {
  override toString(encoding?: Encoding): string {
    if (encoding === 'hex') return Array.from(this, (byte) => byte.toString(16).padStart(2, '0')).join('');
    const text = btoa(Array.from(this, (byte) => String.fromCharCode(byte)).join(''));
    return encoding === 'base64' ? text : text.replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
  }
}

function bytesFrom(source: ArrayBuffer | string, at: number | Encoding, length?: number): Bytes {
  if (typeof source !== 'string') return new Bytes(source, at as number, length);
  return new Bytes(at === 'hex' ? fromHex(source) : fromBase64(source));
}

function fromHex(text: string): number[] {
  return (text.match(/../g) ?? []).map((pair) => Number.parseInt(pair, 16));
}

/** As Node reads it, what is no base64 gives other bytes than were meant; its callers compare. */
function fromBase64(text: string): number[] {
  try {
    return Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (char) => char.charCodeAt(0));
  } catch {
    return [];
  }
}

Object.assign(globalThis, { Buffer: { from: bytesFrom } });
