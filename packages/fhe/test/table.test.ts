import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import {
  bandId,
  type Circuit,
  clearNodes,
  digitId,
  digitsOf,
  type Node,
  openTotals,
  type Part,
  type Row,
  resultKey,
  unknownId,
  validId,
  valueId,
} from '../src/index.ts';
import { clearTotals, type Encrypted, encrypt, evaluate } from './encrypted.ts';
import { patientSpecs, patients } from './patients.ts';

describe('a table of patients', () => {
  const rows = patients(9000, 'patients');
  let table: Encrypted;
  beforeAll(async () => {
    table = await encrypt(patientSpecs, rows, 'checks');
  });
  const open = (circuit: Circuit, parts: readonly Part[]) =>
    openTotals({ ...table, circuit }, parts, resultKey(table.keys));

  /** Women from 30 to 59: how many, how many treated, recovered, both, and what they cost. */
  function efficacy(): Circuit {
    const nodes: Node[] = [
      { op: 'columns', columns: [2, 3, 4].map((band) => bandId('age', band)) },
      { op: 'columns', columns: [valueId('sex', 'f')] },
      { op: 'product', left: 0, right: 1 },
      { op: 'columns', columns: [valueId('treated', 'true')] },
      { op: 'product', left: 2, right: 3 },
      { op: 'columns', columns: [valueId('recovered', 'true')] },
      { op: 'product', left: 2, right: 5 },
      { op: 'product', left: 4, right: 5 },
    ];
    const outputs = [2, 4, 6, 7];
    for (const { id } of digitsOf(table.layout, 'cost')) {
      nodes.push({ op: 'columns', columns: [id] }, { op: 'product', left: 2, right: nodes.length });
      outputs.push(nodes.length - 1);
    }
    return { nodes, outputs };
  }

  test('an efficacy question gives what plain arithmetic gives, in one part and in two', async () => {
    const circuit = efficacy();
    const isIn = ([sex, age]: Row) => sex === 'f' && age !== null && Number(age) >= 30 && Number(age) < 60;
    const chosen = rows.filter(isIn);
    const count = (holds: (row: Row) => boolean) => chosen.filter(holds).length;
    const [n, treated, recovered, both, ...digits] = open(circuit, [await evaluate(table, circuit)]);
    expect([n, treated, recovered, both]).toEqual([
      chosen.length,
      count((row) => row[2] === 'true'),
      count((row) => row[3] === 'true'),
      count((row) => row[2] === 'true' && row[3] === 'true'),
    ]);
    const cost = digits.reduce((sum, digit, i) => sum + digit * table.layout.base ** i, 0);
    expect(cost).toBe(chosen.reduce((sum, row) => sum + Number(row[4] ?? 0), 0));
    const halves = [await evaluate(table, circuit, 0, 1), await evaluate(table, circuit, 1, 1)];
    expect(open(circuit, halves)).toEqual([n, treated, recovered, both, ...digits]);
  });

  test('all rows, those whose value is known, squares: no filter counts padding', async () => {
    const ids = [
      validId,
      unknownId('age'),
      bandId('cost', 0),
      ...digitsOf(table.layout, 'cost', true).map(({ id }) => id),
    ];
    const circuit: Circuit = {
      nodes: ids.map((id) => ({ op: 'columns', columns: [id] })),
      outputs: ids.map((_, i) => i),
    };
    const [n, ages, costs, ...squares] = open(circuit, [await evaluate(table, circuit)]);
    const known = rows.flatMap((row) => (row[4] === null ? [] : [Number(row[4])]));
    expect([n, ages, costs]).toEqual([rows.length, rows.filter((row) => row[1] === null).length, known.length]);
    const total = squares.reduce((sum, digit, i) => sum + BigInt(digit) * BigInt(table.layout.base) ** BigInt(i), 0n);
    expect(total).toBe(known.reduce((sum, cost) => sum + BigInt(cost) ** 2n, 0n));
  });

  test('random circuits mean what plain arithmetic means', async () => {
    const bands = fc.subarray([0, 1, 2, 3, 4, 5, 6, 7], { minLength: 1, maxLength: 6 });
    const parts = fc.tuple(bands, fc.constantFrom('f', 'm'), fc.boolean(), fc.boolean());
    const random = fc.asyncProperty(parts, async ([chosen, sex, isNull, swap]) => {
      const age = chosen.map((band) => bandId('age', band));
      const nodes: Node[] = [
        { op: 'columns', columns: [valueId('treated', 'true'), ...(isNull ? [unknownId('treated')] : [])] },
        { op: 'choose', branches: [{ columns: age, times: null }] },
        { op: 'product', left: swap ? 1 : 0, right: swap ? 0 : 1 },
        {
          op: 'choose',
          branches: [
            { columns: [valueId('sex', sex)], times: 2 },
            { columns: [unknownId('sex')], times: null },
          ],
        },
        { op: 'columns', columns: [digitId('cost', 0)] },
        { op: 'product', left: 3, right: 4 },
      ];
      const circuit: Circuit = { nodes, outputs: [1, 2, 3, 5] };
      const found = open(circuit, [await evaluate(table, circuit)]);
      const expected = clearTotals(table.layout, rows, (value) => {
        const values = clearNodes(circuit, value);
        return circuit.outputs.map((node) => values[node]!);
      });
      expect(found).toEqual(expected);
    });
    await fc.assert(random, { numRuns: process.env.SLOW === '1' ? 30 : 3 });
  });
});
