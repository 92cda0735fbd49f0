import { describe, expect, test } from 'vitest';
import type { Wire } from '../src/index.ts';
import { PlanBuilder, runClear } from '../src/index.ts';
import { runSecure, seeds } from './network.ts';
import type { Deviation, Program } from './worlds.ts';
import { viewsOf } from './worlds.ts';

type Case = {
  readonly name: string;
  readonly program: Program;
  readonly variables: number;
  readonly values: readonly number[];
  readonly parties: number;
  /** What the plan reveals is uniform, whatever the inputs. */
  readonly uniform?: boolean;
};

const bitsOf =
  (parties: number, owners: readonly number[], body: (b: PlanBuilder, ...wires: Wire[]) => void): Program =>
  (size) => {
    const b = new PlanBuilder(parties);
    body(b, ...owners.map((owner, i) => b.inputBits(`x${i}`, owner, size)));
    return b.build();
  };
const wordsOf =
  (parties: number, owners: readonly number[], body: (b: PlanBuilder, ...wires: Wire[]) => void): Program =>
  (size) => {
    const b = new PlanBuilder(parties);
    // The range says two bits, so that comparisons work on Z_4.
    body(b, ...owners.map((owner, i) => b.input(`x${i}`, owner, { ring: 16, size, range: [-2n, 1n] })));
    return b.build();
  };
const bit = [0, 1];
const quarter = [-2, -1, 0, 1];

const cases: Case[] = [
  {
    name: 'x ∧ y ⊕ x to p0',
    parties: 2,
    variables: 6,
    values: bit,
    program: bitsOf(2, [0, 1], (b, x, y) => b.reveal(b.xor([b.and(x!, y!), x!]), [0], 'r')),
  },
  {
    name: 'x ∧ y to both, and x ⊕ y to p1',
    parties: 2,
    variables: 8,
    values: bit,
    program: bitsOf(2, [0, 1], (b, x, y) => {
      b.reveal(b.and(x!, y!), [0, 1], 'r');
      b.reveal(b.xor([x!, y!]), [1], 's');
    }),
  },
  {
    name: 'two outputs that share a product of three, to p1',
    parties: 2,
    variables: 13,
    values: bit,
    program: bitsOf(2, [0, 1, 0], (b, x, y, z) => {
      const [u, v] = b.products([[{ factors: [x!, y!, z!] }, { factors: [y!] }], [{ factors: [x!, y!] }]]);
      b.reveal(u!, [1], 'u');
      b.reveal(v!, [1], 'v');
    }),
  },
  {
    name: 'x ⊕ y to a third',
    parties: 3,
    variables: 8,
    values: bit,
    program: bitsOf(3, [0, 1], (b, x, y) => b.reveal(b.xor([x!, y!]), [2], 'r')),
  },
  {
    name: 'x ∧ y, among three, to p1 and p2',
    parties: 3,
    variables: 11,
    values: bit,
    program: bitsOf(3, [0, 1], (b, x, y) => b.reveal(b.and(x!, y!), [1, 2], 'r')),
  },
  {
    name: 'x + 2y mod 4 to a third, twice',
    parties: 3,
    variables: 16,
    values: [-2, 0, 1],
    program: wordsOf(3, [0, 1], (b, x, y) => {
      b.reveal(
        b.linear([
          [1n, x!],
          [2n, y!],
        ]),
        [2],
        'r',
      );
      b.reveal(
        b.linear([
          [2n, x!],
          [4n, y!],
        ]),
        [2],
        's',
      );
    }),
  },
  {
    name: 'x · y mod 4 to p0',
    parties: 2,
    variables: 12,
    values: quarter,
    program: wordsOf(2, [0, 1], (b, x, y) => b.reveal(b.multiply(x!, y!), [0], 'r')),
  },
  {
    name: 'x < 0 and x = 0 over Z_4, of one masked value, to p1',
    parties: 2,
    variables: 16,
    values: quarter,
    program: wordsOf(2, [0], (b, x) => {
      b.reveal(b.lessThanZero(x!), [1], 'r');
      b.reveal(b.isZero(x!), [1], 's');
    }),
  },
  {
    name: 'b · x mod 4 to p0, b = (x < 0)',
    parties: 2,
    variables: 17,
    values: quarter,
    program: wordsOf(2, [1], (b, x) => {
      const negative = b.lessThanZero(x!);
      b.stage();
      b.reveal(b.bitDot([negative], [x!]), [0], 'r');
    }),
  },
  {
    name: '2x − y − z + 1 mod 4 to p0, of bits',
    parties: 2,
    variables: 17,
    values: bit,
    program: bitsOf(2, [0, 1, 1], (b, x, y, z) => {
      const terms = [[2n, x!] as const, [-1n, y!] as const, [-1n, z!] as const];
      b.reveal(b.weigh(terms, 1n, 16), [0], 'r');
    }),
  },
  {
    name: 'x + y mod 4, kept',
    parties: 2,
    variables: 8,
    values: quarter,
    program: wordsOf(2, [0, 1], (b, x, y) => b.keep(b.add(x!, y!), 'k')),
  },
  {
    name: 're-masked, then to p1',
    parties: 2,
    variables: 8,
    values: quarter,
    program: wordsOf(2, [0], (b, x) => b.reveal(b.remask(x!), [1], 'r')),
  },
  {
    name: 'x ∧ y ⊕ r to p0, r a random bit of p1',
    parties: 2,
    variables: 8,
    values: bit,
    uniform: true,
    program: bitsOf(2, [0, 1], (b, x, y) => {
      const r = b.randomBits('r', 1, b.type(x!).size);
      b.reveal(b.xor([b.and(x!, y!), r]), [0], 's');
    }),
  },
  {
    name: 'x + r mod 4 back to p0, r a random word of p1',
    parties: 3,
    variables: 12,
    values: quarter,
    uniform: true,
    program: wordsOf(3, [0], (b, x) => {
      const r = b.random('r', 1, { ring: 16, size: b.type(x!).size });
      b.reveal(
        b.linear([
          [1n, x!],
          [1n, r],
        ]),
        [0],
        's',
      );
    }),
  },
];

/** Coalitions whose views differ between honest inputs that give it the same outputs. */
async function leaks(
  { program, variables, values, parties, uniform }: Case,
  deviation: Deviation = {},
): Promise<string[]> {
  const coalitions = Array.from({ length: 2 ** parties - 2 }, (_, k) => [0, 1, 2, 3].filter((i) => ((k + 1) >> i) & 1));
  const owners = program(8).nodes.flatMap((node) => (node.op === 'input' ? [node.owner] : []));
  const known = coalitions.map(() => new Map<string, Map<string, number>>());
  const leaking = new Set<string>();
  for (let code = 0; code < values.length ** owners.length; code++) {
    const chosen = owners.map((_, i) => values[Math.floor(code / values.length ** i) % values.length]!);
    const inputs = Object.fromEntries(chosen.map((value, i) => [`x${i}`, value]));
    const { views } = await viewsOf(program, variables, inputs, coalitions, deviation);
    for (const [c, coalition] of coalitions.entries()) {
      const own = chosen.filter((_, i) => coalition.includes(owners[i]!));
      const key = uniform ? `${own}` : `${own}|${learned(program, inputs, coalition)}`;
      const before = known[c]!.get(key);
      if (before === undefined) known[c]!.set(key, views[c]!);
      else if (!equal(before, views[c]!)) leaking.add(`{${coalition}}`);
    }
  }
  return [...leaking];
}

/** What the coalition is meant to learn, modulo 4. */
function learned(program: Program, inputs: Readonly<Record<string, number>>, coalition: readonly number[]): string {
  const plan = program(8);
  const plain = Object.fromEntries(
    plan.nodes.flatMap((node) => {
      if (node.op !== 'input') return [];
      const value = inputs[node.name]!;
      const words = new Uint8Array(new Int16Array(8).fill(value).buffer);
      return [[node.name, plan.wires[node.out[0]!]!.kind === 'bits' ? new Uint8Array([value ? 255 : 0]) : words]];
    }),
  );
  const opened = runClear(plan, plain);
  const names = plan.nodes.flatMap((node) =>
    node.op === 'reveal' && node.to.some((to) => coalition.includes(to)) ? [node.name] : [],
  );
  return names.map((name) => opened[name]![0]! & 3).join();
}

function equal(x: Map<string, number>, y: Map<string, number>): boolean {
  return x.size === y.size && [...x].every(([view, count]) => y.get(view) === count);
}

describe('joint views, counted over all randomness', () => {
  test.each(cases)('$name: no coalition sees more than its outputs', async (each) => {
    expect(await leaks(each)).toEqual([]);
  });
});

describe('shares that are kept', () => {
  const coalitionsOf = (parties: number): number[][] =>
    Array.from({ length: parties }, (_, out) => Array.from({ length: parties }, (_, i) => i).filter((i) => i !== out));

  /** How often each combination of a coalition's shares stands in a world. */
  function counts(kept: Uint8Array[][], coalition: readonly number[]): number[] {
    const shares = coalition.map((party) => new Uint16Array(kept[party]![0]!.slice().buffer));
    const found = new Map<string, number>();
    for (let t = 0; t < shares[0]!.length; t++) {
      const key = shares.map((share) => share[t]! & 3).join();
      found.set(key, (found.get(key) ?? 0) + 1);
    }
    return [...found.values()];
  }

  test.each([
    ['an input', 2, 7, (b, x) => b.keep(x, 'k')],
    ['a sum in which one party has no share', 3, 10, (b, x) => b.keep(b.add(x, x), 'k')],
    ['an opened value', 2, 10, (b, x) => b.keep(b.multiply(x, x), 'k')],
  ] as [string, number, number, (b: PlanBuilder, x: Wire) => void][])(
    'of %s: those of all parties but one are uniform',
    async (_, parties, variables, body) => {
      const program = wordsOf(parties, [0], (b, x) => body(b, x!));
      const { kept } = await viewsOf(program, variables, { x0: 1 }, []);
      for (const coalition of coalitionsOf(parties)) {
        const worlds = 2 ** variables / 4 ** coalition.length;
        expect(counts(kept, coalition)).toEqual(Array(4 ** coalition.length).fill(worlds));
      }
    },
  );
});

describe('positive controls', () => {
  test('a wire of few masks that is kept as it is has shares that are not uniform', async () => {
    const program = wordsOf(2, [0], (b, x) => b.keep(x!, 'k'));
    const bare: Program = (size) => {
      const plan = program(size);
      const nodes = plan.nodes.flatMap((node) =>
        node.op === 'remask' ? [] : [node.op === 'keep' ? { ...node, in: [0 as Wire] } : node],
      );
      return { ...plan, nodes, stages: [nodes.length] };
    };
    const { kept } = await viewsOf(bare, 6, { x0: 1 }, []);
    expect(new Set(kept[1]![0])).toEqual(new Set([0]));
  });

  const named = (name: string): Case => cases.find((each) => each.name === name)!;

  test('a bare λ share in a reveal leaks', async () => {
    expect(await leaks(named('x ⊕ y to a third'), { bareReveal: true })).toContain('{2}');
  });

  test('a correction shown to the wrong party leaks', async () => {
    expect(await leaks(named('x ∧ y ⊕ x to p0'), { answerKeyTo: 1 })).toContain('{1}');
  });

  test('a missing re-mask leaks', async () => {
    const program = bitsOf(2, [0], (b, x) => b.reveal(b.remask(x!), [0], 'r'));
    const remasked: Case = { name: 're-masked, back to its owner', parties: 2, variables: 6, values: bit, program };
    expect(await leaks(remasked)).toEqual([]);
    expect(await leaks(remasked, { unmasked: /mask$/ })).toContain('{1}');
  });

  test('a random value that is none leaks', async () => {
    expect(await leaks(named('x ∧ y ⊕ r to p0, r a random bit of p1'), { unmasked: /^2\/input$/ })).toContain('{0}');
  });

  test('a pad used twice leaks', async () => {
    const twoPads: Case = {
      name: 'two re-masked inputs',
      parties: 2,
      variables: 12,
      values: bit,
      program: bitsOf(2, [0, 0], (b, x, y) => {
        b.remask(x!);
        b.remask(y!);
        b.reveal(x!, [0], 'r');
      }),
    };
    expect(await leaks(twoPads)).toEqual([]);
    expect(await leaks(twoPads, { alias: (label) => label.replace(/^\d+/, 'same') })).toContain('{1}');
  });
});

test('a slice that ends inside a byte: no share is sent of the bits of its wire behind the end', async () => {
  const b = new PlanBuilder(2);
  b.reveal(b.slice(b.inputBits('x', 0, 16), 8, 3), [1], 'r');
  for (let seed = 1; seed <= 5; seed++) {
    const { outputs, frames } = await runSecure(b.build(), { x: new Uint8Array([0, 0b01100_101]) }, seeds(2, seed));
    expect(outputs[1]!.r).toEqual(new Uint8Array([0b101]));
    expect(frames.at(-1)).toMatchObject({ from: 0, to: 1 });
    expect(frames.at(-1)!.frame[0]! >> 3).toBe(0);
  }
});
