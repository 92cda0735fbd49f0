import { beforeAll, describe, expect, test } from 'vitest';
import { bindStudy, type Cell, runStudyClear } from '../../src/index.ts';
import { cutRecords, planStudy } from '../../src/secure/index.ts';
import { ownTables, sizesOf } from '../secure/rehearse.ts';
import { runUnits } from '../secure/sessions.ts';
import { type Data, MemoryDuck, type Row } from '../sql/duckdb.ts';
import { alike, mostAlike, schemaOf } from './people.ts';

let duck: MemoryDuck;
beforeAll(async () => {
  duck = await MemoryDuck.open();
});

const patient = (pid: string, name: string | null, more: Row = {}): Row => ({
  pid,
  name,
  born: '1970-01-01',
  arm: 'a',
  age: '0.0',
  time: '1',
  died: false,
  ...more,
});
const registered = (code: number, called: string | null, more: Row = {}): Row => ({
  code: String(code),
  called,
  birth: '1970-01-01',
  region: 'hill',
  paid: '1',
  app: true,
  ...more,
});
const sql =
  'SELECT COUNT(*) AS n, SUM(p.time) AS hub, SUM(r.paid) AS spoke FROM patients p JOIN registered r ON agreed(p, r)';

/** Count, sum over the hub's rows, sum over the spoke's; and how many rows the cap cut of each. */
async function joined(hub: readonly Row[], spoke: readonly Row[], rule = alike) {
  const schema = schemaOf(rule);
  const bound = await bindStudy(sql, schema, duck);
  const data: Data = { patients: { north: hub }, registered: { registry: spoke } };
  const tables = await duck.load(schema, data);
  const owned = await ownTables(bound, tables, duck);
  const run = planStudy(bound, sizesOf(bound, owned), { to: ['office'] });
  const { released, kept } = await runUnits(run, owned);
  const numbers = ([cell]: readonly Cell[]) => cell!.values.map((value) => (value === null ? null : Number(value)));
  const cut = ['north', 'registry'].map((party) => cutRecords(run, 0, kept.get(party)!.get(0)!));
  return {
    secure: numbers(released.get('office')!.cells),
    clear: numbers((await runStudyClear(bound, tables, duck)).cells),
    cut,
    told: kept.get('office')?.get(0),
  };
}

describe('a row of either table is in one pair at most', () => {
  test('of twins in the spoke one counts', async () => {
    const { secure, clear } = await joined(
      [patient('p', 'abcdefghi', { time: '5' })],
      [registered(1, 'abcdefghi', { paid: '10' }), registered(2, 'abcdefghi', { paid: '20' })],
    );
    expect(secure).toEqual([1, 5, expect.toBeOneOf([10, 20])]);
    expect(clear).toEqual([1, 5, 10]);
  });

  test('of twins in the hub one counts, of each pair of them', async () => {
    const names = ['abcdefghi', 'jihgfedcb', 'aaaaccccc'];
    const { secure } = await joined(
      names.flatMap((name, i) => [patient(`p${i}`, name, { time: '5' }), patient(`q${i}`, name, { time: '6' })]),
      names.map((name, i) => registered(i, name, { paid: '10' })),
    );
    expect(secure).toEqual([3, expect.toBeOneOf([15, 16, 17, 18]), 30]);
  });

  test('whose pick another has, goes without: pairs are not rearranged', async () => {
    // Both of the hub are like the first of the spoke, and the second is like the last of the hub alone; what that one picks is left to chance.
    const { secure } = await joined(
      [patient('p', 'abcdefgh'), patient('q', 'abcdefghi', { time: '7' })],
      [registered(1, 'abcdefgh'), registered(2, 'abcdefghij', { paid: '9' })],
    );
    expect([
      [2, 8, 10],
      [1, 1, 1],
      [1, 7, 1],
    ]).toContainEqual(secure);
  });

  test('the best has the highest score on both sides', async () => {
    const { secure, clear } = await joined(
      [
        patient('p', 'abcdefghx', { time: '3' }),
        patient('q', 'abcdefghi', { time: '4' }),
        patient('r', 'abcdefghi', { time: '5', born: '1971-01-01' }),
      ],
      [
        registered(1, 'abcdefghy', { paid: '10', birth: '1980-01-01' }),
        registered(2, 'abcdefghi', { paid: '20' }),
        registered(3, 'zzzzzzzzz', { paid: '40' }),
      ],
      mostAlike,
    );
    // p and q pick 2, of whom q is more alike; r picks it too.
    expect(secure).toEqual([1, 4, 20]);
    expect(clear).toEqual(secure);
  });
});

test('rows without a name, or without any key, join none', async () => {
  const { secure, clear } = await joined(
    [
      patient('p', null),
      patient('q', 'abcdefghi', { born: null }),
      patient('r', 'bbbbbbbbb', { born: null }),
      patient('s', 'ccccccccc'),
    ],
    [
      registered(1, null),
      registered(2, 'abcdefghi', { birth: null, paid: '8' }),
      registered(3, 'xbbbbbbbb', { birth: null }),
      registered(4, 'ddddddddd'),
    ],
  );
  expect(secure).toEqual([1, 1, 8]);
  expect(clear).toEqual(secure);
});

test('tables without any row, and of one', async () => {
  expect((await joined([], [registered(1, 'abcdefghi')])).secure).toEqual([null, null, null]);
  expect((await joined([patient('p', 'abcdefghi')], [])).secure).toEqual([null, null, null]);
  expect((await joined([patient('p', 'abcdefghi')], [registered(1, 'abcdefgh')])).secure).toEqual([1, 1, 1]);
});

test('each owner hears how many of its own rows the cap cut, nobody else does', async () => {
  const same = (i: number): string => `abcd${String.fromCharCode(97 + i).repeat(5)}`;
  const { cut, told } = await joined(
    Array.from({ length: 9 }, (_, i) => patient(`p${i}`, same(i))),
    Array.from({ length: 6 }, (_, i) =>
      registered(i, `${String.fromCharCode(97 + i)}abcd${i}`, { birth: '1980-01-01' }),
    ),
  );
  // Blocks of four: nine patients share both keys, six of the registry one.
  expect(cut[0]).toBeGreaterThanOrEqual(5);
  expect(cut[0]).toBeLessThanOrEqual(9);
  expect(cut[1]).toBe(2);
  expect(told).toBeUndefined();
});
