import { dateOf, daysOf } from '@symbolon/sql';
import type { Schema, StudyColumn } from '../../src/index.ts';
import type { Data, Row } from './duckdb.ts';

/** A source of small random numbers. */
export type Draw = (below: number) => number;

export function draws(seed: number): Draw {
  let state = (seed + 1) * 2_654_435_761;
  return (below) => {
    // SplitMix32.
    state = (state + 0x9e3779b9) | 0;
    let x = state ^ (state >>> 16);
    x = Math.imul(x, 0x21f0aaad);
    x = Math.imul(x ^ (x >>> 15), 0x735a2d97);
    return ((x ^ (x >>> 15)) >>> 0) % below;
  };
}

/** Rows for every table: values at the ends of their ranges, NULLs, negative numbers, patients that not every table has. */
export function randomData(schema: Schema, seed: number, rows: number): Data {
  const draw = draws(seed);
  const data: Record<string, Record<string, Row[]>> = {};
  for (const [name, table] of Object.entries(schema.tables)) {
    data[name] = {};
    for (const [place, party] of table.parties.entries()) {
      const made: Row[] = [];
      const taken = new Set<number>();
      for (let i = 0; i < rows; i++) {
        // Patients of one party of a split table are no other's.
        const patient = draw(Math.ceil(rows * 0.8)) * table.parties.length + place;
        if (table.onePerPatient && taken.has(patient)) continue;
        taken.add(patient);
        const row = Object.fromEntries(
          Object.entries(table.columns).map(([column, described]) => [
            column,
            column === table.patient ? `p${patient}` : randomValue(described, draw),
          ]),
        );
        made.push(row);
      }
      data[name][party] = made;
    }
  }
  return data;
}

function randomValue(column: StudyColumn, draw: Draw): string | boolean | null {
  if (column.required === undefined && draw(6) === 0) return null;
  switch (column.type) {
    case 'boolean':
      return draw(2) === 0;
    case 'text':
      return column.values === undefined
        ? ['', 'a', "b'c", '12', '3.5', 'é', '2020-02-29'][draw(7)]!
        : column.values[draw(column.values.length)]!;
    case 'date': {
      const [lo, hi] = [daysOf(column.min)!, daysOf(column.max)!];
      return dateOf([lo, hi, lo + BigInt(draw(Number(hi - lo) + 1))][draw(3)]!);
    }
    case 'number': {
      const { scale = 0 } = column;
      const [lo, hi] = [column.min, column.max].map(Number) as [number, number];
      const span = Math.round((hi - lo) * 10 ** scale);
      return [
        column.min,
        column.max,
        (lo + draw(span + 1) / 10 ** scale).toFixed(scale),
        lo <= 0 && hi >= 0 ? '0' : column.min,
      ][draw(4)]!;
    }
  }
}
