import { cuckooBins, decodeOkvs, encodeOkvs, NO_ENTRY, okvsBytes, systemRng, toEnd } from '@symbolon/crypto';
import { createKernels, GF_TABLE_BYTES, PLANES_WORK_BYTES, panelBytes } from '@symbolon/kernels';

export interface Row {
  bench: string;
  case: string;
  n: number;
  value: number;
  unit: string;
  /** The least value that is good enough, here a third of what the reference machine does; null where there is none. */
  limit: number | null;
  ok: boolean;
}

const WARM_UP = 40;
const REPETITIONS = 5;
const SAMPLE_SECONDS = 0.03;

function cpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

/** CPU seconds of one call: the minimum over repetitions, each of many calls, as other processes share the cores. */
function seconds(call: () => void): number {
  for (let i = 0; i < WARM_UP; i++) call();
  let best = Number.POSITIVE_INFINITY;
  for (let r = 0; r < REPETITIONS; r++) {
    const start = cpuSeconds();
    let calls = 0;
    let spent = 0;
    for (; spent < SAMPLE_SECONDS; spent = cpuSeconds() - start) {
      call();
      calls++;
    }
    best = Math.min(best, spent / calls);
  }
  return best;
}

/** Speed of the kernels on one core, in the unit of each row. */
export async function run(): Promise<Row[]> {
  const { abi, arena } = createKernels();
  const block = (bytes: number) => {
    const ptr = arena.alloc(bytes);
    const words = arena.u32(ptr, bytes >> 2);
    for (let i = 0; i < words.length; i++) words[i] = Math.imul(i + 1, 0x9e3779b1);
    return ptr;
  };
  const measure = (name: string, n: number, operations: number, unit: string, limit: number, call: () => void): Row => {
    const value = operations / seconds(call) / (unit.startsWith('G') ? 1e9 : 1e6);
    return { bench: 'kernels', case: name, n, value, unit, limit, ok: value >= limit };
  };

  const n = 1_000_000;
  const [out, a, b] = [block(8 * n), block(8 * n), block(8 * n)];
  const rows: Row[] = [
    measure('mul64', n, n, 'G/s', 0.35, () => abi.mul64(out, a, b, n)),
    measure('fma64', n, n, 'G/s', 0.35, () => abi.fma64(out, a, b, n)),
  ];

  const stride = Math.ceil(n / 128) * 16;
  const slices = block(64 * stride);
  rows.push(measure('slice16, 16 bits', n, n, 'G/s', 0.6, () => abi.slice16(slices, stride, a, n, 0, 16)));
  rows.push(measure('slice64, 64 bits', n, n, 'G/s', 0.12, () => abi.slice64(slices, stride, a, n, 0, 64)));

  // Sixteen shares and four Δ of 32 KiB fit into the second-level cache.
  const bits = 262_144;
  const vectors = Array.from({ length: 20 }, () => block(bits / 8));
  const [deltas, shares] = [arena.alloc(16), arena.alloc(64)];
  arena.u32(deltas, 4).set(vectors.slice(0, 4));
  arena.u32(shares, 16).set(vectors.slice(4));
  rows.push(measure('fold f=4', bits, bits, 'Gbit/s', 6, () => abi.fold(out, deltas, shares, 1, 4, bits / 8)));
  const numbers = bits / 64;
  rows.push(
    measure('fold64 f=4', numbers, numbers, 'G/s', 0.03, () => abi.fold64(out, deltas, shares, 3n, 4, numbers)),
  );

  const [lines, cols, inner] = [64, 512, 3648];
  const [left, right, panel] = [block(lines * inner * 2), block(cols * inner * 2), block(panelBytes(16, cols, inner))];
  abi.pack16(panel, right, cols, inner);
  const products = lines * cols * inner;
  rows.push(
    measure('gemm16 64 × 512 × 3648', products, products, 'GMAC/s', 10, () =>
      abi.gemm16(out, left, panel, lines, cols, inner),
    ),
  );
  const linked = 20_000;
  const [key, table, digests] = [block(32), block(GF_TABLE_BYTES), block(64 * linked)];
  const [items, offsets] = [block(64 * linked), block(4 * (linked + 1))];
  for (let i = 0; i <= linked; i++) arena.u32(offsets, linked + 1)[i] = 40 * i;
  rows.push(
    measure('blake3Items, 40 bytes', linked, linked, 'M/s', 6, () =>
      abi.blake3Items(digests, key, items, offsets, linked, 64),
    ),
    measure('blake3Fixed, 32 bytes', linked, linked, 'M/s', 6, () =>
      abi.blake3Fixed(digests, key, items, 32, linked, 32),
    ),
    measure('blake3Fixed, 48 bytes to 80', linked, linked, 'M/s', 3, () =>
      abi.blake3Fixed(slices, key, items, 48, linked, 80),
    ),
  );
  abi.gfTable(table, key);
  rows.push(measure('gfMulFixed', linked, linked, 'M/s', 40, () => abi.gfMulFixed(digests, items, table, linked)));
  rows.push(
    measure('interleave, 16 and 32 bytes', linked, linked, 'M/s', 50, () =>
      abi.interleave(digests, items, 16, items, 32, linked),
    ),
  );
  const [planeStride, work] = [Math.ceil(linked / 128) * 16, arena.alloc(PLANES_WORK_BYTES)];
  const rowBits = 640 * linked;
  rows.push(
    measure('rowsToPlanes, 80 bytes', linked, rowBits, 'Gbit/s', 5, () =>
      abi.rowsToPlanes(slices, planeStride, a, 80, linked, 0, 640, work),
    ),
    measure('planesToRows, 80 bytes', linked, rowBits, 'Gbit/s', 4, () =>
      abi.planesToRows(a, 80, slices, planeStride, linked, 0, 640, work),
    ),
  );
  const order = block(4 * linked);
  arena.u32(order, linked).forEach((x, i, indices) => {
    indices[i] = x % linked;
  });
  rows.push(
    measure('combineRows, 80 bytes', linked, linked, 'M/s', 10, () =>
      abi.combineRows(slices, a, order, b, order, linked, 80, 2, 4, 3),
    ),
  );
  const third = cuckooBins(linked) / 3;
  arena.bytes(items, 32 * linked).set(systemRng(32 * linked));
  abi.cuckooCandidates(out, items, linked, third);
  rows.push(
    measure('cuckooInsert', linked, linked, 'M/s', 10, () => {
      arena.u32(a, 3 * third).fill(NO_ENTRY);
      const placed = abi.cuckooInsert(a, out, 0, linked, 1000, key);
      if (placed !== linked) throw new Error(`cuckoo hashing placed ${placed} of ${linked} entries`);
    }),
  );
  for (const keys of [2 ** 20, 2 ** 22]) rows.push(...okvsRows(keys, 1));
  rows.push(...okvsRows(400_000, 5));
  return rows;
}

/** Seconds to make a store of so many random keys, of values of so many blocks, and to read them all back; the least of three. */
function okvsRows(n: number, blocks: number): Row[] {
  const kernels = createKernels();
  const { arena } = kernels;
  const random = (bytes: number) => {
    const ptr = arena.alloc(bytes);
    for (let at = 0; at < bytes; at += 2 ** 20) {
      const size = Math.min(2 ** 20, bytes - at);
      arena.bytes(ptr + at, size).set(systemRng(size));
    }
    return ptr;
  };
  const [valueBytes, bytes] = [16 * blocks * n, okvsBytes(n, blocks)];
  const [rows, values] = [random(64 * n), random(valueBytes)];
  const [slots, out] = [arena.alloc(bytes), arena.alloc(valueBytes)];
  const read = { ptr: slots, bytes, keys: n, blocks };
  const best = { encode: Number.POSITIVE_INFINITY, decode: Number.POSITIVE_INFINITY };
  for (let repetition = 0; repetition < 3; repetition++) {
    const start = cpuSeconds();
    const encoded = toEnd(encodeOkvs({ kernels, rows, values, n, blocks, slots, random: systemRng }));
    const half = cpuSeconds();
    toEnd(decodeOkvs({ kernels, rows, n, slots: read, out }));
    const end = cpuSeconds();
    const same = Buffer.compare(arena.bytes(out, valueBytes), arena.bytes(values, valueBytes)) === 0;
    if (!encoded || !same) throw new Error(`the OKVS of ${n} keys did not give back its values`);
    best.encode = Math.min(best.encode, half - start);
    best.decode = Math.min(best.decode, end - half);
  }
  const row = (name: 'encode' | 'decode', limit: number): Row => {
    const value = n / best[name] / 1e6;
    return {
      bench: 'kernels',
      case: `OKVS ${name}, ${16 * blocks} bytes`,
      n,
      value,
      unit: 'M keys/s',
      limit,
      ok: value >= limit,
    };
  };
  return blocks === 1 ? [row('encode', 1.8), row('decode', 3)] : [row('encode', 0.7), row('decode', 1)];
}
