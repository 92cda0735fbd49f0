import {
  type ClearJoins,
  largestRelativeDifference,
  type MethodResult,
  type Rows,
  runMethodClear,
  runStudyClear,
} from '@symbolon/analytics';
import type { ReleasedStudy } from '@symbolon/party';
import { openDuckDb } from '@symbolon/service';
import { matchesOf, withOrganisation } from '../organisation.ts';
import type { StudyRehearsal } from './study-rehearsal.ts';

/** How the released result stands to the same study over the tables in the clear. */
export interface ClearComparison {
  /** Counts and sums to the digit, and the same suppressed; of all else the difference is below what fixed point leaves. */
  readonly equalsClear: boolean;
  /** Of all released numbers. */
  readonly largestRelativeDifference: number;
}

/** `equal`, and how near. */
export function clearText({ equalsClear, largestRelativeDifference: difference }: ClearComparison): string {
  if (!equalsClear) return `DIFFERENT: largest relative difference ${difference.toExponential(1)}`;
  return difference === 0 ? 'equal, to the digit' : `equal; largest relative difference ${difference.toExponential(1)}`;
}

// Iterations and logarithms run in fixed point: to a thousandth of a standard error (`analytics/src/regression`). What is made of opened whole
// numbers differs by rounding only.
const insideTolerance = 1e-3;
const afterTolerance = 1e-7;

/** Runs the study in the clear: what no party could do. */
export async function compareClear(
  rehearsal: StudyRehearsal,
  study: string,
  released: ReleasedStudy,
): Promise<ClearComparison> {
  const { bound, method, parties, rows: population } = await rehearsal.bind(study);
  const duckDb = await openDuckDb({ threads: 2 });
  try {
    const tables: Record<string, Record<string, string>> = {};
    for (const id of parties) {
      const own = await withOrganisation(rehearsal.homes[id]!, ({ studies }) =>
        studies.store(rehearsal.agreement, study, duckDb),
      );
      for (const [table, relation] of Object.entries(own)) tables[table] = { ...tables[table], [id]: relation };
    }
    const duck = {
      serialize: (sql: string) => duckDb.serialize(sql),
      rows: async (sql: string) => {
        const { rows, values } = await duckDb.columns(sql);
        return Array.from({ length: rows }, (_, row) => values.map((column) => column[row]));
      },
    };
    const joins = await linkedRows(rehearsal, population);
    if (method !== null)
      return compareMethods(released.method!, await runMethodClear(method, tables, duck, joins), method.work.kind);
    const clear = await runStudyClear(bound, tables, duck, joins);
    return compareCells(released, clear.cells);
  } finally {
    duckDb.close();
  }
}

/** Which rows a link has shown to belong together, as a condition over the stored tables: for each row of the hub that of the spoke. */
async function linkedRows(rehearsal: StudyRehearsal, { tables, joins }: Rows): Promise<ClearJoins> {
  if (!joins.some(({ kind }) => kind === 'linked')) return {};
  const [hub, spoke] = tables.map(({ alias, parties }) => ({ alias, home: rehearsal.homes[parties[0]!]! }));
  const [own, others] = await Promise.all(
    [hub!, spoke!].map(async ({ home }) => {
      const runs = await withOrganisation(home, ({ links }) => links.list());
      return matchesOf(home, runs.at(-1)!.id);
    }),
  );
  const rowOf = new Map(others!.map(({ ownNumber, row }) => [ownNumber, row]));
  const partners = new Array<string>(Math.max(0, ...own!.map(({ row }) => row + 1))).fill('NULL');
  for (const { row, peerRow } of own!) partners[row] = String(rowOf.get(peerRow)!);
  const row = (alias: string): string => `"${alias}"."symbolon row"`;
  return { [spoke!.alias]: `[${partners.join(', ')}][${row(hub!.alias)} + 1] = ${row(spoke!.alias)}` };
}

/** Whether a method's result is that of the clear run. @param kind of its work: what is made of cells differs by rounding only */
export function compareMethods(secure: MethodResult, clear: MethodResult, kind: string): ClearComparison {
  const difference = largestRelativeDifference(secure, clear);
  const equalsClear = difference <= (kind === 'study' ? afterTolerance : insideTolerance);
  return { equalsClear, largestRelativeDifference: difference };
}

/** Whether cells are those of the clear run. */
export function compareCells({ cells }: Pick<ReleasedStudy, 'cells'>, clear: ReleasedStudy['cells']): ClearComparison {
  let equal = cells.length === clear.length;
  let largest = 0;
  const expected = new Map(clear.map((cell) => [JSON.stringify(cell.keys), cell]));
  for (const { keys, values, suppressed } of cells) {
    const other = expected.get(JSON.stringify(keys));
    for (const [i, value] of values.entries()) {
      const wanted = other?.values[i];
      if (wanted === undefined || suppressed[i] !== other!.suppressed[i] || (value === null) !== (wanted === null)) {
        equal = false;
      } else if (value !== null && value !== wanted) {
        largest = Math.max(largest, relative(Number(value), Number(wanted)));
      }
    }
  }
  return { equalsClear: equal && largest <= afterTolerance, largestRelativeDifference: largest };
}

function relative(x: number, y: number): number {
  return x === y ? 0 : Math.abs(x - y) / Math.max(Math.abs(x), Math.abs(y));
}
