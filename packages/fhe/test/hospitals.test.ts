import {
  bindStudy,
  type Cell,
  decodeRun,
  encodeUnit,
  type OwnCell,
  planStudy,
  runStudyClear,
  type Schema,
} from '@symbolon/analytics';
import { insecureTestRng } from '@symbolon/crypto';
import { beforeAll, expect, test } from 'vitest';
import { expectCells } from '../../analytics/test/secure/same.ts';
import { yields } from '../../analytics/test/session/network.ts';
import { MemoryDuck } from '../../analytics/test/sql/duckdb.ts';
import { cellTotals, type EncryptedColumn, openTotals, type Row, resultKey, specOf, translate } from '../src/index.ts';
import { encrypt, evaluate } from './encrypted.ts';

const hospitals = ['north', 'south', 'west'];
const columns: Schema['tables'][string]['columns'] = {
  id: { type: 'text', policy: 'join', required: true },
  region: { type: 'text', values: ['a', 'b', 'c'], policy: 'group' },
  treated: { type: 'boolean', policy: 'group' },
  cost: { type: 'number', min: '-100', max: '900', policy: 'group' },
};
const schema: Schema = {
  tables: { patients: { parties: hospitals, maxRows: 200, patient: 'id', onePerPatient: true, columns } },
  joins: [],
  minPatients: 5,
};
const encrypted: EncryptedColumn[] = Object.entries(columns).flatMap(([name, column]) =>
  name === 'id' ? [] : [{ name, column, squares: column.type === 'number' }],
);
const sql =
  'SELECT region, treated, COUNT(*) AS n, AVG(cost) AS mean, VAR_SAMP(cost) AS v FROM patients WHERE treated IS NOT NULL AND cost IS NOT NULL GROUP BY region, treated';

let duck: MemoryDuck;
beforeAll(async () => {
  duck = await MemoryDuck.open();
});

/** The session of three hospitals, each of which gives its cells. @returns all that opens, at each */
async function combined(cells: readonly (readonly OwnCell[])[]) {
  const bound = await bindStudy(sql, schema, duck);
  const sizes = { patients: Object.fromEntries(hospitals.map((party) => [party, { rows: 200, patients: 200 }])) };
  const run = planStudy(bound, sizes, { to: hospitals });
  expect(run.units.map(({ kind }) => kind)).toEqual(['own']);
  const inputs = hospitals.map((party, i) =>
    encodeUnit({ run, unit: 0, party, tables: new Map(), kept: new Map(), cells: cells[i]! }),
  );
  return { bound, ends: await yields({ program: run.units[0]!.program, inputs, seed: 'hospitals' }) };
}

test('what three hospitals decrypt adds up to the study over all their rows, without any row leaving', async () => {
  const rows = hospitals.map((name) => generate(name, 150));
  const bound = await bindStudy(sql, schema, duck);
  const cells: OwnCell[][] = [];
  for (const [i, own] of rows.entries()) {
    const table = await encrypt(encrypted.map(specOf), own, `hospital ${i}`);
    const translated = await translate(bound, encrypted, table.layout, duck);
    const part = await evaluate(table, translated.circuit);
    const totals = openTotals({ ...table, circuit: translated.circuit }, [part], resultKey(table.keys));
    cells.push(cellTotals(translated, totals));
  }
  const text = (value: Row[number]) => (value === null || value === undefined ? null : String(value));
  const data = Object.fromEntries(
    hospitals.map((name, i) => [
      name,
      rows[i]!.map(([region, treated, cost], j) => ({
        ...{ id: `${name} ${j}`, region: text(region!), cost: text(cost!) },
        treated: treated === null ? null : treated === 'true',
      })),
    ]),
  );
  const clear = await runStudyClear(bound, await duck.load(schema, { patients: data }), duck);
  const { ends } = await combined(cells);
  const shown: Cell[][] = ends.map((end) => decodeRun(bound, end).cells as Cell[]);
  expectCells(shown[0]!, clear.cells, sql);
  expect(shown[1]).toEqual(shown[0]);
  expect(clear.cells.some(({ suppressed }) => !suppressed[0])).toBe(true);
});

test('only sums open: the same sums from other hospitals open the same bytes, and one hospital that has too few withholds all', async () => {
  const { opened, supports } = await bindStudy(sql, schema, duck);
  const one = (of: number) => cellsOf((cell) => of + cell);
  // 40 + c, 60 + c, 50 + c patients of cell c, against 55 + c, 45 + c, 50 + c.
  const [first, second] = [await combined([40, 60, 50].map(one)), await combined([55, 45, 50].map(one))];
  expect([...second.ends[0]!]).toEqual([...first.ends[0]!]);
  const other = await combined([55, 45, 51].map(one));
  expect([...other.ends[0]!]).not.toEqual([...first.ends[0]!]);
  const few = await combined([one(40), one(60), cellsOf(() => 4)]);
  expect(decodeRun(few.bound, few.ends[0]!).cells.every(({ suppressed }) => suppressed.every(Boolean))).toBe(true);

  function cellsOf(patients: (cell: number) => number): OwnCell[] {
    return Array.from({ length: 12 }, (_, cell) => {
      const n = patients(cell);
      const numbers = opened.map(
        (number) => BigInt(n) * (number.kind === 'sum' ? 10n ** BigInt(number.factors.length) : 1n),
      );
      return { numbers, patients: supports.map(() => n) };
    });
  }
});

function generate(seed: string, count: number): Row[] {
  const bytes = insecureTestRng(seed)(count * 4);
  return Array.from({ length: count }, (_, i) => {
    const [a, b, c, d] = bytes.subarray(4 * i, 4 * i + 4) as unknown as [number, number, number, number];
    return [
      a % 13 === 0 ? null : 'aabc'[a % 4]!,
      b % 11 === 0 ? null : String(b % 3 === 0),
      c % 7 === 0 ? null : c * 3 - (d % 100),
    ];
  });
}
