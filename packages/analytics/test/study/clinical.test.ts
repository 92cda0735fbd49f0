import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import {
  bindMethod,
  finishMethod,
  type Reduction,
  type RowMethod,
  runMethodClear,
  runStudyClear,
  type Schema,
  type StudyColumn,
} from '../../src/index.ts';
import { MemoryDuck, type Row } from '../sql/duckdb.ts';
import { methodOf } from './method.ts';

const folder = join(import.meta.dirname, '../../../../../shared/data/clinical');
const present = existsSync(folder);
if (!present) {
  console.warn(
    'skipped: the clinical data are not here. Put the CSV files of Rdatasets (survival: cancer; datasets: infert, sleep) into ../shared/data/clinical.',
  );
}

function read(name: string): Row[] {
  const [head, ...lines] = readFileSync(join(folder, name), 'utf8')
    .trim()
    .split('\n')
    .map((line) => line.split(',').map((field) => field.replaceAll('"', '')));
  return lines.map((fields) =>
    Object.fromEntries(head!.map((column, i) => [column, fields[i] === '' || fields[i] === 'NA' ? null : fields[i]!])),
  );
}

const number = (min: string, max: string, scale = 0): StudyColumn => ({
  type: 'number',
  min,
  max,
  scale,
  policy: 'group',
});

/** One table of one party, a row a patient. */
function schemaOf(columns: Record<string, StudyColumn>): Schema {
  const pid: StudyColumn = { type: 'text', policy: 'join', required: true };
  const table = { parties: ['clinic'], maxRows: 1000, patient: 'pid', columns: { pid, ...columns } };
  return { tables: { patients: table }, joins: [], minPatients: 3 };
}

describe.skipIf(!present)('figures that R publishes, by studies', () => {
  let duck: MemoryDuck;
  beforeAll(async () => {
    duck = await MemoryDuck.open();
  });

  const study = async (name: string, sql: string, schema: Schema, file: string, parameters = {}) => {
    const rows = read(file).map((row, i) => ({ ...row, pid: `p${i}` }));
    const tables = await duck.load(schema, { patients: { clinic: rows } });
    const bound = await bindMethod({ sql, method: methodOf(name, parameters) }, schema, duck);
    return { bound, tables, plain: await runMethodClear(bound, tables, duck) };
  };

  test('sleep: Welch', async () => {
    const schema = schemaOf({ extra: { ...number('-5', '10', 1), policy: 'aggregate' }, group: number('1', '2') });
    const sql = 'SELECT extra AS value, "group" AS grp FROM patients';
    const { bound, tables, plain } = await study('t-test', sql, schema, 'datasets_sleep.csv');
    const { tests, estimates } = finishMethod(
      bound,
      await runStudyClear((bound.work as Reduction).study, tables, duck),
    );
    for (const result of [tests, plain.tests]) {
      expect(result[0]!.statistic!.value.toFixed(4)).toBe('-1.8608');
      expect(result[0]!.df[0]!.toFixed(3)).toBe('17.776');
      expect(result[0]!.p.toFixed(5)).toBe('0.07939');
    }
    expect(estimates[0]!.interval!.low).toBeCloseTo(-3.3654832, 7);
    expect(estimates[0]!.interval!.high).toBeCloseTo(0.2054832, 7);
  });

  test('lung: log-rank by sex; what the secure computation is told', async () => {
    const schema = schemaOf({ time: number('0', '1100'), status: number('1', '2'), sex: number('1', '2') });
    const sql = 'SELECT time, status = 2 AS event, sex AS grp FROM patients';
    const { bound, plain } = await study('survival', sql, schema, 'survival_cancer.csv', { at: [365, 730] });
    const { nodes, where } = bound.rows;
    const work = bound.work as RowMethod & { kind: 'survival' };
    const sqlOf = (at: number) => nodes[at]!.sql;
    expect(work.groups.map(({ name, node }) => [name, sqlOf(node)])).toEqual([
      ['1', '(patients.sex = 1)'],
      ['2', '(patients.sex = 2)'],
    ]);
    expect([sqlOf(work.time), sqlOf(work.event), work.at]).toEqual([
      'patients.time',
      '(patients.status = 2)',
      ['365', '730'],
    ]);
    expect(where.map(sqlOf).join(' AND ')).toContain('(NOT (patients.sex IS NULL))');
    expect(work.supports).toEqual([
      { filters: [], present: [] },
      ...work.groups.map(({ node }) => ({ filters: [node], present: [] })),
    ]);
    expect(plain.estimates.map(({ value }) => value)).toEqual([270, 426]);
    expect(plain.tests[0]!.statistic!.value).toBeCloseTo(10.3267, 4);
  });

  test('infert: logistic regression; what the secure computation is told', async () => {
    const values = ['0-5yrs', '6-11yrs', '12+ yrs'];
    const schema = schemaOf({
      case: number('0', '1'),
      spontaneous: number('0', '2'),
      induced: number('0', '2'),
      education: { type: 'text', values, policy: 'filter' },
    });
    const sql = 'SELECT "case" = 1 AS y, spontaneous, induced FROM patients';
    const { plain } = await study('logistic-regression', sql, schema, 'datasets_infert.csv');
    expect(plain.estimates.map(({ value }) => value!.toFixed(4))).toEqual(['-1.7079', '1.1972', '0.4181']);
    expect(plain.estimates.map(({ standardError }) => standardError!.toFixed(4))).toEqual([
      '0.2677',
      '0.2116',
      '0.2056',
    ]);

    const levels = 'SELECT "case" = 1 AS y, induced, education, spontaneous > 0 AS any FROM patients';
    const { bound } = await study('logistic-regression', levels, schema, 'datasets_infert.csv');
    const work = bound.work as RowMethod & { kind: 'logistic' };
    expect(work.columns.map(({ name }) => name)).toEqual([
      'induced',
      'education: 6-11yrs',
      'education: 12+ yrs',
      'any',
    ]);
    expect(work.columns.map(({ node }) => bound.rows.nodes[node]!.type.kind)).toEqual([
      'number',
      'boolean',
      'boolean',
      'boolean',
    ]);
    // All rows; 2 outcomes, 3 levels, 2 levels; and each two of these.
    expect(work.supports).toHaveLength(1 + 2 + 3 + 2 + 2 * 3 + 2 * 2 + 3 * 2);
  });
});
