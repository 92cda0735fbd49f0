import {
  afterSql,
  bindMethod,
  bindStudy,
  type ClearTables,
  finishMethod,
  largestRelativeDifference,
  runMethodClear,
  runStudyClear,
  type Schema,
  type StudyColumn,
} from '@symbolon/analytics';
import { insecureTestRng } from '@symbolon/crypto';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { MemoryDuck } from '../../analytics/test/sql/duckdb.ts';
import { methodOf } from '../../analytics/test/study/method.ts';
import {
  aggregatesOf,
  answer,
  type Circuit,
  clearNodes,
  type EncryptedColumn,
  layOut,
  openTotals,
  type Row,
  resultKey,
  specOf,
  translate,
  type Value,
} from '../src/index.ts';
import { clearTotals, encrypt, evaluate } from './encrypted.ts';

const columns: Readonly<Record<string, StudyColumn>> = {
  id: { type: 'text', policy: 'filter', required: true },
  sex: { type: 'text', values: ['f', 'm'], policy: 'group' },
  region: { type: 'text', values: ['east', 'west', 'north', 'south'], policy: 'group' },
  born: { type: 'date', min: '1930-01-01', max: '2009-12-31', policy: 'group' },
  treated: { type: 'boolean', policy: 'group' },
  recovered: { type: 'boolean', policy: 'group' },
  cost: { type: 'number', min: '-50.00', max: '9999.99', scale: 2, policy: 'filter' },
  stays: { type: 'number', min: '0', max: '9', policy: 'filter', required: true },
};
const schema = (minPatients: number): Schema => ({
  tables: {
    patients: { parties: ['hospital'], maxRows: 100_000, patient: 'id', onePerPatient: true, columns },
  },
  joins: [],
  minPatients,
});
const encrypted: EncryptedColumn[] = Object.entries(columns).flatMap(([name, column]) => {
  if (name === 'id') return [];
  const cuts =
    name === 'born' ? ['1950-01-01', '1970-01-01', '1990-01-01'] : name === 'stays' ? ['1', '2', '3'] : undefined;
  return [{ name, column, squares: column.type === 'number', ...(cuts === undefined ? {} : { cuts }) }];
});

/** Patients as DuckDB has them, and as whole numbers to encrypt. */
function generate(count: number): { sql: Record<string, string | boolean | null>[]; rows: Row[] } {
  const bytes = insecureTestRng('question')(count * 16);
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const sql: Record<string, string | boolean | null>[] = [];
  const rows: Row[] = [];
  for (let i = 0; i < count; i++) {
    const draw = (at: number, below: number) => view.getUint16(16 * i + 2 * at, true) % below;
    const days = -14_610 + draw(0, 29_000);
    const cents = -5000 + draw(1, 60_000) * 16;
    const values: [string, string | boolean, Value][] = [
      ['sex', ['f', 'm'][draw(2, 2)]!, ['f', 'm'][draw(2, 2)]!],
      ['region', ['east', 'west', 'north', 'south'][draw(3, 4)]!, ['east', 'west', 'north', 'south'][draw(3, 4)]!],
      ['born', new Date(days * 86_400_000).toISOString().slice(0, 10), days],
      ['treated', draw(4, 5) < 2, String(draw(4, 5) < 2)],
      ['recovered', draw(5, 3) === 0, String(draw(5, 3) === 0)],
      ['cost', (cents / 100).toFixed(2), cents],
      ['stays', String(draw(6, 10)), draw(6, 10)],
    ];
    const nulls = view.getUint16(16 * i + 14, true);
    const isNull = (place: number) => values[place]![0] !== 'stays' && nulls % 11 === place;
    sql.push({ id: `p${i}`, ...Object.fromEntries(values.map(([name, text], j) => [name, isNull(j) ? null : text])) });
    rows.push(values.map(([, , value], j) => (isNull(j) ? null : value)));
  }
  return { sql, rows };
}

const questions = [
  'SELECT COUNT(*) FROM patients p',
  "SELECT COUNT(*) AS n, SUM(p.cost) AS cost FROM patients p WHERE p.sex = 'f' AND p.born >= DATE '1950-01-01' AND p.born < DATE '1990-01-01'",
  "SELECT p.treated, p.recovered, COUNT(*) AS n FROM patients p WHERE p.region IN ('east', 'west') AND p.treated IS NOT NULL AND p.recovered IS NOT NULL GROUP BY p.treated, p.recovered ORDER BY 1, 2",
  'SELECT p.region, COUNT(*) AS n, AVG(p.cost) AS mean, VAR_SAMP(p.cost) AS v FROM patients p WHERE p.cost IS NOT NULL GROUP BY p.region ORDER BY n DESC, 1',
  "SELECT COUNT(*) FROM patients p WHERE NOT (p.sex = 'f' OR p.region = 'north')",
  "SELECT COUNT(*) FROM patients p WHERE p.sex <> 'f' OR p.sex IS NULL",
  "SELECT COUNT(*) FROM patients p WHERE upper(p.region) LIKE '%ST' AND p.stays >= 2",
  'SELECT COUNT(*) FILTER (WHERE p.treated) AS treated, COUNT(*) FILTER (WHERE NOT p.treated) AS others FROM patients p WHERE p.treated IS NOT NULL',
  'SELECT AVG(CASE WHEN p.recovered THEN 1 ELSE 0 END) AS rate FROM patients p WHERE p.recovered IS NOT NULL AND p.treated',
  'SELECT SUM(p.stays) AS stays, VAR_SAMP(p.stays) AS v FROM patients p HAVING COUNT(*) > 5',
  'SELECT year(p.born) >= 1970 AS young, COUNT(*) AS n FROM patients p WHERE p.born IS NOT NULL GROUP BY 1 ORDER BY 1',
];

describe('questions in SQL on an encrypted table', () => {
  const { sql, rows } = generate(6000);
  const specs = encrypted.map(specOf);
  const layout = layOut(specs, rows.length);
  let duck: MemoryDuck;
  let tables: ClearTables;
  beforeAll(async () => {
    duck = await MemoryDuck.open();
    tables = await duck.load(schema(5), { patients: { hospital: sql } });
  });
  const bound = (question: string, k = 5) => bindStudy(question, schema(k), duck);
  const boundMethod = (name: string, sql: string, parameters: Record<string, unknown>, k = 5) =>
    bindMethod({ sql, method: methodOf(name, parameters) }, schema(k), duck);
  /** What a circuit comes to, without ciphertexts. */
  const clear = ({ circuit }: { circuit: Circuit }) =>
    clearTotals(layout, rows, (value) => {
      const values = clearNodes(circuit, value);
      return circuit.outputs.map((node) => values[node]!);
    });

  test.each(questions)('%s', async (question) => {
    const study = await bound(question);
    const translated = await translate(study, encrypted, layout, duck);
    const cells = answer(study, translated, clear(translated));
    const plain = await runStudyClear(study, tables, duck);
    expect(cells.map(({ keys, suppressed }) => ({ keys, suppressed }))).toEqual(
      plain.cells.map(({ keys, suppressed }) => ({ keys, suppressed })),
    );
    const found = (await duck.rows(afterSql(study, cells))).map((row) =>
      row.map((value) => (value === null ? null : String(value))),
    );
    expect(found).toHaveLength(plain.rows.length);
    for (const [i, row] of found.entries()) {
      for (const [j, value] of row.entries()) {
        const expected = plain.rows[i]![j]!;
        if (value !== expected) expect(Number(value), `${question} ${i} ${j}`).toBeCloseTo(Number(expected), 4);
      }
    }
  });

  test('small groups are withheld', async () => {
    const study = await bound(
      'SELECT p.region, p.sex, COUNT(*) AS n FROM patients p WHERE p.stays = 0 GROUP BY 1, 2',
      70,
    );
    const translated = await translate(study, encrypted, layout, duck);
    const cells = answer(study, translated, clear(translated));
    expect(cells.some(({ suppressed }) => suppressed[0])).toBe(true);
    for (const { values, suppressed } of cells) {
      expect(suppressed[0] ? values[0] : Number(values[0]) >= 70).toBe(suppressed[0] ? null : true);
    }
  });

  test.each([
    [
      "SELECT COUNT(*) FROM patients p WHERE p.born >= DATE '1955-01-01'",
      /tells values apart that are encrypted as one/,
    ],
    ['SELECT COUNT(*) FROM patients p WHERE p.cost > 100', /tells values apart/],
    ['SELECT MEDIAN(p.stays) FROM patients p', /quantiles need comparisons/],
    [
      "SELECT SUM(p.cost) FROM patients p WHERE p.sex = 'f' AND p.treated AND p.recovered AND p.region = 'east' AND p.stays > 2",
      /4 products one after the other/,
    ],
    ['SELECT CORR(p.cost, p.stays) FROM patients p', /multiplies two columns/],
    ['SELECT year(p.born) AS y, COUNT(*) FROM patients p GROUP BY 1', /tells values apart/],
    ['SELECT COUNT(DISTINCT p.id) FROM patients p WHERE length(p.id) > 2', /id was not encrypted/],
  ])('what does not fit is refused: %s', async (question, words) => {
    await expect(translate(await bound(question), encrypted, layout, duck)).rejects.toThrow(words);
  });

  test('from the hospital’s table to the answer, through ciphertexts', async () => {
    const table = await encrypt(specs, rows, 'whole way');
    const study = await bound(questions[1]!);
    const translated = await translate(study, encrypted, table.layout, duck);
    const part = await evaluate(table, translated.circuit);
    const totals = openTotals({ ...table, circuit: translated.circuit }, [part], resultKey(table.keys));
    const plain = await runStudyClear(study, tables, duck);
    expect(answer(study, translated, totals)).toEqual(plain.cells);
  });

  describe('statistical methods', () => {
    const where = fc
      .array(
        fc.constantFrom(
          "p.sex = 'f'",
          "p.region <> 'north'",
          'p.stays BETWEEN 1 AND 2',
          "p.born >= DATE '1950-01-01'",
          'NOT p.recovered',
          'p.treated OR p.stays < 3',
        ),
        { maxLength: 2 },
      )
      .map((parts) => (parts.length === 0 ? '' : ` WHERE ${parts.map((part) => `(${part})`).join(' AND ')}`));
    const from = ' FROM patients p';
    const methods: [name: string, select: string, parameters: Record<string, unknown>][] = [
      ['crosstab', `SELECT p.region AS a, p.recovered AS b${from}`, {}],
      ['crosstab', `SELECT p.sex AS a, p.treated AS b, p.recovered AS by${from}`, {}],
      ['risk', `SELECT p.treated AS exposed, p.recovered AS outcome${from}`, {}],
      ['risk', `SELECT p.treated AS exposed, p.stays > 2 AS outcome, p.sex AS by${from}`, {}],
      ['t-test', `SELECT p.cost AS value, p.treated AS grp${from}`, {}],
      ['t-test', `SELECT p.cost AS value, p.region AS grp${from}`, { groups: ['west', 'east'], variances: 'pooled' }],
      ['t-test', `SELECT p.stays AS value, p.sex AS grp, p.treated AS by${from}`, { level: 0.9 }],
      ['describe', `SELECT p.cost, p.stays, p.region AS by${from}`, {}],
      ['histogram', `SELECT p.stays AS value${from}`, { edges: [0, 1, 2, 3, 9] }],
      ['difference-in-differences', `SELECT p.cost AS value, p.recovered AS after, p.treated AS treated${from}`, {}],
    ];

    test.each(methods)('%s: %s %o, as in the clear', async (name, select, parameters) => {
      const same = fc.asyncProperty(where, fc.constantFrom(1, 5, 400), async (condition, k) => {
        const study = await boundMethod(name, select + condition, parameters, k);
        const aggregates = aggregatesOf(study);
        const translated = await translate(aggregates, encrypted, layout, duck);
        const found = finishMethod(study, { cells: answer(aggregates, translated, clear(translated)) });
        // Plain statistics know nothing of what is withheld, but in tables of counts.
        const released = finishMethod(study, await runStudyClear(aggregates, tables, duck));
        expect(found.notes).toEqual(released.notes);
        expect(largestRelativeDifference(found, released)).toBeLessThan(1e-9);
        const plain = await runMethodClear(study, tables, duck);
        expect(largestRelativeDifference(found, plain)).toBeLessThan(1e-9);
      });
      await fc.assert(same, { numRuns: process.env.SLOW === '1' ? 40 : 3 });
    });

    test('a t-test through ciphertexts', async () => {
      const table = await encrypt(specs, rows, 't-test');
      const select =
        "SELECT p.cost AS value, p.treated AS grp FROM patients p WHERE p.sex = 'f' AND p.region <> 'north'";
      const study = await boundMethod('t-test', select, {});
      const aggregates = aggregatesOf(study);
      const translated = await translate(aggregates, encrypted, table.layout, duck);
      const part = await evaluate(table, translated.circuit);
      const totals = openTotals({ ...table, circuit: translated.circuit }, [part], resultKey(table.keys));
      const found = finishMethod(study, { cells: answer(aggregates, translated, totals) });
      const plain = await runMethodClear(study, tables, duck);
      expect(found.estimates).toHaveLength(plain.estimates.length);
      expect(found.tests[0]?.method ?? found.estimates[0]!.test!.method).toContain('Welch');
      expect(largestRelativeDifference(found, plain)).toBeLessThan(1e-9);
    });

    test.each<[string, string, Record<string, unknown>, RegExp]>([
      ['correlation', 'SELECT p.cost AS x, p.stays AS y FROM patients p', {}, /multiplies two columns/],
      ['describe', 'SELECT p.stays FROM patients p', { quantiles: [0.5] }, /quantiles need comparisons/],
      [
        'logistic-regression',
        'SELECT p.recovered AS y, p.stays FROM patients p',
        {},
        /logistic-regression needs more than sums/,
      ],
    ])('what does not fit is refused: %s', async (name, select, parameters, words) => {
      const ask = async () =>
        translate(aggregatesOf(await boundMethod(name, select, parameters)), encrypted, layout, duck);
      await expect(ask()).rejects.toThrow(words);
    });
  });
});
