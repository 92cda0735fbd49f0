import { createKernels, OKVS_WORK_BYTES } from '@symbolon/kernels';
import { describe, expect, test } from 'vitest';
import { insecureTestRng, okvsExpansion, okvsParameters, type Rng } from '../src/index.ts';
import { bitsPerRow, exponent, type Uniform } from './okvs-model.ts';

const slow = process.env.SLOW === '1';
const WIDTH = 256;

function uniformOf(seed: string): Uniform {
  const random = insecureTestRng(seed);
  let words: Uint32Array = new Uint32Array(0);
  let next = 0;
  return () => {
    if (next === words.length) [words, next] = [new Uint32Array(random(65_536).buffer), 0];
    return (words[next++]! + 0.5) / 2 ** 32;
  };
}

const report = (line: string) => {
  if (slow) console.info(line);
};

describe('failures of an OKVS at full width, by importance sampling', () => {
  test.each(okvsExpansion)('$keys keys, $percent %: less than 2^-40', ({ keys, percent }) => {
    const { bits, error } = bitsPerRow(percent / 100, WIDTH, slow ? 20_000 : 1000, uniformOf(`full ${percent}`));
    const lambda = bits - Math.log2(keys);
    report(`${keys} keys, expansion ${percent} %, width ${WIDTH}: λ = ${lambda.toFixed(2)} ± ${error.toFixed(2)}`);
    expect(lambda - 4 * error).toBeGreaterThan(40);
  });
});

describe('failures of the kernels with a narrower band', () => {
  const widths = slow ? [24, 32, 40, 48, 56] : [32, 40];
  const cases = okvsExpansion.flatMap(({ percent }) => widths.map((width) => ({ percent, width })));

  test.each(cases)('are as often as predicted: $percent %, width $width', ({ percent, width }) => {
    const expansion = percent / 100;
    const { bits } = bitsPerRow(expansion, width, slow ? 10_000 : 500, uniformOf(`narrow ${percent} ${width}`));
    const [n, stores] = slow ? [400_000, 100] : [20_000, 40];
    const random = insecureTestRng(`failures ${percent} ${width}`);
    let failures = 0;
    for (let i = 0; i < stores; i++) failures += dependentRows(n, percent, width, random);
    const expected = n * stores * 2 ** -bits;
    const asymptote = (exponent(expansion) / Math.LN2) * width;
    report(
      `expansion ${percent} %, width ${width}: ${failures} failures of ${n * stores} rows, predicted ${expected.toFixed(1)}` +
        ` (2^-${bits.toFixed(2)}; slope × width = ${asymptote.toFixed(2)})`,
    );
    // Failures come in clusters of about ten; and few keys fluctuate less than the Poisson stream of the model.
    expect(Math.abs(failures - expected)).toBeLessThan(4 * Math.sqrt(10 * expected) + 0.2 * expected);
  });
});

const kernels = createKernels();

/** Rows of n random keys that depend on others, when bands are cut to their first `width` bits. */
function dependentRows(n: number, percent: number, width: number, random: Rng): number {
  const { abi, arena } = kernels;
  const slots = n + Math.ceil((n * percent) / 100) + WIDTH - 1;
  const buckets = Math.ceil((slots - WIDTH + 1) / 256);
  const [rows, values, table] = [arena.alloc(64 * n), arena.alloc(16 * n), arena.alloc(64 * slots)];
  const [heads, pairs, order] = [arena.alloc(4 * buckets), arena.alloc(8 * n), arena.alloc(4 * n)];
  const work = arena.alloc(OKVS_WORK_BYTES);
  const bytes = random(64 * n);
  for (let i = 0; i < n; i++) bytes.fill(0, 64 * i + width / 8, 64 * i + 32);
  arena.bytes(rows, 64 * n).set(bytes);
  arena.bytes(table, 64 * slots).fill(0);
  const counts = arena.u32(heads, buckets).fill(0);
  abi.okvsCount(heads, rows, n, slots);
  let begin = 0;
  for (const [bucket, size] of counts.entries()) {
    counts[bucket] = begin;
    begin += size;
  }
  abi.okvsScatter(pairs, heads, rows, 0, n, slots);
  abi.okvsSort(order, pairs, heads, 0, buckets, work);
  let failures = 0;
  for (let at = 0; at < n; failures++) {
    at = abi.okvsEliminate(table, rows, values, order, at, n, slots, 1, work) + 1;
    if (at > n) break;
  }
  for (const ptr of [rows, values, table, heads, pairs, order, work]) arena.free(ptr);
  return failures;
}

test('the shape follows the table: starts = n + expansion', () => {
  for (const { keys, percent } of okvsExpansion) {
    expect(okvsParameters(keys).slots - WIDTH + 1).toBe(Math.ceil(keys * (1 + percent / 100)));
  }
});
