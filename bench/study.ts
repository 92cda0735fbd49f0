import { type Plan, PlanBuilder, sortBy, type Wire } from '@symbolon/engine';
import type { Row } from './row.ts';
import { row } from './row.ts';
import { type Mesh, startMesh } from './support/mesh.ts';

const parties = 3;
const million = 1_000_000;

/** Studies of three parties and the key service, each a process, with mutual TLS. */
export async function run(): Promise<Row[]> {
  return operations();
}

/** The engine's operations: seconds from the exchanged masked inputs to the opened result; the inputs apart. */
async function operations(): Promise<Row[]> {
  const mesh = await startMesh(parties);
  try {
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
  } finally {
    await mesh.close();
  }
}

async function measured(
  mesh: Mesh,
  name: string,
  size: number,
  limit: number,
  rounds: number,
  plan: Plan,
): Promise<Row[]> {
  const { exchange, evaluate, cpu } = await mesh.run(plan, rounds);
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
