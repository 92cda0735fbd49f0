import { insecureTestRng, readU64, SymbolonError } from '@symbolon/crypto';
import type { Plan, Ring, Wire } from '../src/index.ts';
import { byteLength, PlanBuilder } from '../src/index.ts';

/** A random plan that uses every operation now and then, with inputs that fit; `randomValues` gives the rest. */
export function randomCase(seed: number, parties: number): { plan: Plan; inputs: Record<string, Uint8Array> } {
  const rng = insecureTestRng(seed);
  const below = (n: number): number => Number(readU64(rng(8)) % BigInt(n));
  const pick = <T>(list: readonly T[]): T => list[below(list.length)]!;
  const someParties = (): number[] => {
    const to = Array.from({ length: parties }, (_, p) => p).filter(() => below(2) === 0);
    return to.length > 0 ? to : [below(parties)];
  };
  const b = new PlanBuilder(parties);
  const size = pick([1, 7, 8, 64, 129, 500]);
  const words: Record<Ring, Wire[]> = { 16: [], 32: [], 64: [] };
  const bits: Wire[] = [];
  const orders: Record<string, Uint8Array> = {};
  let names = 0;
  for (const ring of [16, 32, 64] as const) {
    for (let i = 0; i < 2; i++) words[ring].push(b.input(`w${names++}`, below(parties), { ring, size }));
  }
  for (const ring of [16, 32, 64] as const) {
    if (below(2) === 0) words[ring].push(b.random(`w${names++}`, below(parties), { ring, size }));
  }
  if (below(2) === 0) bits.push(b.randomBits(`b${names++}`, below(parties), size));
  for (let i = 0; i < 3; i++) bits.push(b.inputBits(`b${names++}`, below(parties), size));
  const small = b.input('small', below(parties), { ring: 16, size, range: [0n, 99n] });
  const key = b.inputBits('key', below(parties), 24 * size);
  const signed = b.input('signed', below(parties), { ring: 64, size, range: [-(1n << 40n), 1n << 40n] });
  const steps: (() => void)[] = [
    () => {
      const ring = pick([16, 32, 64] as const);
      words[ring].push(
        b.linear(
          words[ring].slice(-2).map((wire) => [BigInt(below(9) - 4), wire] as const),
          BigInt(below(5) - 2),
        ),
      );
    },
    () => bits.push(b.xor([pick(bits), pick(bits)], below(2) as 0 | 1)),
    () => {
      const ring = pick([16, 32, 64] as const);
      const term = () => ({
        coefficient: BigInt(below(7) - 3),
        factors: Array.from({ length: 1 + below(4) }, () => pick(words[ring])),
      });
      words[ring].push(...b.products([[term(), term()], [term()]]));
    },
    () => {
      const term = () => ({ factors: Array.from({ length: 1 + below(4) }, () => pick(bits)) });
      bits.push(...b.products([[term(), term(), term()], [term()]]));
    },
    () => {
      const ring = pick([16, 32, 64] as const);
      b.reveal(b.dot(pick(words[ring]), pick(words[ring])), someParties(), `r${names++}`);
    },
    () => {
      const ring = pick([16, 32, 64] as const);
      const [rows, cols, inner] = size === 1 ? [1, 1, 1] : size % 8 === 0 ? [size / 8, size / 8, 8] : [size, size, 1];
      if (rows! * cols! > 5000) return;
      b.reveal(
        b.matmul(pick(words[ring]), pick(words[ring]), { rows: rows!, cols: cols!, inner: inner! }),
        someParties(),
        `r${names++}`,
      );
    },
    () => bits.push(b.lessThanZero(pick(words[pick([16, 32, 64] as const)]))),
    () => bits.push(b.isZero(pick(words[pick([16, 32, 64] as const)]))),
    () => bits.push(b.lessThan(small, b.linear([[0n, small]], BigInt(below(99))))),
    () => bits.push(b.equal(small, b.linear([[0n, small]], BigInt(below(9))))),
    () => {
      const ring = pick([16, 32, 64] as const);
      words[ring].push(b.bitDot([pick(bits), pick(bits)], [pick(words[ring]), pick(words[ring])]));
    },
    () => {
      const ring = pick([16, 32, 64] as const);
      words[ring].push(b.toRing(pick(bits), ring));
    },
    () => {
      const ring = pick([16, 32, 64] as const);
      const terms = Array.from({ length: 1 + below(5) }, () => [BigInt(below(9) - 4), pick(bits)] as const);
      words[ring].push(b.weigh(terms, BigInt(below(9) - 4), ring));
      const different = [...new Set(terms.map(([, bit]) => bit))];
      const sum = () => ({ coefficients: different.map(() => BigInt(below(9) - 4)), constant: BigInt(below(9)) });
      words[ring].push(...b.weighEach(different, [sum(), sum(), sum()], ring));
    },
    () => {
      const copies = pick(['repeat', 'tile'] as const);
      b.reveal(b[copies](pick(words[pick([16, 32, 64] as const)]), pick([1, 2, 3, 33])), someParties(), `r${names++}`);
    },
    () => b.reveal(b.repeat(pick(bits), pick([1, 2, 7, 8, 16, 48])), someParties(), `r${names++}`),
    () => b.reveal(b.tile(pick(bits), pick([1, 2, 7, 8, 9, 48])), someParties(), `r${names++}`),
    () => {
      const ring = pick([16, 32, 64] as const);
      b.reveal(b.concat([pick(words[ring]), pick(words[ring]), pick(words[ring])]), someParties(), `r${names++}`);
      if (size % 8 === 0) b.reveal(b.concat([pick(bits), pick(bits), b.slice(pick(bits), 0, 3)]), [0], `r${names++}`);
    },
    () => {
      const [rows, cols] = [size, 1].sort(() => below(2) - 0.5) as [number, number];
      const [x, y] = size === 500 ? [20, 25] : size === 129 ? [3, 43] : [rows, cols];
      const wire = pick([bits, words[16], words[32], words[64]].map(pick));
      b.reveal(b.transpose(wire, [x!, y!], [y! + below(3), x! + below(9)]), someParties(), `r${names++}`);
    },
    () => b.keep(pick([...bits, ...words[pick([16, 32, 64] as const)]]), `r${names++}`),
    () => {
      const ring = pick([16, 32, 64] as const);
      const columns = [pick(words[ring]), pick(bits), pick(words[64])];
      const name = `o${names++}`;
      const [word, bit, wide] = b.permute(columns, name);
      orders[name] = randomOrder(size, below);
      words[ring].push(word!);
      bits.push(bit!);
      words[64].push(wide!);
    },
    () => {
      const ring = pick([16, 32, 64] as const);
      // In the clear nothing moves: what does not depend on the order is compared.
      const [word, bit] = b.shuffle([pick(words[ring]), pick(bits)]);
      b.reveal(b.sum(b.add(word!, b.toRing(bit!, ring))), someParties(), `r${names++}`);
      if (size % 8 === 0) b.reveal(b.sum(b.shuffle([pick(words[ring])], size / 8)[0]!), someParties(), `r${names++}`);
    },
    () => {
      const ring = pick([16, 32, 64] as const);
      const columns = [pick(words[ring]), pick(bits)];
      const [word, bit] = b.sortDigit(pick(bits), columns, { rows: size, from: 0, width: 1 });
      words[ring].push(word!);
      bits.push(bit!);
    },
    () => {
      const width = 1 + below(4);
      const columns = [key, pick(words[64]), pick(words[16]), key];
      const [next, word] = b.sortDigit(key, columns, { rows: size, from: below(25 - width), width });
      words[64].push(word!);
      b.reveal(next!, someParties(), `r${names++}`);
    },
    () => words[64].push(b.widen(small)),
    () => words[16].push(b.narrow(pick(words[pick([32, 64] as const)]), 16)),
    () => words[64].push(b.truncate(signed, 1 + below(39), true)),
    () => words[64].push(b.remask(pick(words[64]))),
    () => bits.push(b.remask(pick(bits))),
    () => b.reveal(b.sum(pick(words[pick([16, 32, 64] as const)])), someParties(), `r${names++}`),
    () => {
      if (size > 8) b.reveal(b.slice(pick(bits), 8, size - 8), someParties(), `r${names++}`);
    },
    () => {
      const ring = pick([16, 32, 64] as const);
      const row = size % 8 === 0 ? pick([1, 8, size]) : size;
      words[ring].push(b.prefixSum(pick(words[ring]), { row, reverse: below(2) === 0 }));
    },
    () => b.stage(),
  ];
  for (let i = 0; i < 14; i++) {
    try {
      pick(steps)();
    } catch (error) {
      // A step whose values might leave their ring is refused, and left out.
      if (!(error instanceof SymbolonError && error.code === 'plan-range')) throw error;
    }
  }
  for (const wire of [...words[16].slice(-1), ...words[32].slice(-1), ...words[64].slice(-1), ...bits.slice(-2)]) {
    b.reveal(wire, someParties(), `r${names++}`);
  }
  const plan = b.build();
  const inputs: Record<string, Uint8Array> = { ...orders };
  for (const node of plan.nodes) {
    if (node.op === 'input') inputs[node.name] = rng(byteLength(plan.wires[node.out[0]!]!));
  }
  inputs.small = new Uint8Array(new Uint16Array(size).map(() => below(100)).buffer);
  inputs.signed = new Uint8Array(new BigInt64Array(size).map(() => BigInt(below(2 ** 41)) - (1n << 40n)).buffer);
  return { plan, inputs };
}

/** An order of `size` elements as u32; `below(n)` gives a number below n. */
export function randomOrder(size: number, below: (n: number) => number): Uint8Array {
  const order = Uint32Array.from({ length: size }, (_, i) => i);
  for (let i = size - 1; i > 0; i--) {
    const j = below(i + 1);
    [order[i], order[j]] = [order[j]!, order[i]!];
  }
  return new Uint8Array(order.buffer);
}
