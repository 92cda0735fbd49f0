import { aggregateSqlType, keySqlType, type StudyResult } from '@symbolon/analytics';
import type { ReportStudy } from './report.ts';

/** A study's rows as they may be shown, and what is known of their values. */
export interface Released {
  readonly columns: readonly string[];
  /** Of each column: a key, or made of aggregates. */
  readonly isKey: readonly boolean[];
  /** DuckDB's; what is computed of released values is DOUBLE where all of it are numbers. */
  readonly types: readonly string[];
  /** As DuckDB prints them; null where there is none. */
  readonly rows: readonly (readonly (string | null)[])[];
  /** Which values of the rows were withheld; null in `rows`. */
  readonly withheld: readonly (readonly boolean[])[];
}

const plainItem = /^([ka])(\d+)$/;

/**
 * A value counts as withheld where its cell withholds an aggregate that it is made of, whatever the SELECT makes of NULL (`coalesce(COUNT(*), 0)`). A
 * row's cell is known where the SELECT shows all keys, or there are none; else a value counts as withheld if there is none and it may be.
 */
export function released(study: ReportStudy, { rows, cells }: StudyResult): Released {
  const { columns, keys, after } = study;
  const places = keys.map((_, i) => after.select.indexOf(`k${i}`));
  const known = new Map(cells.map((cell) => [JSON.stringify(cell.keys), cell]));
  const uses = after.select.map(aggregatesIn);
  const withheld = rows.map((row) => {
    const cell = places.includes(-1) ? undefined : known.get(JSON.stringify(places.map((place) => row[place])));
    return row.map((value, i) =>
      uses[i]!.some((place) =>
        cell === undefined
          ? value === null && cells.some(({ suppressed }) => suppressed[place])
          : cell.suppressed[place],
      ),
    );
  });
  const shown = rows.map((row, r) => row.map((value, i) => (withheld[r]![i] ? null : value)));
  const types = after.select.map((sql, i) =>
    typeOf(
      sql,
      study,
      shown.map((row) => row[i]!),
    ),
  );
  return { columns, isKey: after.select.map((sql) => /^k\d+$/.test(sql)), types, rows: shown, withheld };
}

/** Places of the aggregates that stand in an expression over released values. */
function aggregatesIn(sql: string): number[] {
  const words = sql.replace(/'(?:[^']|'')*'/g, "''");
  return [...words.matchAll(/\ba(\d+)\b/g)].map(([, place]) => Number(place));
}

function typeOf(sql: string, { keys, nodes, aggregates }: ReportStudy, values: readonly (string | null)[]): string {
  const [, kind, place] = plainItem.exec(sql) ?? [];
  if (kind === 'k') return keySqlType(nodes[keys[Number(place)]!.node]!);
  if (kind === 'a') return aggregateSqlType(aggregates[Number(place)]!);
  const known = values.filter((value) => value !== null);
  return known.length > 0 && known.every((value) => /^-?\d+(\.\d+)?(e[+-]?\d+)?$/.test(value)) ? 'DOUBLE' : 'VARCHAR';
}
