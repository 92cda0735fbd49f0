import { binsOf, type StudyProgram } from '@symbolon/analytics';
import type { Row } from './row.ts';
import { row } from './row.ts';
import { type Mesh, startMesh } from './support/mesh.ts';
import {
  binary,
  joinAndSum,
  knownGroups,
  logistic,
  parties,
  sort,
  survival,
  unknownGroups,
} from './support/study-programs.ts';

const million = 1_000_000;
const many = 100_000;
/** Of the public data set rotterdam. */
const rotterdam = { patients: 2982, days: 7043 };

/** Studies of three parties and the key service, each a process, with mutual TLS. */
export async function run(): Promise<Row[]> {
  const mesh = await startMesh(parties);
  try {
    return [...(await operations(mesh)), ...(await studies(mesh))];
  } finally {
    await mesh.close();
  }
}

/** The engine's operations: seconds from the exchanged masked inputs to the opened result. */
async function operations(mesh: Mesh): Promise<Row[]> {
  const products = binary(million, (b, x, y) => b.multiply(x, y));
  const less = binary(many, (b, x, y) => b.lessThan(x, y));
  const dot = binary(million, (b, x, y) => b.dot(x, y));
  return [
    ...(await measured(mesh, ['64-bit products', million, 0.12, 9], products, 'evaluate')),
    ...(await measured(mesh, ['64-bit <', many, 0.1, 9], less, 'evaluate')),
    ...(await measured(mesh, ['dot product', million, 0.03, 9], dot, 'evaluate')),
    ...(await measured(mesh, ['GROUP BY 16 known groups, SUM', many, 0.3, 5], await knownGroups(many), 'evaluate')),
    ...(await measured(
      mesh,
      ['GROUP BY 65,536 unknown groups, SUM', many, 2.5, 3],
      await unknownGroups(many),
      'evaluate',
    )),
    ...(await measured(mesh, ['sort of 64-bit keys', million, 30, 1], sort(million), 'evaluate')),
  ];
}

/** Whole studies: seconds from the first frame to the opened result. */
async function studies(mesh: Mesh): Promise<Row[]> {
  const lanes = Math.ceil(binsOf(Math.max(rotterdam.patients, 4096)) / 64) * 64;
  const curves = survival(lanes, rotterdam.days);
  return [
    ...(await measured(mesh, ['secure join, 4 columns, SUM by 16 groups', many, 5, 5], await joinAndSum(many), 'all')),
    ...(await measured(
      mesh,
      ['logistic regression, 10 covariates, 8 iterations', many, 20, 1],
      logistic(many, 8),
      'all',
    )),
    ...(await measured(
      mesh,
      ['Kaplan–Meier and log-rank, as many as rotterdam', rotterdam.patients, 5, 3],
      curves,
      'all',
    )),
  ];
}

/** @param part the time from the exchanged masked inputs on stands against the limit; else all of it */
async function measured(
  mesh: Mesh,
  [name, size, limit, rounds]: readonly [name: string, size: number, limit: number, rounds: number],
  program: StudyProgram,
  part: 'evaluate' | 'all',
): Promise<Row[]> {
  const { exchange, evaluate, cpu } = await mesh.run(program, rounds);
  return [
    row('study', name, size, part === 'all' ? exchange + evaluate : evaluate, 's', limit),
    ...(part === 'all' ? [] : [row('study', `${name}: exchange of the masked inputs before it`, size, exchange, 's')]),
    row('study', `${name}: processor time, all roles`, size, cpu, 's'),
  ];
}
