import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { concat, fromHex, hashLabelled, hex, hkdf, sha256, TranscriptHash, u64, utf8 } from '../src/index.ts';
import { runs, vectors } from './vectors.ts';

const { vectors: rfc5869 } = vectors<{
  vectors: { secret: string; salt: string; info: string; length: number; output: string }[];
}>('hkdf-sha256-rfc5869');

test.each(rfc5869)('HKDF, RFC 5869: $length bytes', ({ secret, salt, info, length, output }) => {
  expect(hex(hkdf(fromHex(secret), fromHex(salt), fromHex(info), length))).toBe(output);
});

describe('hashLabelled', () => {
  const parts = fc.array(fc.uint8Array({ maxLength: 3 }), { maxLength: 4 });
  const label = fc.string({ maxLength: 3 });

  test('is SHA-256 of length-prefixed parts', () => {
    const encoding = concat(u64(1), utf8('x'), u64(0), u64(2), Uint8Array.of(7, 8));
    expect(hashLabelled('x', new Uint8Array(0), Uint8Array.of(7, 8))).toEqual(sha256(encoding));
  });

  test('tells apart every two inputs that differ', () => {
    fc.assert(
      fc.property(label, parts, label, parts, (l1, p1, l2, p2) => {
        const same = JSON.stringify([l1, p1.map(hex)]) === JSON.stringify([l2, p2.map(hex)]);
        expect(hex(hashLabelled(l1, ...p1)) === hex(hashLabelled(l2, ...p2))).toBe(same);
      }),
      runs(300),
    );
    expect(hashLabelled('a', utf8('bc'))).not.toEqual(hashLabelled('ab', utf8('c')));
    expect(hashLabelled('a', utf8('b'), utf8('c'))).not.toEqual(hashLabelled('a', utf8('bc')));
  });

  test('a transcript gives the same hash step by step, and goes on after a digest', () => {
    const transcript = new TranscriptHash('t').add(utf8('one'));
    expect(transcript.digest()).toEqual(hashLabelled('t', utf8('one')));
    expect(transcript.add(utf8('two')).digest()).toEqual(hashLabelled('t', utf8('one'), utf8('two')));
  });
});
