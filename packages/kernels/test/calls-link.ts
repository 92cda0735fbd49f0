import { GF_TABLE_BYTES, type Kernels, OKVS_WORK_BYTES } from '../src/index.ts';
import type { MakeCall } from './calls.ts';
import { cuckooCalls } from './calls-cuckoo.ts';
import { matchCalls } from './calls-match.ts';
import { rowCalls } from './calls-rows.ts';

/** The kernels of record linkage: hashes, products by a fixed element, OKVS, rows. */
export const linkCalls: Record<string, MakeCall> = {
  blake3Items(n, pick) {
    const outBytes = 16 * pick(1, pick(0, 3) === 0 ? 16 : 4);
    const lengths = Array.from({ length: n }, () => (pick(0, 19) === 0 ? pick(0, 1024) : pick(0, 70)));
    const offsets = [0];
    for (const [i, length] of lengths.entries()) offsets.push(offsets[i]! + length);
    return {
      sizes: [outBytes * n, 32, offsets[n]!, 4 * (n + 1)],
      exact: true,
      run({ abi, arena }, [out, key, data, at]) {
        arena.u32(at!, n + 1).set(offsets);
        abi.blake3Items(out!, key!, data!, at!, n, outBytes);
      },
    };
  },
  blake3Fixed(n, pick) {
    const outBytes = 16 * pick(1, pick(0, 3) === 0 ? 16 : 4);
    const itemBytes = pick(0, 9) === 0 ? pick(65, 130) : pick(0, 64);
    return {
      sizes: [outBytes * n, 32, itemBytes * n],
      exact: true,
      run: ({ abi }, [out, key, items]) => abi.blake3Fixed(out!, key!, items!, itemBytes, n, outBytes),
    };
  },
  sha256Fixed(n, pick) {
    const itemBytes = pick(0, 1) === 0 ? 32 * pick(1, 2) : pick(0, 200);
    const prefix = pick(0, 255);
    return {
      sizes: [32 * n, itemBytes * n],
      exact: true,
      run: ({ abi }, [out, items]) => abi.sha256Fixed(out!, items!, itemBytes, n, prefix),
    };
  },
  gfTable: () => ({ sizes: [GF_TABLE_BYTES, 16], run: ({ abi }, [table, d]) => abi.gfTable(table!, d!) }),
  gfMulFixed: times('gfMulFixed'),
  gfMulAddFixed: times('gfMulAddFixed'),
  ...cuckooCalls,
  ...matchCalls,
  ...rowCalls,
  okvsCount: okvs(() => undefined),
  okvsScatter: okvs((call) => call.scatter()),
  okvsSort: okvs((call) => call.sort()),
  okvsEliminate: okvs((call) => call.eliminate()),
  okvsSolve: okvs((call) => call.solve()),
  okvsDecode: okvs((call) => call.decode()),
};

function times(name: 'gfMulFixed' | 'gfMulAddFixed'): MakeCall {
  return (n, pick) => {
    const alias = pick(0, 1);
    return {
      sizes: [16 * n, 16 * n, GF_TABLE_BYTES, 16],
      run({ abi }, p) {
        abi.gfTable(p[2]!, p[3]!);
        abi[name](p[alias]!, p[1]!, p[2]!, n);
      },
    };
  };
}

/** Everything up to some step, each step in two slices. */
function okvs(steps: (run: OkvsRun) => unknown): MakeCall {
  return (size, pick) => {
    const n = size % 300;
    const slots = Math.ceil(1.05 * n) + 255 + pick(0, 300);
    const buckets = ((slots - 256) >> 8) + 1;
    const blocks = pick(0, 1) === 0 ? 1 : pick(2, 16);
    const value = 16 * blocks;
    const sizes = [4 * buckets, 64 * n, 8 * n, 4 * n, value * n, (48 + value) * slots, value * slots, value * n];
    const cuts = { rows: pick(0, n), buckets: pick(0, buckets), slots: pick(0, slots) };
    return {
      sizes: [...sizes, OKVS_WORK_BYTES],
      exact: true,
      scratch: [8],
      run: (kernels, ptrs) => steps(new OkvsRun(kernels, ptrs, { rows: n, buckets, slots, blocks }, cuts)),
    };
  };
}

interface Cuts {
  rows: number;
  buckets: number;
  slots: number;
}

interface Sizes extends Cuts {
  blocks: number;
}

class OkvsRun {
  readonly #kernels: Kernels;
  readonly #ptrs: number[];
  readonly #n: Sizes;
  readonly #cut: Cuts;

  constructor(kernels: Kernels, ptrs: number[], n: Sizes, cut: Cuts) {
    this.#kernels = kernels;
    this.#ptrs = ptrs;
    this.#n = n;
    this.#cut = cut;
    const { abi, arena } = kernels;
    const [heads, rows] = ptrs;
    arena.u32(heads!, n.buckets).fill(0);
    abi.okvsCount(heads!, rows!, cut.rows, n.slots);
    abi.okvsCount(heads!, rows! + 64 * cut.rows, n.rows - cut.rows, n.slots);
  }

  scatter(): void {
    const { abi, arena } = this.#kernels;
    const [heads, rows, pairs] = this.#ptrs;
    const counts = arena.u32(heads!, this.#n.buckets);
    let begin = 0;
    for (const [bucket, count] of counts.entries()) {
      counts[bucket] = begin;
      begin += count;
    }
    const cut = this.#cut.rows;
    abi.okvsScatter(pairs!, heads!, rows!, 0, cut, this.#n.slots);
    abi.okvsScatter(pairs!, heads!, rows! + 64 * cut, cut, this.#n.rows - cut, this.#n.slots);
  }

  sort(): void {
    this.scatter();
    const [heads, , pairs, order, , , , , work] = this.#ptrs;
    this.#kernels.abi.okvsSort(order!, pairs!, heads!, 0, this.#cut.buckets, work!);
    this.#kernels.abi.okvsSort(order!, pairs!, heads!, this.#cut.buckets, this.#n.buckets, work!);
  }

  eliminate(): number[] {
    this.sort();
    const { abi, arena } = this.#kernels;
    const [, rows, , order, values, table, , , work] = this.#ptrs;
    const { slots, blocks } = this.#n;
    arena.bytes(table!, (48 + 16 * blocks) * slots).fill(0);
    const insert = (from: number, to: number) =>
      abi.okvsEliminate(table!, rows!, values!, order!, from, to, slots, blocks, work!);
    return [insert(0, this.#cut.rows), insert(this.#cut.rows, this.#n.rows)];
  }

  solve(): number[] {
    const inserted = this.eliminate();
    const [, , , , , table, slots, , work] = this.#ptrs;
    const cut = this.#cut.slots;
    const { slots: count, blocks } = this.#n;
    this.#kernels.abi.okvsSolve(slots!, table!, cut, count, count, blocks, work!);
    this.#kernels.abi.okvsSolve(slots!, table!, 0, cut, count, blocks, work!);
    return inserted;
  }

  decode(): void {
    this.sort();
    const [, rows, , order, , , slots, out, work] = this.#ptrs;
    const cut = this.#cut.rows;
    const { rows: n, slots: count, blocks } = this.#n;
    this.#kernels.abi.okvsDecode(out!, rows!, slots!, order!, 0, cut, count, blocks, work!);
    this.#kernels.abi.okvsDecode(out!, rows!, slots!, order!, cut, n, count, blocks, work!);
  }
}
