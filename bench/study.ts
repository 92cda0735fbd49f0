import { binsOf, meetInputs, meetWires, type StudyProgram } from '@symbolon/analytics';
import { type Plan, PlanBuilder, sortBy, type Wire } from '@symbolon/engine';
import type { Row } from './row.ts';
import { row } from './row.ts';
import { type Mesh, startMesh } from './support/mesh.ts';

const parties = 3;
const million = 1_000_000;

/** Studies of three parties and the key service, each a process, with mutual TLS. */
export async function run(): Promise<Row[]> {
  const mesh = await startMesh(parties);
  try {
    return [...(await operations(mesh)), ...(await joined(mesh))];
  } finally {
    await mesh.close();
  }
}

/** The engine's operations: seconds from the exchanged masked inputs to the opened result; the inputs apart. */
async function operations(mesh: Mesh): Promise<Row[]> {
  return [
    ...(await measured(
      mesh,
      '64-bit products',
      million,
      0.12,
      9,
      binary(million, (b, x, y) => b.multiply(x, y)),
    )),
    ...(await measured(
      mesh,
      '64-bit <',
      100_000,
      0.1,
      9,
      binary(100_000, (b, x, y) => b.lessThan(x, y)),
    )),
    ...(await measured(
      mesh,
      'dot product',
      million,
      0.03,
      9,
      binary(million, (b, x, y) => b.dot(x, y)),
    )),
    ...(await measured(mesh, 'sort of 64-bit keys', million, 30, 1, sort(million))),
  ];
}

/** A hub's 10^5 rows meet those of each of two spokes; then sums by the hub's groups. */
async function joined(mesh: Mesh): Promise<Row[]> {
  const size = 100_000;
  const { exchange, evaluate, cpu } = await mesh.run(join(size, 16), 5);
  const name = 'secure join with each of two spokes, 4 columns of 64 bits in all, SUM by 16 groups';
  return [
    row('study', name, size, exchange + evaluate, 's', 5),
    row('study', `${name}: processor time, all roles`, size, cpu, 's'),
  ];
}

function join(size: number, groups: number): StudyProgram {
  const lanes = binsOf(size);
  const word = { kind: 'word', ring: 64 } as const;
  const meets = [1, 2].map((spoke) => ({ spoke, entries: [size, size] as const, columns: [word, word] }));
  const b = new PlanBuilder(parties);
  const shares = meets.map((meet, at) => meetInputs(b, at, meet));
  // One of each row's is 1.
  const hot = b.input('groups', 0, { ring: 64, size: groups * lanes });
  const columns = shares.flatMap((share) => meetWires(b, share).columns);
  const sums = b.matmul(hot, b.concat(columns), { rows: groups, cols: columns.length, inner: lanes });
  b.reveal(sums, [0], 'sums');
  return { protocol: 'study/1', parties, meets, plan: b.build() };
}

async function measured(
  mesh: Mesh,
  name: string,
  size: number,
  limit: number,
  rounds: number,
  plan: Plan,
): Promise<Row[]> {
  const { exchange, evaluate, cpu } = await mesh.run({ protocol: 'study/1', parties, meets: [], plan }, rounds);
  return [
    row('study', name, size, evaluate, 's', limit),
    row('study', `${name}: exchange of the masked inputs before it`, size, exchange, 's'),
    row('study', `${name}: processor time, all roles, both steps`, size, cpu, 's'),
  ];
}

function binary(size: number, operation: (b: PlanBuilder, x: Wire, y: Wire) => Wire): Plan {
  const b = new PlanBuilder(parties);
  const [x, y] = [b.input('x', 0, { ring: 64, size }), b.input('y', 1, { ring: 64, size })];
  // One word is opened: the cost is that of the operation.
  b.reveal(b.slice(operation(b, x, y), 0, 1), [0], 'result');
  return b.build();
}

function sort(size: number): Plan {
  const b = new PlanBuilder(parties);
  const key = b.inputBits('key', 0, 64 * size);
  const [sorted] = sortBy(b, [{ wire: key, width: 64 }], [key], size);
  b.reveal(b.slice(sorted!, 0, 64), [0], 'least');
  return b.build();
}
