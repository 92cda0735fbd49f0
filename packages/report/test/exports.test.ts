import fc from 'fast-check';
import { expect, test } from 'vitest';
import { csv, csvFiles, json, type ReportTable, tablesOf, typedColumns } from '../src/index.ts';
import { samples } from './samples.ts';

/** RFC 4180. */
function parseCsv(text: string): string[][] {
  const rows: string[][] = [[]];
  const field = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/gy;
  let at = 0;
  for (let match = field.exec(text); match !== null; match = field.exec(text)) {
    at = field.lastIndex;
    rows.at(-1)!.push(match[1]?.replaceAll('""', '"') ?? match[2]!);
    if (match[3] === '\r\n') rows.push([]);
    if (at === text.length) break;
  }
  if (at !== text.length) throw new Error(`no CSV at: ${text.slice(at, at + 40)}`);
  return rows.slice(0, -1);
}

const one = (values: readonly string[]): ReportTable => ({
  name: 'result',
  columns: values.map((_, i) => ({ name: `c${i}`, type: 'VARCHAR' })),
  rows: [values],
});

test('CSV gives back what it was given, but for formulas', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'grapheme' }), { minLength: 1, maxLength: 5 }), (values) => {
      const [head, row] = parseCsv(csv(one(values)));
      expect(head).toEqual(values.map((_, i) => `c${i}`));
      expect(row!.map((field, i) => (field === `'${values[i]}` ? values[i] : field))).toEqual(values);
    }),
  );
});

test('no field is a formula, and numbers stay numbers', () => {
  const formulas = ['=1+1', '+cmd', '-2+3', '@SUM(A1)', '\t=1', '\r=1', '=HYPERLINK("x","y")', '\n=1'];
  for (const field of parseCsv(csv(one(formulas)))[1]!) expect(field).toMatch(/^'/);
  const numbers = ['-1', '-12.50', '1e-7', '-3e+20', '42'];
  expect(parseCsv(csv(one(numbers)))[1]).toEqual(numbers);
  expect(csv({ ...one(['x']), columns: [{ name: '=x', type: 'VARCHAR' }] })).toBe("'=x\r\nx\r\n");
});

test('a study has its rows, and names of what was withheld', () => {
  expect(csv(tablesOf(samples.study!)[0]!)).toBe(
    [
      'region,visits,cost,cost_per_patient,suppressed',
      'north,1204,83.41276,83.4129,',
      'south,987,-12.5,92.6261,',
      'east,,,,visits | cost | cost_per_patient',
      'west,790,,,cost | cost_per_patient',
      ',,,,visits | cost | cost_per_patient',
      '',
    ].join('\r\n'),
  );
});

test('columns have types for Parquet', () => {
  const columns = typedColumns(tablesOf(samples.study!)[0]!);
  expect(columns.map(({ name, type }) => [name, type])).toEqual([
    ['region', 'VARCHAR'],
    ['visits', 'BIGINT'],
    ['cost', 'DOUBLE'],
    ['cost_per_patient', 'DOUBLE'],
    ['suppressed', 'VARCHAR'],
  ]);
  expect(columns[1]!.values).toEqual(['1204', '987', null, '790', null]);
});

test('a method has a file for each of its tables; strata are a column', () => {
  const files = (name: string): string[] => csvFiles(samples[name]!).map((file) => file.name);
  expect(files('survival')).toEqual(['estimates.csv', 'curves.csv', 'tests.csv']);
  expect(files('logistic')).toEqual(['estimates.csv', 'odds-ratios.csv', 'tests.csv']);
  expect(files('histogram')).toEqual(['estimates.csv', 'bins.csv', 'notes.csv']);
  const [estimates] = tablesOf(samples.strata!);
  expect(estimates!.columns[0]).toEqual({ name: 'by', type: 'VARCHAR' });
  expect(new Set(estimates!.rows.map(([by]) => by))).toEqual(new Set(['north', 'south', 'east', 'west', 'abroad']));
  const bins = tablesOf(samples.histogram!).find(({ name }) => name === 'bins')!;
  expect(bins.rows.filter(([, , count, suppressed]) => (count === null) !== suppressed)).toEqual([]);
});

test('JSON has a stable shape, and nothing of cells that withhold', () => {
  const value = JSON.parse(json(samples.study!));
  expect(Object.keys(value).sort()).toEqual(
    'agreement date flow kind method minPatients note opened parties proofs result sql title version'.split(' '),
  );
  expect(value).toMatchObject({
    kind: 'symbolon-report',
    version: 1,
    result: {
      kind: 'study',
      columns: [{ name: 'region', type: 'VARCHAR' }, { name: 'visits', type: 'BIGINT' }, {}, {}],
      totals: ['2981', null, null],
    },
  });
  expect(Object.keys(value.result).sort()).toEqual(['columns', 'kind', 'rows', 'suppressed', 'totals']);
  expect(value.result.suppressed[3]).toEqual([false, false, true, true]);
  expect(JSON.parse(json(samples.survival!)).result.strata[0].result.curves.length).toBe(2);
});
