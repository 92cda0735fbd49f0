import { hashLabelled } from './hash.ts';

// Crockford's base 32: no I, L, O, U, so that it can be read out over the telephone.
const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const groups = 8;

/**
 * What two people compare when they exchange keys: 160 bits of a hash of the public key as eight groups of four characters,
 * for example `7Q0M-…`. Finding another key with the same fingerprint takes 2^160 tries.
 */
export function fingerprint(publicKey: Uint8Array): string {
  const hash = hashLabelled('symbolon fingerprint', publicKey).subarray(0, (groups * 4 * 5) / 8);
  const characters: string[] = [];
  let bits = 0;
  let held = 0;
  for (const byte of hash) {
    bits = (bits << 8) | byte;
    held += 8;
    while (held >= 5) {
      held -= 5;
      characters.push(alphabet[(bits >> held) & 31]!);
    }
    bits &= (1 << held) - 1;
  }
  return Array.from({ length: groups }, (_, group) => characters.slice(group * 4, group * 4 + 4).join('')).join('-');
}

/** Whether two fingerprints, as people type them, are the same: case, separators and the look-alikes O/0, I/L/1 do not count. */
export function sameFingerprint(a: string, b: string): boolean {
  const left = normalise(a);
  return left.length === groups * 4 && left === normalise(b);
}

function normalise(text: string): string {
  return text
    .toUpperCase()
    .replace(/[\s:._-]/g, '')
    .replaceAll('O', '0')
    .replace(/[IL]/g, '1');
}
