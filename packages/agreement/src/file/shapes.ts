import type { z } from 'zod';
import { agreementJsonSchema } from './schema.ts';

type Shape = z.core.JSONSchema.JSONSchema;
let whole: Shape | undefined;

/** The names that a field of an agreement may hold: of several shapes, those of the one that `value` chose by its `type`. */
export function knownFields(field: readonly PropertyKey[], root: unknown): string[] {
  return [...new Set(shapesAt(field, root).flatMap(({ properties = {} }) => Object.keys(properties)))];
}

/** What may stand at a field whose values are listed; empty where they are not. */
export function knownValues(field: readonly PropertyKey[], root: unknown): string[] {
  const listed = shapesAt(field, root).flatMap(
    (shape) => shape.enum ?? (shape.const === undefined ? [] : [shape.const]),
  );
  return [...new Set(listed.map(String))];
}

function shapesAt(field: readonly PropertyKey[], root: unknown): Shape[] {
  whole ??= agreementJsonSchema();
  let shapes = chosen(whole, root);
  let value = root;
  for (const name of field) {
    value = typeof value === 'object' && value !== null ? (value as Record<PropertyKey, unknown>)[name] : undefined;
    shapes = shapes.flatMap((shape) => within(shape, name)).flatMap((shape) => chosen(shape, value));
  }
  return shapes;
}

function within({ properties, additionalProperties, items, prefixItems }: Shape, name: PropertyKey): Shape[] {
  const own =
    typeof name === 'number' ? (prefixItems?.[name] ?? items) : (properties?.[String(name)] ?? additionalProperties);
  return own !== null && typeof own === 'object' && !Array.isArray(own) ? [own as Shape] : [];
}

/** The shapes that a value may mean. */
function chosen(shape: Shape, value: unknown): Shape[] {
  const options = shape.anyOf ?? shape.oneOf;
  if (options === undefined) return [shape];
  const type = typeof value === 'object' && value !== null ? (value as { type?: unknown }).type : undefined;
  const kept = (options as Shape[]).flatMap((option) => chosen(option, value));
  const meant = kept.filter(({ properties }) => (properties?.type as Shape | undefined)?.const === type);
  return type === undefined || meant.length === 0 ? kept : meant;
}
