import { canonicalBytes, generateSigningKey, insecureTestRng, utf8 } from '@symbolon/crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type EntryProof,
  entryBundle,
  parseEntryBundle,
  parseProof,
  parseTilePath,
  signCheckpoint,
  tilePath,
  tilesOf,
  writeProof,
} from '../src/index.ts';

const rng = insecureTestRng('tiles');
const code = (expected: string) => expect.objectContaining({ code: expected });

describe('tiles', () => {
  test('stand where C2SP tlog-tiles says', () => {
    expect(tilePath({ level: 0, index: 1_234_067, width: 256 })).toBe('tile/0/x001/x234/067');
    expect(tilePath({ level: 1, index: 0, width: 17 })).toBe('tile/1/000.p/17');
    expect(tilePath({ level: 'entries', index: 1000, width: 3 })).toBe('tile/entries/x001/000.p/3');
  });

  test('of a log of 70,000 are those of the specification', () => {
    const all = [...tilesOf(70_000)];
    const level = (wanted: number | 'entries') => all.filter((one) => one.level === wanted);
    expect(level(0).length).toBe(274);
    expect(level(0).at(-1)).toEqual({ level: 0, index: 273, width: 112 });
    expect(level('entries').length).toBe(274);
    expect(level(1)).toEqual([
      { level: 1, index: 0, width: 256 },
      { level: 1, index: 1, width: 17 },
    ]);
    expect(level(2)).toEqual([{ level: 2, index: 0, width: 1 }]);
    expect(level(3)).toEqual([]);
    expect([...tilesOf(256)].map(tilePath)).toEqual(['tile/entries/000', 'tile/0/000', 'tile/1/000.p/1']);
    expect([...tilesOf(0)]).toEqual([]);
  });

  test('a path is read as it was written, and only so', () => {
    const names = fc.record({
      level: fc.oneof(fc.constant('entries' as const), fc.integer({ min: 0, max: 63 })),
      index: fc.integer({ min: 0, max: 10 ** 15 - 1 }),
      width: fc.integer({ min: 1, max: 256 }),
    });
    fc.assert(fc.property(names, (name) => void expect(parseTilePath(tilePath(name))).toEqual(name)));
  });

  test.each([
    'tile/64/000',
    'tile/00/000',
    'tile/0/0',
    'tile/0/x000/000',
    'tile/0/000.p/0',
    'tile/0/000.p/256',
    'tile/0/000.p/07',
    'tile/0/../checkpoint',
    'tile/entries/000/',
    'tile/-1/000',
    '/tile/0/000',
  ])('%s is no tile', (path) => expect(parseTilePath(path)).toBeUndefined());

  test('a bundle holds its entries, each with its length', () => {
    const entries = [rng(32), rng(32)];
    const bundle = entryBundle(entries);
    expect([...bundle.subarray(0, 2)]).toEqual([0, 32]);
    expect(parseEntryBundle(bundle, 2)).toEqual(entries);
    for (const wrong of [bundle.subarray(1), bundle.subarray(0, 67), new Uint8Array(68), new Uint8Array(0)]) {
      expect(() => parseEntryBundle(wrong, 2)).toThrow(code('bad-document'));
    }
  });
});

describe('proof files', () => {
  const key = generateSigningKey(rng);
  const proof: EntryProof = {
    index: 5,
    salt: rng(32),
    event: canonicalBytes({ kind: 'test' }),
    hashes: [rng(32), rng(32), rng(32)],
    checkpoint: signCheckpoint({ origin: 'symbolon/insurer', size: 8, root: rng(32) }, key),
  };

  test('are read as they were written (C2SP tlog-proof)', () => {
    const text = writeProof(proof);
    expect(text.split('\n')[0]).toBe('c2sp.org/tlog-proof@v1');
    expect(parseProof(text)).toEqual(proof);
    expect(parseProof(writeProof({ ...proof, hashes: [] }))).toEqual({ ...proof, hashes: [] });
  });

  const text = writeProof(proof);
  test.each<[string, string]>([
    ['another header', text.replace('@v1', '@v2')],
    ['no event', text.replace(/extra .*/, 'extra AAAA')],
    ['no extra line', text.replace(/extra .*\n/, '')],
    ['an index with a zero before it', text.replace('index 5', 'index 05')],
    ['a short hash', text.replace(/\n[^\n ]{43}=\n\n/, '\nAAAA\n\n')],
    ['too many hashes', writeProof({ ...proof, hashes: Array(64).fill(proof.salt) })],
    ['nothing', ''],
    ['words', utf8('proof').toString()],
  ])('with %s are refused', (_, wrong) => expect(() => parseProof(wrong)).toThrow(code('bad-document')));
});
