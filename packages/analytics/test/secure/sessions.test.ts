import { beforeAll, expect, test } from 'vitest';
import { bindStudy, runStudyClear } from '../../src/index.ts';
import { planStudy } from '../../src/secure/index.ts';
import { randomData } from '../sql/data.ts';
import { MemoryDuck } from '../sql/duckdb.ts';
import { wide } from '../sql/studies.ts';
import { ownTables, sizesOf } from './rehearse.ts';
import { expectCells } from './same.ts';
import { runSessions } from './sessions.ts';

let duck: MemoryDuck;
beforeAll(async () => {
  duck = await MemoryDuck.open();
});

const three = 'FROM visits v JOIN insured i ON v.pid = i.pid JOIN census c ON v.pid = c.person';

test.each([
  [
    'rows of two hospitals, nothing joined',
    'SELECT v.urgent, COUNT(*), SUM(v.cost) FROM visits v GROUP BY v.urgent',
    ['north'],
  ],
  [
    'one table, another learns',
    'SELECT i.region, i.sex, AVG(i.paid) FROM insured i GROUP BY i.region, i.sex',
    ['office'],
  ],
  [
    'rows of two hospitals, joined with two tables',
    `SELECT i.region, COUNT(*), COUNT(DISTINCT v.pid), SUM(v.minutes * c.education), VAR_SAMP(v.cost) FILTER (WHERE v.seen > i.joined) ${three} WHERE v.minutes > -5 OR c.residence = i.region GROUP BY i.region`,
    ['insurer', 'office'],
  ],
  [
    'a key of the hub, one of a spoke, one of both',
    'SELECT i.sex, v.kind, v.urgent = i.app, COUNT(*), CORR(v.minutes, i.paid) FROM visits v JOIN insured i USING (pid) GROUP BY 1, 2, 3',
    ['north', 'insurer'],
  ],
])('in whole sessions: %s', async (_, sql, to) => {
  const schema = { ...wide, minPatients: 2, allowEmptyParty: true } as const;
  const bound = await bindStudy(sql, schema, duck);
  const tables = await duck.load(schema, randomData(schema, 7, 40));
  const owned = await ownTables(bound, tables, duck);
  const learned = await runSessions(planStudy(bound, sizesOf(bound, owned), { to }), owned);
  const clear = await runStudyClear(bound, tables, duck);
  for (const [party, released] of learned)
    if (to.includes(party)) expectCells(released!.cells, clear.cells, sql);
    else expect(released).toBeUndefined();
  expect(clear.cells.some(({ suppressed }) => suppressed.includes(false))).toBe(true);
});
