import type { StudyColumn } from '@symbolon/analytics';
import { fault } from '@symbolon/crypto';
import { columnSqlType, daysOf, parseDecimal, quoteText } from '@symbolon/sql';
import type { FeatureColumn } from '../score/feature.ts';
import { bandId, bandsOf, type ColumnSpec, unknownId, valueId } from '../table/layout.ts';

/** A column of a table that is to be encrypted: as the agreement describes it, and what more encryption has to know. */
export interface EncryptedColumn {
  readonly name: string;
  readonly column: StudyColumn;
  /** Where bands of numbers and dates begin, as SQL writes them: conditions can tell bands apart, not what is within one. */
  readonly cuts?: readonly string[];
  /** Squares are encrypted too, for variances. */
  readonly squares?: boolean;
  /** It is no column of the data: points that the server gives by a model of its own, by these columns. Stands after all others. */
  readonly model?: readonly string[];
}

/** How a column is encrypted. Throws `table-layout` for a column that cannot be. */
export function specOf({ name, column, cuts = [], squares = false, model }: EncryptedColumn): ColumnSpec {
  if (model !== undefined && column.type === 'number') {
    return { name, kind: 'model', features: model, most: wholeOf(name, column, column.max) };
  }
  switch (column.type) {
    case 'boolean':
      return { name, kind: 'category', values: ['false', 'true'] };
    case 'text':
      if (column.values !== undefined) return { name, kind: 'category', values: column.values };
      throw fault('table-layout', `${name} may hold any text; only texts of a list can be encrypted`, {
        culprit: name,
      });
    default: {
      const whole = (text: string): number => wholeOf(name, column, text);
      return { name, kind: 'number', min: whole(column.min), max: whole(column.max), squares, cuts: cuts.map(whole) };
    }
  }
}

/** A column as a feature of scores: numbers, and booleans as 0 and 1. Throws `table-layout` for any other. */
export function featureOf({ name, column }: EncryptedColumn): FeatureColumn {
  if (column.type === 'boolean') return { name, min: 0, max: 1, unit: 1 };
  if (column.type === 'number') {
    const unit = 10 ** (column.scale ?? 0);
    return { name, min: wholeOf(name, column, column.min) / unit, max: wholeOf(name, column, column.max) / unit, unit };
  }
  throw fault('table-layout', `${name} is a ${column.type}; features are numbers and booleans`, { culprit: name });
}

/** The whole number that stands for a value: scaled, or days since 1970. Throws `table-layout`. */
export function wholeOf(name: string, column: StudyColumn, text: string): number {
  if (column.type === 'date') {
    const days = daysOf(text);
    if (days !== undefined) return Number(days);
  } else if (column.type === 'number') {
    const decimal = parseDecimal(text);
    const { scale = 0 } = column;
    if (decimal !== undefined && decimal.scale <= scale) return Number(decimal.value) * 10 ** (scale - decimal.scale);
  }
  throw fault('table-layout', `${name}: a bound or a cut is no ${column.type} of its column`, { culprit: name });
}

/** All that a column can hold, and what conditions can tell apart in it. */
export interface Domain {
  readonly name: string;
  /** The encrypted columns, one 1 in each row: first where there is no value, then a value or band each. */
  readonly classes: readonly string[];
  /** How many values, NULL among them. */
  readonly size: number;
  /** A SELECT of all of them: `class`, a place among the classes, and `value`. */
  readonly sql: string;
}

export function domainOf(encrypted: EncryptedColumn): Domain {
  const { name, column } = encrypted;
  const spec = specOf(encrypted);
  if (spec.kind === 'model') throw fault('internal', `${name} is no column`);
  const type = columnSqlType(column);
  const none = `SELECT 0 AS class, CAST(NULL AS ${type}) AS value`;
  if (spec.kind === 'category') {
    const known = spec.values.map((value, i) => `SELECT ${i + 1}, CAST(${quoteText(value)} AS ${type})`);
    const classes = [unknownId(name), ...spec.values.map((value) => valueId(name, value))];
    return { name, classes, size: classes.length, sql: [none, ...known].join(' UNION ALL ') };
  }
  const bands = bandsOf(spec);
  const band = bands.map(([, high], i) => `WHEN n <= ${high} THEN ${i + 1}`).join(' ');
  const known = `SELECT CASE ${band} END, ${valueSql(column, type)} FROM range(${spec.min}, ${spec.max + 1}) AS t(n)`;
  return {
    name,
    classes: [unknownId(name), ...bands.map((_, i) => bandId(name, i))],
    size: spec.max - spec.min + 2,
    sql: `${none} UNION ALL ${known}`,
  };
}

/** The value for which the whole number n stands. */
function valueSql(column: StudyColumn, type: string): string {
  if (column.type === 'date') return `DATE '1970-01-01' + CAST(n AS INTEGER)`;
  const scale = column.type === 'number' ? (column.scale ?? 0) : 0;
  if (scale === 0) return `CAST(n AS ${type})`;
  const unit = `0.${'1'.padStart(scale, '0')}`;
  return `CAST(CAST(n AS ${type}) * CAST(${unit} AS ${type}) AS ${type})`;
}
