import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { concat, fromHex, hex, sha256, u32 } from '@symbolon/crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  emptyRoot,
  HashTree,
  leafHash,
  MerkleHasher,
  nodeHash,
  verifyConsistency,
  verifyInclusion,
} from '../src/index.ts';

const file = join(import.meta.dirname, '../../../vectors/merkle-tree-rfc6962.json');
const vectors = JSON.parse(readFileSync(file, 'utf8')) as {
  leaves: string[];
  roots: string[];
  inclusion: { index: number; size: number; proof: string[] }[];
  consistency: { old: number; new: number; proof: string[] }[];
};
const runs = { numRuns: process.env.SLOW === '1' ? 5000 : 200 };

describe('RFC 6962, the reference tree', () => {
  const tree = new HashTree();
  for (const leaf of vectors.leaves) tree.append(leafHash(fromHex(leaf)));

  test.each(vectors.roots.map((root, size) => [size, root] as const))('root of size %i', (size, root) => {
    expect(hex(tree.root(size))).toBe(root);
  });

  test.each(vectors.inclusion)('inclusion of $index in $size', ({ index, size, proof }) => {
    expect(tree.inclusionProof(index, size).map(hex)).toEqual(proof);
    const leaf = leafHash(fromHex(vectors.leaves[index]!));
    expect(verifyInclusion(leaf, index, size, proof.map(fromHex), fromHex(vectors.roots[size]!))).toBe(true);
  });

  test.each(vectors.consistency)('consistency of $old and $new', ({ old, new: size, proof }) => {
    expect(tree.consistencyProof(old, size).map(hex)).toEqual(proof);
    const [before, after] = [fromHex(vectors.roots[old]!), fromHex(vectors.roots[size]!)];
    expect(verifyConsistency(old, before, size, after, proof.map(fromHex))).toBe(true);
  });
});

test('leaves added many at a time give the same tree', () => {
  const hasher = new MerkleHasher();
  const entries = Array.from({ length: 700 }, (_, i) => sha256(u32(i)));
  const chunks = fc.array(fc.integer({ min: 0, max: 150 }), { minLength: 1, maxLength: 8 });
  fc.assert(
    fc.property(chunks, (lengths) => {
      const [one, many] = [new HashTree(), new HashTree()];
      for (const length of lengths) {
        const next = entries.slice(one.size, one.size + length);
        if (length % 7 === 1) for (const entry of next) many.append(leafHash(entry));
        else many.appendAll(hasher.leaves(concat(...next)), hasher);
        for (const entry of next) one.append(leafHash(entry));
        expect(many.size).toBe(one.size);
        expect(many.root()).toEqual(one.root());
      }
      const size = one.size;
      for (let index = 0; index < size; index += 61) {
        expect(many.inclusionProof(index)).toEqual(one.inclusionProof(index));
        expect(many.consistencyProof(index)).toEqual(one.consistencyProof(index));
      }
    }),
    { numRuns: 40 },
  );
  expect(() => hasher.leaves(new Uint8Array(31))).toThrow(RangeError);
});

const most = 64;
const leaves = Array.from({ length: most }, (_, i) => leafHash(u32(i)));
const tree = new HashTree();
for (const leaf of leaves) tree.append(leaf);

// RFC 6962 §2.1, word for word, as the oracle.
function mth(hashes: readonly Uint8Array[]): Uint8Array {
  if (hashes.length === 0) return emptyRoot;
  if (hashes.length === 1) return hashes[0]!;
  let k = 1;
  while (k * 2 < hashes.length) k *= 2;
  return nodeHash(mth(hashes.slice(0, k)), mth(hashes.slice(k)));
}

describe(`all sizes up to ${most}`, () => {
  const roots = Array.from({ length: most + 1 }, (_, size) => mth(leaves.slice(0, size)));

  test('roots', () => {
    roots.forEach((root, size) => {
      expect(tree.root(size)).toEqual(root);
    });
  });

  test('inclusion holds at its place and nowhere else', () => {
    for (let size = 1; size <= most; size++) {
      for (let index = 0; index < size; index++) {
        const proof = tree.inclusionProof(index, size);
        expect(proof.length).toBeLessThanOrEqual(Math.ceil(Math.log2(size)));
        expect(verifyInclusion(leaves[index]!, index, size, proof, roots[size]!)).toBe(true);
        const other = (index + 1) % most;
        expect(verifyInclusion(leaves[index]!, other, size, proof, roots[size]!)).toBe(false);
        expect(verifyInclusion(leaves[other]!, index, size, proof, roots[size]!)).toBe(false);
        expect(verifyInclusion(leaves[index]!, index, size, proof, roots[size - 1]!)).toBe(false);
        expect(verifyInclusion(leaves[index]!, index, size, [...proof, roots[0]!], roots[size]!)).toBe(false);
        if (proof.length > 0)
          expect(verifyInclusion(leaves[index]!, index, size, proof.slice(1), roots[size]!)).toBe(false);
      }
    }
  });

  test('consistency holds between the two trees and no others', () => {
    for (let size = 0; size <= most; size++) {
      for (let old = 0; old <= size; old++) {
        const proof = tree.consistencyProof(old, size);
        expect(verifyConsistency(old, roots[old]!, size, roots[size]!, proof)).toBe(true);
        const wrong = leaves[0]!.map((byte) => byte ^ 1);
        expect(verifyConsistency(old, wrong, size, roots[size]!, proof)).toBe(false);
        if (old > 0) expect(verifyConsistency(old, roots[old]!, size, wrong, proof)).toBe(false);
        expect(verifyConsistency(old, roots[old]!, size, roots[size]!, [...proof, wrong])).toBe(false);
        if (proof.length > 0)
          expect(verifyConsistency(old, roots[old]!, size, roots[size]!, proof.slice(0, -1))).toBe(false);
        if (old < size) expect(verifyConsistency(size, roots[size]!, old, roots[old]!, proof)).toBe(false);
      }
    }
  });

  test('any flipped bit of a proof is noticed', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: most }), fc.nat(), fc.nat(), fc.nat(255), (size, a, b, bit) => {
        const index = a % size;
        const flip = (proof: Uint8Array[]) => {
          const changed = proof.map((hash) => hash.slice());
          changed[b % changed.length]![bit >> 3]! ^= 1 << (bit & 7);
          return changed;
        };
        expect(verifyInclusion(leaves[index]!, index, size, flip(tree.inclusionProof(index, size)), roots[size]!)).toBe(
          false,
        );
        const old = 1 + (a % (size - 1));
        expect(verifyConsistency(old, roots[old]!, size, roots[size]!, flip(tree.consistencyProof(old, size)))).toBe(
          false,
        );
      }),
      runs,
    );
  });

  test('a tree with another past is not consistent', () => {
    for (const changed of [0, 5, 30]) {
      const other = new HashTree();
      leaves.forEach((leaf, i) => {
        other.append(i === changed ? leafHash(u32(1000)) : leaf);
      });
      for (let old = changed + 1; old < most; old++) {
        expect(verifyConsistency(old, roots[old]!, most, other.root(), other.consistencyProof(old))).toBe(false);
      }
    }
  });
});

test('malformed sizes and hashes prove nothing', () => {
  for (const bad of [-1, 0.5, Number.NaN, 2 ** 53]) {
    expect(verifyInclusion(leaves[0]!, bad, 4, [], tree.root(4))).toBe(false);
    expect(verifyInclusion(leaves[0]!, 0, bad, [], tree.root(4))).toBe(false);
    expect(verifyConsistency(bad, tree.root(1), 4, tree.root(4), [])).toBe(false);
    expect(verifyConsistency(1, tree.root(1), bad, tree.root(4), [])).toBe(false);
  }
  expect(verifyInclusion(leaves[0]!, 0, 2, [concat(leaves[1]!, u32(0))], tree.root(2))).toBe(false);
});

test('asking beyond the tree is refused', () => {
  const notFound = expect.objectContaining({ code: 'not-found' });
  for (const ask of [
    () => tree.root(65),
    () => tree.inclusionProof(64),
    () => tree.inclusionProof(0, 65),
    () => tree.consistencyProof(10, 9),
    () => tree.tile(0, 0, 65),
    () => tree.tile(1, 0, 1),
    () => tree.tile(-1, 0, 1),
    () => tree.tile(0, -1, 1),
    () => tree.tile(0, 0.5, 1),
    () => tree.tile(0, 0, 0),
  ]) {
    expect(ask).toThrow(notFound);
  }
});

test('tiles hold the roots of complete subtrees', () => {
  const big = new HashTree();
  const hashes = Array.from({ length: 600 }, (_, i) => leafHash(u32(i)));
  for (const hash of hashes) big.append(hash);
  expect(big.tile(0, 1)).toEqual(concat(...hashes.slice(256, 512)));
  expect(big.tile(0, 2, 88)).toEqual(concat(...hashes.slice(512)));
  expect(big.tile(1, 0, 2)).toEqual(concat(mth(hashes.slice(0, 256)), mth(hashes.slice(256, 512))));
});
