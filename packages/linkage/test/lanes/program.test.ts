import { createKernels } from '@symbolon/kernels';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { compileRule, encodeParts, type LaneLeaf, laneLeaf, lanePartsOf, parseLaneLeaf } from '../../src/index.ts';
import { planesOf } from '../../src/lanes/bits.ts';
import { Duck } from '../duckdb.ts';
import { columns, other, records } from '../tables.ts';

const rules = [
  'a.flag',
  'a.flag AND b.flag',
  'a.id = b.id',
  'a.born <> b.born',
  'a.n < b.n',
  'abs(a.n - b.n) <= 3',
  'abs(a.wide - b.wide) > 3',
  'agree(a.name, b.name) >= 0.9',
  'agree(a.name, b.town) < 0.5',
  'hamming(a.name, b.name) <= 1',
  'dice(a.name, b.town, 2) >= 0.8',
  'jaccard(a.name, b.name, 3) < 0.8',
  'levenshtein(a.name, b.name) <= 0',
  'levenshtein(a.name, b.town) <= 2',
  'levenshtein(a.town, b.name) > 8',
];

let duck: Duck;
let leaves: LaneLeaf[];
beforeAll(async () => {
  duck = await Duck.open();
  leaves = await Promise.all(
    rules.map(async (sql) => laneLeaf(await compileRule(sql, { a: columns, b: other }, duck), 0)),
  );
});

test('a leaf is read back as it was written', () => {
  for (const leaf of leaves) expect(parseLaneLeaf(JSON.parse(JSON.stringify(leaf)), 'leaf 0')).toEqual(leaf);
});

const wrong = [
  undefined,
  null,
  -1,
  0.5,
  0,
  1,
  2 ** 31,
  2 ** 53,
  '0',
  '-0',
  '9223372036854775808',
  '99999999999',
  [],
  ['1', '0'],
  {},
  'x',
  true,
];

test('a changed leaf is refused, or is one that the same bounds hold for', () => {
  for (const leaf of leaves) {
    for (const field of [...Object.keys(leaf), 'more', '__proto__']) {
      for (const value of wrong) {
        const changed = { ...leaf };
        Object.defineProperty(changed, field, { value, enumerable: true });
        try {
          const read = parseLaneLeaf(changed, 'leaf 0');
          expect(JSON.stringify(read)).toBe(JSON.stringify(changed));
          expect(lanePartsOf(read).every((part) => part.kind === 'word' || part.width <= 24_192)).toBe(true);
        } catch (error) {
          expect(error).toMatchObject({ code: 'plan-invalid', message: expect.stringContaining('leaf 0') });
        }
      }
    }
    const [first] = Object.keys(leaf).slice(1);
    const { [first as 'kind']: _, ...less } = leaf;
    expect(() => parseLaneLeaf(less, 'leaf 0')).toThrow(/leaf 0/);
  }
  for (const value of [...wrong, { kind: 'constructor' }, { kind: 'toString' }])
    expect(() => parseLaneLeaf(value, 'leaf 0')).toThrow(/leaf 0/);
});

describe('what owners encode', () => {
  test.each(rules)('%s: an array a part, of whole rows', async (sql) => {
    const rule = await compileRule(sql, { a: columns, b: other }, duck);
    await duck.load('ta', columns, records(5, 9, 8));
    await duck.load('tb', other, records(6, 9, 6));
    const leaf = laneLeaf(rule, 0);
    for (const side of ['a', 'b'] as const) {
      const parts = encodeParts(rule, 0, side, await duck.locals(rule, side, `t${side}`), createKernels());
      expect(parts.map((bytes) => bytes.length / 9)).toEqual(
        lanePartsOf(leaf).map((part) => {
          if (part.from !== 'both' && part.from !== side) return 0;
          return part.kind === 'word' ? part.ring / 8 : Math.ceil(part.width / 8);
        }),
      );
    }
  });

  test('rows of bits as planes', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 20 }), fc.nat(), (width, rows, seed) => {
        const bytes = Math.ceil(width / 8);
        const bit = (row: number, plane: number): number => (Math.imul(seed + row, 2654435761 + plane) >>> 13) & 1;
        const packed = new Uint8Array(rows * bytes);
        for (let row = 0; row < rows; row++)
          for (let plane = 0; plane < width; plane++)
            packed[row * bytes + (plane >> 3)]! |= bit(row, plane) << (plane & 7);
        const planes = planesOf(packed, width);
        const stride = Math.ceil(rows / 8);
        expect(planes.length).toBe(width * stride);
        for (let row = 0; row < rows; row++)
          for (let plane = 0; plane < width; plane++)
            expect((planes[plane * stride + (row >> 3)]! >> (row & 7)) & 1).toBe(bit(row, plane));
      }),
    );
  });
});
