import { PlanBuilder, pack, runClear, unpack } from '@symbolon/engine';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { divideBy } from '../../src/secure/division.ts';

test('exact division by a public number', () => {
  const range = fc
    .tuple(fc.bigInt({ min: -(1n << 20n), max: 0n }), fc.integer({ min: 1, max: 60 }))
    .map(([lo, bits]) => [lo, 1n << BigInt(bits)] as const);
  const property = fc.property(
    range,
    fc.bigInt({ min: 1n, max: 1_000_000n }),
    fc.infiniteStream(fc.bigInt({ min: 0n, max: 1n << 62n })),
    ([lo, hi], d, stream) => {
      const drawn = [...stream.take(6)].map((value) => lo + (value % (hi - lo + 1n)));
      const values = [lo, hi, 0n, ...[d, -d, 2n * d - 1n].filter((each) => each >= lo && each <= hi), ...drawn];
      const builder = new PlanBuilder(2);
      const shape = { kind: 'ring', bits: 64, size: values.length } as const;
      const z = builder.input('z', 0, { ring: 64, size: values.length });
      const { quotient, remainder } = divideBy(builder, z, d, [lo, hi]);
      builder.reveal(quotient, [0], 'quotient');
      builder.reveal(remainder, [0], 'remainder');
      const opened = runClear(builder.build(), { z: pack(shape, values) });
      const signed = (name: string) => unpack(shape, opened[name]!).map((word) => BigInt.asIntN(64, word));
      const mod = (value: bigint) => ((value % d) + d) % d;
      expect(signed('remainder')).toEqual(values.map(mod));
      expect(signed('quotient')).toEqual(values.map((value) => (value - mod(value)) / d));
    },
  );
  fc.assert(property, { numRuns: process.env.SLOW ? 2000 : 200 });
});
