import fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import { bindStudy, complete, runStudyClear, type Schema } from '../../src/index.ts';
import { planStudy } from '../../src/secure/index.ts';
import { type Data, MemoryDuck, type Row } from '../sql/duckdb.ts';
import { evaluate } from '../sql/evaluate.ts';
import { wide } from '../sql/studies.ts';
import { aligned, ownTables, rehearse, sizesOf } from './rehearse.ts';
import { expectCells } from './same.ts';

const k = 10;
const two: Schema = { ...wide, minPatients: k };
const one: Schema = { ...two, tables: { ...wide.tables, visits: { ...wide.tables.visits!, parties: ['north'] } } };

let duck: MemoryDuck;
beforeAll(async () => {
  duck = await MemoryDuck.open();
});

/** So many patients of each kind, a visit each. */
type Groups = readonly (readonly [count: number, of: Row])[];

function visits(parties: Readonly<Record<string, Groups>>): Data {
  const rows = Object.entries(parties).map(([party, groups]) => {
    const all = groups.flatMap(([count, of]) => Array.from({ length: count }, () => of));
    return [party, all.map((of, i) => ({ kind: 'family', note: 'x', ...of, pid: `${party} ${i}` }))] as const;
  });
  return {
    visits: Object.fromEntries(rows),
    insured: { insurer: rows.flatMap(([, all]) => all.map(({ pid }) => ({ pid }))) },
  };
}

/** The values of the one cell with rows; the same from the oracle, the bound tree and the plans. */
async function values(sql: string, schema: Schema, data: Data): Promise<readonly (string | null)[]> {
  const bound = await bindStudy(sql, schema, duck);
  const tables = await duck.load(schema, data);
  const { cells } = await runStudyClear(bound, tables, duck);
  expectCells(complete(bound, await evaluate(bound, tables, duck)), cells, sql);
  const owned = aligned(bound, await ownTables(bound, tables, duck));
  const run = planStudy(bound, sizesOf(bound, owned), { to: ['office'], aligned: true });
  const { released, opened } = rehearse(run, owned);
  expectCells(released.cells, cells, sql);
  const supports = new Set(bound.opened.map(({ support }) => `show/${support}`));
  expect([...opened.keys()].filter((name) => name.startsWith('show/')).sort(), sql).toEqual([...supports].sort());
  return (released.cells[0] ?? { values: bound.aggregates.map(() => null) }).values;
}

const sources = [
  ['visits v', ''],
  ['visits v', ' GROUP BY v.kind'],
  ['visits v', ' GROUP BY v.note'],
  ['visits v JOIN insured i USING (pid)', ''],
  ['visits v JOIN insured i USING (pid)', ' GROUP BY v.kind'],
  ['visits v JOIN insured i USING (pid)', ' GROUP BY v.note'],
] as const;

const [yes, no, unknown] = [{ urgent: true }, { urgent: false }, { urgent: null }] as const;
const negative = 'COUNT(*), COUNT(*) FILTER (WHERE NOT v.urgent)';
const nested = 'COUNT(*), COUNT(*) FILTER (WHERE v.urgent), COUNT(*) FILTER (WHERE v.urgent AND v.minutes > 0)';
const measured = 'COUNT(*), COUNT(v.minutes), AVG(v.minutes)';
const none = { minutes: null } as const;
const five = { minutes: '5' } as const;

const cases: [what: string, aggregates: string, groups: Groups, shown: (string | null)[]][] = [
  [
    'one of 60 is positive',
    negative,
    [
      [59, no],
      [1, yes],
    ],
    [null, null],
  ],
  [
    'one of 60 is unknown',
    negative,
    [
      [59, no],
      [1, unknown],
    ],
    [null, null],
  ],
  ['nobody is positive', negative, [[60, no]], ['60', '60']],
  [
    'k are positive',
    negative,
    [
      [50, no],
      [10, yes],
    ],
    ['60', '50'],
  ],
  [
    'k are positive or unknown',
    negative,
    [
      [50, no],
      [5, yes],
      [5, unknown],
    ],
    ['60', '50'],
  ],
  [
    'a filter in a filter',
    nested,
    [
      [30, no],
      [29, { ...yes, ...five }],
      [1, yes],
    ],
    ['60', null, null],
  ],
  [
    'one has no value',
    measured,
    [
      [59, five],
      [1, none],
    ],
    [null, null, null],
  ],
  [
    'k have no value',
    measured,
    [
      [50, five],
      [10, none],
    ],
    ['60', '50', '5'],
  ],
  [
    'one has no value, and nothing tells of it',
    'COUNT(v.minutes), AVG(v.minutes)',
    [
      [59, five],
      [1, none],
    ],
    ['59', '5'],
  ],
  [
    'a number that few stand behind',
    negative,
    [
      [51, yes],
      [9, no],
    ],
    ['60', null],
  ],
];

test.each(cases)('what follows from two numbers: %s', async (_, aggregates, groups, shown) => {
  for (const [from, by] of sources)
    expect(await values(`SELECT ${aggregates} FROM ${from}${by}`, one, visits({ north: groups })), from + by).toEqual(
      shown,
    );
});

test('rows without a value are left out by WHERE', async () => {
  const data = visits({
    north: [
      [59, five],
      [1, none],
    ],
  });
  const sql = `SELECT ${measured} FROM visits v WHERE v.minutes IS NOT NULL`;
  expect(await values(sql, one, data)).toEqual(['59', '59', '5']);
  expect((await bindStudy(sql, one, duck)).rests).toEqual([]);
});

test('of a rest each party has k patients; or none, where that is agreed; or nobody has any', async () => {
  const shown = (north: Groups, south: Groups, allowEmptyParty: boolean, from = 'visits v') =>
    values(
      `SELECT ${negative} FROM ${from}`,
      { ...two, ...(allowEmptyParty ? { allowEmptyParty } : {}) },
      visits({ north, south }),
    );
  const positive = (count: number): Groups => [
    [20, no],
    [count, yes],
  ];
  const [few, many] = [positive(9), positive(10)];
  const nobody: Groups = [[30, no]];
  for (const from of ['visits v', 'visits v JOIN insured i USING (pid)'])
    for (const empty of [false, true]) {
      expect(await shown(many, many, empty, from)).toEqual(['60', '40']);
      expect(await shown(many, few, empty, from)).toEqual([null, null]);
      expect(await shown(nobody, few, empty, from)).toEqual([null, null]);
      expect(await shown(nobody, nobody, empty, from)).toEqual(['60', '60']);
      expect(await shown(many, nobody, empty, from)).toEqual(empty ? ['60', '50'] : [null, null]);
    }
});

test('patients of several rows: those who have rows behind one count and none behind the other', async () => {
  const all = (count: number) =>
    visits({
      north: [
        [count, no],
        [60 - count, yes],
      ],
    });
  const again = (data: Data): Data => ({
    ...data,
    visits: { north: data.visits!.north!.flatMap((row) => [row, { ...row, urgent: true }]) },
  });
  for (const [from, by] of sources) {
    const sql = `SELECT COUNT(DISTINCT v.pid), COUNT(DISTINCT v.pid) FILTER (WHERE NOT v.urgent) FROM ${from}${by}`;
    expect(await values(sql, one, again(all(59))), sql).toEqual([null, null]);
    expect(await values(sql, one, again(all(50))), sql).toEqual(['60', '50']);
    expect(await values(sql, one, again(all(60))), sql).toEqual(['60', '60']);
  }
  // Half of all have both kinds of rows.
  const arms =
    'SELECT COUNT(DISTINCT v.pid) FILTER (WHERE v.urgent), COUNT(DISTINCT v.pid) FILTER (WHERE NOT v.urgent) FROM visits v';
  expect(await values(arms, one, again(all(30)))).toEqual(['60', '30']);
  expect(await values(arms, one, again(all(55)))).toEqual([null, null]);
});

test('a quantile beside a count', async () => {
  const sql = 'SELECT COUNT(*), median(v.minutes) FROM visits v';
  expect(
    await values(
      sql,
      one,
      visits({
        north: [
          [39, five],
          [1, none],
        ],
      }),
    ),
  ).toEqual([null, null]);
  expect(
    await values(
      sql,
      one,
      visits({
        north: [
          [30, five],
          [10, none],
        ],
      }),
    ),
  ).toEqual(['40', '5']);
});

test(
  'no difference of two counts that show, of which one is part of the other, is between 0 and k',
  async () => {
    const counts = [
      'COUNT(*)',
      'COUNT(v.urgent)',
      'COUNT(*) FILTER (WHERE v.urgent)',
      'COUNT(*) FILTER (WHERE v.urgent AND v.minutes > 0)',
      'COUNT(v.minutes)',
    ];
    const parts = [
      [0, 1],
      [0, 2],
      [0, 3],
      [0, 4],
      [1, 2],
      [1, 3],
      [2, 3],
      [4, 3],
    ] as const;
    const size = fc.constantFrom(0, 0, 1, 9, 10, 11, 25);
    const kinds = [yes, no, unknown].flatMap((urgent) => [none, five].map((minutes) => ({ ...urgent, ...minutes })));
    const groups = fc.tuple(...kinds.map((of) => size.map((count) => [count, of] as const)));
    let shown = 0;
    const property = fc.asyncProperty(groups, fc.constantFrom(...sources), async (north, [from, by]) => {
      const all = await values(`SELECT ${counts.join(', ')} FROM ${from}${by}`, one, visits({ north }));
      for (const [whole, part] of parts) {
        if (all[whole] === null || all[part] === null) continue;
        const rest = Number(all[whole]) - Number(all[part]);
        expect(rest === 0 || rest >= k, `${counts[whole]} less ${counts[part]}`).toBe(true);
        shown++;
      }
    });
    await fc.assert(property, { numRuns: process.env.SLOW ? 300 : 25 });
    expect(shown).toBeGreaterThan(0);
  },
  process.env.SLOW ? 3_600_000 : 300_000,
);

test('too many sets of rows are refused, with what to write instead', async () => {
  const filters = Array.from({ length: 6 }, (_, i) => `COUNT(*) FILTER (WHERE v.minutes > ${i})`);
  const bind = (aggregates: readonly string[]) => bindStudy(`SELECT ${aggregates.join(', ')} FROM visits v`, one, duck);
  await expect(bind(['COUNT(*)', ...filters])).rejects.toThrow(
    /7 different sets of rows.*6 are the most; write GROUP BY/,
  );
  expect((await bind(filters)).rests).toHaveLength(30);
  expect(
    (await bind(['COUNT(*)', 'SUM(v.minutes) FILTER (WHERE v.urgent)', 'COUNT(*) FILTER (WHERE v.urgent)'])).rests,
  ).toHaveLength(3);
});
