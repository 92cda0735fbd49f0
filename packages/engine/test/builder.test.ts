import { expect, test } from 'vitest';
import { inputPads, PlanBuilder, planCost, planHash, randomInput, runClear } from '../src/index.ts';
import { seeds } from './network.ts';

const builder = () => {
  const b = new PlanBuilder(2);
  const x = b.input('x', 0, { ring: 16, size: 4, range: [-100n, 100n] });
  const y = b.input('y', 1, { ring: 16, size: 4, range: [0n, 300n] });
  const c = b.inputBits('c', 0, 4);
  return { b, x, y, c };
};

test.each([
  [
    'a sum that may leave its ring',
    ({ b, x, y }) =>
      b.linear([
        [100n, x],
        [100n, y],
      ]),
    'plan-range',
  ],
  [
    'a product that may leave its ring',
    ({ b, x, y }) => b.products([[{ coefficient: 2n, factors: [x, y] }]]),
    'plan-range',
  ],
  [
    'a matrix product that may leave its ring',
    ({ b, x, y }) => b.matmul(x, y, { rows: 1, cols: 1, inner: 4 }),
    'plan-range',
  ],
  ['numbers where bits belong', ({ b, x, c }) => b.xor([x, c]), 'plan-invalid'],
  ['five factors', ({ b, c }) => b.and(c, c, c, c, c), 'plan-invalid'],
  ['a reveal to nobody', ({ b, x }) => b.reveal(x, [], 'r'), 'plan-invalid'],
  ['a reveal to a stranger', ({ b, x }) => b.reveal(x, [2], 'r'), 'plan-invalid'],
  ['an input after an operation', ({ b, x }) => [b.remask(x), b.inputBits('late', 0, 1)], 'plan-invalid'],
  ['a random value after an operation', ({ b, x }) => [b.remask(x), b.randomBits('late', 0, 1)], 'plan-invalid'],
  ['a name given twice', ({ b }) => b.random('x', 0, { ring: 16, size: 1 }), 'plan-invalid'],
  [
    'weights whose sum may leave its ring',
    ({ b, c }) =>
      b.weigh(
        [
          [30_000n, c],
          [2_000n, b.not(c)],
        ],
        1_000n,
        16,
      ),
    'plan-range',
  ],
  ['weights of numbers', ({ b, x }) => b.weigh([[1n, x]], 0n, 16), 'plan-invalid'],
  ['a part of bytes before another', ({ b, c }) => b.concat([c, b.not(c)]), 'plan-invalid'],
  ['bits behind words', ({ b, c, x }) => b.concat([x, c]), 'plan-invalid'],
  ['lines that do not fill a vector', ({ b, x }) => b.transpose(x, [3, 5]), 'plan-invalid'],
  ['no copy', ({ b, x }) => b.repeat(x, 0), 'plan-invalid'],
  ['two outputs of one name', ({ b, x }) => [b.reveal(x, [0], 'r'), b.keep(x, 'r')], 'plan-invalid'],
  ['a slice past the end', ({ b, x }) => b.slice(x, 3, 2), 'plan-invalid'],
  ['widening what may be negative', ({ b, x }) => b.widen(x), 'plan-invalid'],
] as [string, (made: ReturnType<typeof builder>) => unknown, string][])('%s is refused', (_, build, code) => {
  expect(() => build(builder())).toThrowError(expect.objectContaining({ code }));
});

test('ranges narrow comparisons', () => {
  const { b, x, y } = builder();
  b.lessThan(x, y);
  expect(b.build().nodes.at(-1)).toMatchObject({ op: 'lessThanZero', width: 10 });
});

test('pads of p_owner: of its inputs and of its random values, which nobody sends', () => {
  const b = new PlanBuilder(2);
  b.inputBits('x', 0, 9);
  b.randomBits('y', 1, 80);
  b.random('z', 0, { ring: 32, size: 3 });
  const plan = b.build();
  expect(inputPads(plan, 0)).toEqual([
    { node: 0, bytes: 2 },
    { node: 2, bytes: 12 },
  ]);
  expect(planCost(plan)).toMatchObject({ inputBytes: [2, 0], padBytes: [14, 10] });
  expect(() => randomInput(plan, 'x', seeds(2, 1).own[0]!)).toThrowError(
    expect.objectContaining({ code: 'plan-invalid' }),
  );
});

test('prefix sums: of the whole, of rows, and from behind', () => {
  const b = new PlanBuilder(2);
  const x = b.input('x', 0, { ring: 64, size: 6, range: [-(2n ** 40n), 2n ** 40n] });
  b.reveal(b.prefixSum(x), [0], 'all');
  b.reveal(b.prefixSum(x, { row: 3 }), [0], 'rows');
  b.reveal(b.prefixSum(x, { row: 3, reverse: true }), [0], 'behind');
  const plan = b.build();
  expect(planCost(plan)).toMatchObject({ rounds: 1, openedBytes: 0, answerKeyBytes: 0 });
  expect(plan.wires.at(-1)).toMatchObject({ range: [-(3n * 2n ** 40n), 3n * 2n ** 40n].map(String) });
  const sums = runClear(plan, { x: new Uint8Array(BigInt64Array.of(1n, -2n, 3n, -(2n ** 40n), 5n, 7n).buffer) });
  const numbers = (name: string) => [...new BigInt64Array(sums[name]!.slice().buffer)];
  const far = -(2n ** 40n);
  expect(numbers('all')).toEqual([1n, -1n, 2n, far + 2n, far + 7n, far + 14n]);
  expect(numbers('rows')).toEqual([1n, -1n, 2n, far, far + 5n, far + 12n]);
  expect(numbers('behind')).toEqual([2n, 1n, 3n, far + 12n, 12n, 7n]);
  expect(() => b.prefixSum(x, { row: 4 })).toThrowError(expect.objectContaining({ code: 'plan-invalid' }));
});

test('equal bits are weighed once; the range is what the weights allow', () => {
  const { b, c } = builder();
  const word = b.weigh(
    [
      [3n, c],
      [-5n, c],
      [4n, b.not(c)],
    ],
    1n,
    16,
  );
  expect(b.type(word)).toMatchObject({ range: ['-1', '5'] });
  expect(planCost(b.build())).toMatchObject({ openedBytes: 8, answerKeyBytes: 16 });
});

test('what is opened is kept as it is, all else is re-masked', () => {
  const { b, x, y } = builder();
  b.keep(b.remask(x), 'k');
  b.keep(b.add(x, y), 'l');
  expect(
    b
      .build()
      .nodes.slice(3)
      .map(({ op }) => op),
  ).toEqual(['remask', 'keep', 'linear', 'remask', 'keep']);
});

test('a known range stands in place of the computed one, and must fit', () => {
  const { b, x, y } = builder();
  const terms = [[100n, x] as const, [100n, y] as const];
  expect(b.type(b.linear(terms, 0n, [-9n, 9n]))).toMatchObject({ range: ['-9', '9'] });
  expect(() => b.linear(terms, 0n, [0n, 1n << 15n])).toThrowError(expect.objectContaining({ code: 'plan-range' }));
});

test('equal plans have equal hashes, others have not', () => {
  const plan = (size: number) => {
    const b = new PlanBuilder(2);
    b.reveal(b.inputBits('x', 0, size), [1], 'r');
    return planHash(b.build());
  };
  expect(plan(8)).toEqual(plan(8));
  expect(plan(8)).not.toEqual(plan(9));
});
