import type { Plan, Wire } from '@symbolon/engine';
import { PlanBuilder } from '@symbolon/engine';
import { createKernels } from '@symbolon/kernels';
import { session } from './engine.ts';
import type { Row } from './row.ts';
import { row } from './row.ts';

const characters = 60;
const planes = 6;

/** Do 54 of 60 characters agree, in each of 200,000 pairs? Once with a wire a bit of a character, once with a wire a bit of all characters. */
export async function run(): Promise<Row[]> {
  const lanes = 200_000;
  const rows: Row[] = [];
  for (const [name, plan] of [
    ['a wire a character and bit', byCharacter(lanes)],
    ['a wire a bit', byBit(lanes)],
  ] as const) {
    const { party, dealer } = await measure(plan, lanes);
    rows.push(row('lanes', `60 characters, ${name}: a party`, lanes, party, 'ns a lane', 3000));
    rows.push(row('lanes', `60 characters, ${name}: the dealer`, lanes, dealer, 'ns a lane', 3000));
  }
  return rows;
}

function byCharacter(lanes: number): Plan {
  const b = new PlanBuilder(2);
  const [x, y] = [0, 1].map((owner) =>
    Array.from({ length: characters }, (_, c) =>
      Array.from({ length: planes }, (_, k) => b.inputBits(`${owner}/${c}/${k}`, owner, lanes)),
    ),
  );
  return atLeast54(
    b,
    x!.map((character, c) => equalBits(b, character, y![c]!)),
  );
}

function byBit(lanes: number): Plan {
  const b = new PlanBuilder(2);
  const [x, y] = [0, 1].map((owner) =>
    Array.from({ length: planes }, (_, k) => b.inputBits(`${owner}/${k}`, owner, lanes * characters)),
  );
  const equal = equalBits(b, x!, y!);
  return atLeast54(
    b,
    Array.from({ length: characters }, (_, c) => b.slice(equal, c * lanes, lanes)),
  );
}

function equalBits(b: PlanBuilder, x: readonly Wire[], y: readonly Wire[]): Wire {
  const same = x.map((bit, k) => b.xor([bit, y[k]!], 1));
  return b.and(b.and(...same.slice(0, 3)), b.and(...same.slice(3)));
}

function atLeast54(b: PlanBuilder, equal: readonly Wire[]): Plan {
  const weights = equal.map((bit) => [1n, bit] as const);
  b.reveal(b.not(b.lessThanZero(b.weigh(weights, -54n, 16))), [0], 'agree');
  return b.build();
}

/** The least of some runs, in ns a lane; a party is half of what both take. */
async function measure(plan: Plan, lanes: number): Promise<{ party: number; dealer: number }> {
  const kernels = [createKernels(), createKernels(), createKernels()];
  const best = { party: Number.POSITIVE_INFINITY, dealer: Number.POSITIVE_INFINITY };
  for (let i = 0; i < 5; i++) {
    const { exchange, deal, evaluate } = await session(plan, kernels);
    best.party = Math.min(best.party, ((exchange + evaluate) / 2 / lanes) * 1e9);
    best.dealer = Math.min(best.dealer, (deal / lanes) * 1e9);
  }
  return best;
}
