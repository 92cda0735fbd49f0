import { type ClearJoins, type ClearTables, rowsClear, runStudyClear } from '../sql/clear.ts';
import type { Duck } from '../sql/clear-rules.ts';
import { withIntercept } from '../statistics/design.ts';
import { kaplanMeier } from '../statistics/kaplan-meier.ts';
import { logisticRegression, logisticSummary } from '../statistics/logistic-regression.ts';
import type { MethodResult } from '../statistics/result.ts';
import { survivalTable } from '../statistics/survival-table.ts';
import type { BoundMethod } from './bound-method.ts';
import { variableOf } from './factors.ts';
import { aboutOf, byStratum, cellsOf } from './finish.ts';
import { levelsOf } from './items.ts';
import { columnsOf, designOf } from './reduced/linear.ts';
import { type About, Cells, optionsOf, type PlainRow } from './reduced/question.ts';
import { reducerOf } from './reduced/reducers.ts';
import { isRowMethod } from './row-method.ts';

/**
 * The method over tables in the clear, by plain statistics of its rows: what the secure run must give. Tables of counts leave out the
 * cells that release rules withhold; all else knows no release rules. For rehearsals and tests: whoever runs it sees all records.
 */
export async function runMethodClear(
  bound: BoundMethod,
  tables: ClearTables,
  duck: Duck,
  joins: ClearJoins = {},
): Promise<MethodResult> {
  const { method, rows: of, work } = bound;
  const texts = await rowsClear(
    of,
    of.items.map(({ node }) => node),
    tables,
    duck,
    joins,
  );
  const rows = texts.map((values): PlainRow => Object.fromEntries(of.items.map(({ name }, i) => [name, values[i]!])));
  const about = aboutOf(bound);
  if (isRowMethod(method)) return method.name === 'survival' ? survival(rows, about) : logistic(rows, about);
  if (work.kind !== 'study') throw new TypeError(`${method.name} is made of cells`);
  const { cells } = await runStudyClear(work.study, tables, duck, joins);
  return byStratum(about, (stratum) => {
    const own = stratum === undefined ? rows : rows.filter(({ by }) => by === stratum);
    const released = new Cells(work.study, cellsOf(cells, stratum));
    return reducerOf(method).plain(own, about, (keys) => released.shows(keys, 'n'));
  });
}

function survival(rows: readonly PlainRow[], about: About): MethodResult {
  const { method, items } = about;
  if (method.name !== 'survival') throw new TypeError('this is survival');
  const grp = items.find(({ name }) => name === 'grp');
  const follow = {
    time: rows.map(({ time }) => Number(time)),
    event: rows.map(({ event }) => event === 'true'),
    group: rows.map((row) => (grp === undefined ? 'all' : row.grp!)),
  };
  const table = survivalTable(follow, grp === undefined ? ['all'] : levelsOf(grp));
  return kaplanMeier(table, { ...optionsOf(about), scale: method.scale, at: method.at.map(Number) });
}

function logistic(rows: readonly PlainRow[], about: About): MethodResult {
  const columns = about.items.filter(({ name }) => name !== 'y').flatMap((item) => columnsOf(variableOf(item)));
  const y = rows.map((row) => (row.y === 'true' ? 1 : 0));
  return logisticRegression(logisticSummary(withIntercept(designOf(columns, rows)), y), optionsOf(about));
}
