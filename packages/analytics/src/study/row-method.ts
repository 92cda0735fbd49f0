import { fault } from '@symbolon/crypto';
import { atScale, type Node, parseDecimal, printDecimal, trimDecimal } from '@symbolon/sql';
import type { Support } from '../sql/bound.ts';
import { condition } from '../sql/condition.ts';
import type { RowMethod } from './bound-method.ts';
import { levelCells, requireColumns, variableOf } from './factors.ts';
import { type Item, levelsOf } from './items.ts';
import type { Method } from './methods.ts';
import { find } from './reduced/question.ts';
import type { OpenRows } from './rows.ts';
import { every, isLevel } from './tree.ts';

type Survival = Extract<Method, { name: 'survival' }>;
type Logistic = Extract<Method, { name: 'logistic-regression' }>;

const allRows: Support = { filters: [], present: [] };

/** What a secure computation over the rows needs to know. */
export function bindRowMethod(rows: OpenRows, method: Survival | Logistic): RowMethod {
  return method.name === 'survival' ? survival(rows, method) : logistic(rows);
}

/** The nodes of the rows that a row method reads, those of WHERE apart. */
export function readBy(work: RowMethod): number[] {
  const filters = work.supports.flatMap((support) => support.filters);
  const own =
    work.kind === 'survival'
      ? [work.time, work.event, ...work.groups.map(({ node }) => node)]
      : [work.outcome, ...work.columns.map(({ node }) => node)];
  return [...new Set([...own, ...filters])];
}

export function isRowMethod(method: Method): method is Survival | Logistic {
  return method.name === 'survival' || method.name === 'logistic-regression';
}

function survival(rows: OpenRows, { at }: Survival): RowMethod {
  const { items } = rows;
  const time = find(items, 'time');
  const grp = items.find(({ name }) => name === 'grp');
  const groups = (grp === undefined ? [] : levelsOf(grp)).map((name) => ({
    name,
    node: bit(isLevel(grp!, name), rows),
  }));
  if (groups.length > mostGroups)
    throw fault(
      'study-unsupported',
      `grp of survival: it may have ${groups.length} values, and ${mostGroups} are the most; merge them by CASE`,
    );
  return {
    kind: 'survival',
    supports: [allRows, ...groups.map(({ node }) => ({ filters: [node], present: [] }))],
    time: time.node,
    event: find(items, 'event').node,
    groups,
    at: at.map((moment) => wholeAt(moment, time)),
  };
}

const mostGroups = 8;

function wholeAt(moment: string, { type }: Item): string {
  if (type.kind !== 'number') throw new TypeError('time is a number');
  const { scale } = type;
  const [lo, hi] = type.range.map(BigInt) as [bigint, bigint];
  const decimal = trimDecimal(parseDecimal(moment)!);
  if (decimal.scale > scale)
    throw fault(
      'study-unsupported',
      `at of survival: ${printDecimal(decimal)} has more digits behind the point than time`,
    );
  const whole = atScale(decimal, scale);
  if (whole >= lo && whole <= hi) return String(whole);
  const range = [lo, hi].map((value) => printDecimal({ value, scale })).join(' to ');
  throw fault('study-unsupported', `at of survival: ${printDecimal(decimal)} is no time; they are from ${range}`);
}

function logistic(rows: OpenRows): RowMethod {
  const { items } = rows;
  requireColumns(items, 'logistic-regression');
  const columns = items
    .filter(({ name }) => name !== 'y')
    .flatMap((item) => {
      const variable = variableOf(item);
      // A number of two values is a column as it stands.
      if (variable.kind === 'number' || item.type.kind === 'number') return [{ name: item.name, node: item.node }];
      return variable.columns.map(({ name, level }) => ({ name, node: bit(isLevel(item, level), rows) }));
    });
  const supports = levelCells(items).map(({ filters }) => ({ filters: [bit(every(filters)!, rows)], present: [] }));
  return { kind: 'logistic', supports: [allRows, ...supports], outcome: find(items, 'y').node, columns };
}

/** The node of a condition. */
function bit(of: Node, { scope }: OpenRows): number {
  return scope.nodes.of(condition(of, scope));
}
