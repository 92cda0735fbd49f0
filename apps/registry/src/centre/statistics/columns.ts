import type { ColumnPolicy, StudyColumn } from '@symbolon/analytics';
import type { JsonSchema } from '../records/types/schema.ts';
import type { RecordType } from '../records/types/types.ts';

/** A column of a record type's table. */
export interface TypeColumn {
  readonly name: string;
  /** Where its values stand in a body. */
  readonly path: readonly string[];
  readonly column: StudyColumn;
}

/** Digits of a number of which the type does not say how many it has. */
const defaultScale = 4;
const [firstDay, lastDay] = ['1850-01-01', '2150-12-31'];

/**
 * Columns of the table that studies see of a record type: its properties, those of objects within it too, but for free text, lists, and numbers without
 * bounds. What a study may do with one is its `x-policy`; else lists of values and truth values may be grouped by, and all others stand in conditions and
 * arguments.
 */
export function columnsOf({ schema }: Pick<RecordType, 'schema'>): TypeColumn[] {
  const found: TypeColumn[] = [];
  const taken = new Set(['patient', 'recorded']);
  collect(schema, schema, [], (path, column) => {
    const plain = snakeCase(path);
    let name = plain;
    for (let i = 2; taken.has(name); i++) name = `${plain}_${i}`;
    taken.add(name);
    found.push({ name, path, column });
  });
  return found;
}

function collect(
  part: JsonSchema,
  root: JsonSchema,
  path: readonly string[],
  add: (path: readonly string[], column: StudyColumn) => void,
): void {
  const schema = referred(part, root);
  if (typesOf(schema).includes('object')) {
    for (const [name, property] of Object.entries(schema.properties as JsonSchema)) {
      collect(property as JsonSchema, root, [...path, name], add);
    }
    return;
  }
  const column = columnOf(schema);
  if (column !== undefined && column.policy !== 'hidden') add(path, column);
}

function referred(schema: JsonSchema, root: JsonSchema): JsonSchema {
  if (typeof schema.$ref !== 'string') return schema;
  return referred((root.$defs as Record<string, JsonSchema>)[schema.$ref.slice('#/$defs/'.length)]!, root);
}

const typesOf = ({ type }: JsonSchema): readonly unknown[] => (Array.isArray(type) ? (type as unknown[]) : [type]);

function columnOf(schema: JsonSchema): StudyColumn | undefined {
  const [type] = typesOf(schema).filter((one) => one !== 'null');
  const policy = (usual: ColumnPolicy): ColumnPolicy => (schema['x-policy'] as ColumnPolicy | undefined) ?? usual;
  if (schema['x-free-text'] === true) return undefined;
  if (type === 'boolean') return { type, policy: policy('group') };
  if (type === 'integer' || type === 'number') return numberColumn(schema, policy('filter'));
  if (type !== 'string') return undefined;
  const listed = schema.const === undefined ? (schema.enum as unknown[] | undefined) : [schema.const];
  if (listed !== undefined) return { type: 'text', values: listed.filter(isText), policy: policy('group') };
  if (schema.format !== undefined) return { type: 'date', min: firstDay, max: lastDay, policy: policy('filter') };
  return { type: 'text', policy: policy('filter') };
}

const isText = (value: unknown): value is string => typeof value === 'string';

function numberColumn(
  { type, minimum, maximum, multipleOf }: JsonSchema,
  policy: ColumnPolicy,
): StudyColumn | undefined {
  if (typeof minimum !== 'number' || typeof maximum !== 'number') return undefined;
  const whole = type === 'integer' || typesOf({ type }).includes('integer');
  const scale = whole ? 0 : digitsOf(typeof multipleOf === 'number' ? multipleOf : undefined);
  // Ranges are decimals, without exponents: those that need one are no bounds of a measurement.
  const [min, max] = [minimum, maximum].map((bound) => decimal(bound, scale));
  if (min === undefined || max === undefined) return undefined;
  return { type: 'number', min, max, scale, policy };
}

function digitsOf(step: number | undefined): number {
  if (step === undefined) return defaultScale;
  return Math.min(9, decimal(step, 9)?.split('.')[1]?.replace(/0+$/, '').length ?? 0);
}

/** A number with at most so many digits behind the point; undefined for one that is too large. */
export function decimal(value: number, scale: number): string | undefined {
  return Math.abs(value) < 1e12 ? value.toFixed(scale) : undefined;
}

function snakeCase(path: readonly string[]): string {
  const words = path.map((name) => name.replace(/([a-z0-9])([A-Z])/g, '$1_$2').toLowerCase());
  return words.join('_').replace(/^_+/, '').slice(0, 60) || 'value';
}
