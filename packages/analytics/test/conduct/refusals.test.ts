import { beforeAll, expect, test } from 'vitest';
import { bindMethod, decodeBound, encodeUnit, planBound, type Schema } from '../../src/index.ts';
import { ownTables, sizesOf } from '../secure/rehearse.ts';
import { MemoryDuck } from '../sql/duckdb.ts';
import { methodOf } from '../study/method.ts';
import { randomPatients, schemaOf } from './schema.ts';

let duck: MemoryDuck;
beforeAll(async () => {
  duck = await MemoryDuck.open();
});

const survival = methodOf('survival', { at: [5, 10] });
const logistic = methodOf('logistic-regression');
const parties = ['north', 'south'];
const schema = schemaOf(parties, 2, false);

async function plan(sql: string, method: typeof survival, of: Schema, to = ['office']) {
  const bound = await bindMethod({ sql, method }, of, duck);
  const owned = await ownTables(bound, await duck.load(of, randomPatients(parties, 30, 2)), duck);
  return { bound, owned, run: planBound(bound, sizesOf(bound.rows, owned), { to }) };
}

test('a table with several rows of a patient is refused', async () => {
  const { onePerPatient: _, ...patients } = schema.tables.patients!;
  const many = { ...schema, tables: { ...schema.tables, patients } };
  for (const [sql, method] of [
    ['SELECT time, died AS event FROM patients', survival],
    ['SELECT ill AS y, age FROM patients', logistic],
  ] as const)
    await expect(plan(sql, method, many)).rejects.toMatchObject({
      code: 'study-unsupported',
      message: expect.stringMatching(/several rows of a patient.*one row a patient/),
    });
});

test('more patients than were agreed, or two rows of one, are errors at their owner', async () => {
  const { run, owned } = await plan('SELECT time, died AS event FROM patients', survival, schema);
  const encode = (size: number, own = owned.get('north')!.get('patients')!) => {
    const north = { rows: 100, patients: size };
    const sizes = { patients: { ...run.sizes.patients, north } };
    return encodeUnit({
      run: { ...run, sizes },
      unit: 0,
      party: 'north',
      tables: new Map([['patients', own]]),
      kept: new Map(),
    }).inputs(undefined);
  };
  expect(() => encode(1)).toThrow(/patients, and 1 were agreed/);
  const { patients, ...own } = owned.get('north')!.get('patients')!;
  expect(() => encode(100, { ...own, patients: patients.map(() => 'same') })).toThrow(/more than 1 rows/);
});

test('what opened must have the shape of the study', async () => {
  for (const [sql, method, name] of [
    ['SELECT time, died AS event FROM patients', survival, 'survival'],
    ['SELECT ill AS y, age FROM patients', logistic, 'logistic'],
  ] as const) {
    const { bound, run } = await plan(sql, method, schema);
    expect(() => decodeBound(bound, run, new Map())).toThrow(`'${name}' did not open`);
    expect(() => decodeBound(bound, run, new Map([[name, new Uint8Array(8)]]))).toThrow(/does not take 8 bytes/);
  }
});
