import { beforeAll, describe, expect, test } from 'vitest';
import {
  bindMethod,
  decodeBound,
  type LogisticResult,
  type Method,
  type MethodResult,
  planBound,
  type Schema,
  type StudyColumn,
  type SurvivalResult,
} from '../../src/index.ts';
import { ownTables, sizesOf } from '../secure/rehearse.ts';
import { yieldsOf } from '../secure/sessions.ts';
import { type Data, MemoryDuck, type Row } from '../sql/duckdb.ts';
import { present, read } from '../statistics/clinical-data.ts';
import { methodOf } from '../study/method.ts';

const number = (min: string, max: string, scale = 0): StudyColumn => ({
  type: 'number',
  min,
  max,
  scale,
  policy: 'group',
});

/** Who holds what: rows of `patients`, and columns apart from them, each party a table of its own. */
interface Split {
  readonly what: string;
  readonly patients: readonly string[];
  readonly apart: readonly string[];
}

const byRows: readonly Split[] = [
  { what: 'rows, two parties', patients: ['north', 'south'], apart: [] },
  { what: 'rows, three parties', patients: ['north', 'south', 'west'], apart: [] },
];
const byColumns: Split = { what: 'columns, two parties', patients: ['north'], apart: ['registry'] };
const byThree: Split = { what: 'columns, three parties', patients: ['north'], apart: ['registry', 'lab'] };
const byBoth: Split = { what: 'rows and columns, three parties', patients: ['north', 'south'], apart: ['registry'] };

describe.skipIf(!present)('published figures, by whole sessions of studies', () => {
  let duck: MemoryDuck;
  beforeAll(async () => {
    duck = await MemoryDuck.open();
  });

  /** Rows go to parties in turns; each list of columns to a party of its own, or all to the last there is. */
  async function learned(
    { patients, apart }: Split,
    file: string,
    { columns, lists }: { columns: Record<string, StudyColumn>; lists: readonly (readonly string[])[] },
    { method, items, k = 3 }: { method: Method; items: string; k?: number },
  ): Promise<MethodResult> {
    const rows = read(file).map((row, i): Row => {
      const known = Object.entries(row).map(([name, value]) => {
        return [name.replace('ph.', ''), value === 'NA' || value === '' ? null : value] as const;
      });
      return { ...Object.fromEntries(known), pid: `p${i}` };
    });
    const pid: StudyColumn = { type: 'text', policy: 'join', required: true };
    const holder = (column: string): string => {
      const list = lists.findIndex((names) => names.includes(column));
      return list < 0 ? 'patients' : (apart[Math.min(list, apart.length - 1)] ?? 'patients');
    };
    const table = (name: string, parties: readonly string[]) => {
      const own = Object.fromEntries(Object.entries(columns).filter(([column]) => holder(column) === name));
      return [
        name,
        { parties, maxRows: 3000, patient: 'pid', onePerPatient: true, columns: { pid, ...own } } as const,
      ] as const;
    };
    const schema: Schema = {
      tables: Object.fromEntries([table('patients', patients), ...apart.map((party) => table(party, [party]))]),
      joins: apart.map((spoke) => ({ hub: 'patients', spoke, on: [['pid', 'pid']] })),
      minPatients: k,
    };
    const inTurns = patients.map((party, i) => [party, rows.filter((_, row) => row % patients.length === i)] as const);
    const data: Data = {
      patients: Object.fromEntries(inTurns),
      ...Object.fromEntries(apart.map((party) => [party, { [party]: rows }])),
    };
    const tables = await duck.load(schema, data);
    const sql = `SELECT ${items} FROM patients ${apart.map((party) => `JOIN ${party} USING (pid)`).join(' ')}`;
    const bound = await bindMethod({ sql, method }, schema, duck);
    const owned = await ownTables(bound, tables, duck);
    const to = [patients[0]!];
    const run = planBound(bound, sizesOf(bound.rows, owned, 0), { to });
    const ends = await yieldsOf(run, owned);
    for (const [party, end] of ends) expect(end.size > 0).toBe(to.includes(party));
    return decodeBound(bound, run, ends.get(to[0]!)!).method!;
  }

  const lung = {
    time: number('0', '1100'),
    status: number('1', '2'),
    sex: number('1', '2'),
    ecog: number('0', '3'),
  };
  const survival = methodOf('survival', { at: [90, 180, 365, 730] });

  test.each([byColumns, byThree, ...byRows, byBoth])('lung, $what: log-rank by sex, medians by ECOG', async (split) => {
    const ask = (by: string) =>
      learned(
        split,
        'survival_cancer.csv',
        { columns: lung, lists: [['sex', 'ecog'], ['status']] },
        {
          method: survival,
          items: `time, status = 2 AS event, ${by} AS grp`,
          // In a third of the rows a group has one patient without the event.
          k: 1,
        },
      ) as Promise<SurvivalResult>;
    const bySex = await ask('sex');
    expect(bySex.tests[0]!.statistic!.value.toFixed(4)).toBe('10.3267');
    expect(bySex.estimates.map(({ value, interval }) => [value, interval!.low, interval!.high])).toEqual([
      [270, 212, 310],
      [426, 348, 550],
    ]);
    const byEcog = await ask('ecog');
    expect(byEcog.estimates.slice(0, 3).map(({ value }) => value)).toEqual([394, 306, 199]);
    // One patient is of ECOG 3: of all hospitals but one, none.
    const isSplit = split.patients.length > 1;
    expect(byEcog.notes.find(({ code }) => code === 'suppressed')?.names).toEqual(isSplit ? ['3'] : undefined);
    expect(byEcog.tests.length).toBe(isSplit ? 0 : 1);
  });

  const infert = { case: number('0', '1'), spontaneous: number('0', '2'), induced: number('0', '2') };

  test.each([byColumns, byThree, ...byRows])('infert, $what: coefficients, errors, deviance', async (split) => {
    const { estimates, deviance, notes, n } = (await learned(
      split,
      'datasets_infert.csv',
      { columns: infert, lists: [['induced'], ['case']] },
      {
        method: methodOf('logistic-regression'),
        items: '"case" = 1 AS y, spontaneous, induced',
      },
    )) as LogisticResult;
    expect(notes).toEqual([]);
    expect(n).toBe(248);
    expect(estimates.map(({ value }) => value!.toFixed(4))).toEqual(['-1.7079', '1.1972', '0.4181']);
    expect(estimates.map(({ standardError }) => standardError!.toFixed(4))).toEqual(['0.2677', '0.2116', '0.2056']);
    expect(deviance.toFixed(2)).toBe('279.61');
  });

  test.each([byColumns, ...byRows, byBoth])('sleep, $what: Welch', async (split) => {
    const sleep = { extra: { ...number('-5', '10', 1), policy: 'aggregate' as const }, group: number('1', '2') };
    const { tests } = await learned(
      split,
      'datasets_sleep.csv',
      { columns: sleep, lists: [['group']] },
      {
        method: methodOf('t-test'),
        items: 'extra AS value, "group" AS grp',
      },
    );
    expect(tests[0]!.statistic!.value.toFixed(4)).toBe('-1.8608');
    expect(tests[0]!.df[0]!.toFixed(3)).toBe('17.776');
    expect(tests[0]!.p.toFixed(5)).toBe('0.07939');
  });

  test('rotterdam, columns of two parties: 2,982 patients in days, k = 5', async () => {
    const rotterdam = { dtime: number('0', '7200'), death: number('0', '1'), hormon: number('0', '1') };
    const at = Array.from({ length: 15 }, (_, i) => (i + 1) * 365);
    const { n, curves } = (await learned(
      byColumns,
      'survival_rotterdam.csv',
      { columns: rotterdam, lists: [['hormon']] },
      {
        method: methodOf('survival', { at }),
        items: 'dtime AS time, death = 1 AS event, hormon AS grp',
        k: 5,
      },
    )) as SurvivalResult;
    expect(n).toBe(2982);
    expect(curves.reduce((sum, { events }) => sum + events, 0)).toBe(1272);
  });
});
