import { unescaped } from './delimiters.ts';
import type { Hl7Message, Segment } from './message.ts';

/** The first segment of a name. */
export function segment({ segments }: Hl7Message, name: string): Segment | undefined {
  return segments.find((one) => one.name === name);
}

/** All segments of a name, in order. */
export function segmentsOf({ segments }: Hl7Message, name: string): Segment[] {
  return segments.filter((one) => one.name === name);
}

/** One repetition of a field: its components, component n at n−1. */
export type Repetition = readonly string[];

/** The repetitions of a field, none if it is empty; their components as they stand. */
export function repetitions(message: Hl7Message, found: Segment | undefined, field: number): Repetition[] {
  const text = found?.fields[field] ?? '';
  // Two quotes delete what stood there before.
  if (text === '' || text === '""') return [];
  const { repetition, component } = message.delimiters;
  return text.split(repetition).map((one) => one.split(component));
}

/** A component, its first subcomponent, without escapes and outer spaces; '' if there is none. */
export function component(message: Hl7Message, repetition: Repetition | undefined, index: number): string {
  const text = repetition?.[index - 1] ?? '';
  const [first = ''] = text.split(message.delimiters.subcomponent);
  return first === '""' ? '' : unescaped(first, message.delimiters).trim();
}

/** The second subcomponent of a component: in HD within CX and PL, the universal id. */
export function subcomponent(
  message: Hl7Message,
  repetition: Repetition | undefined,
  index: number,
  part: number,
): string {
  const text = repetition?.[index - 1] ?? '';
  return unescaped(text.split(message.delimiters.subcomponent)[part - 1] ?? '', message.delimiters).trim();
}

/** Component `index` of the first repetition of a field. */
export function value(message: Hl7Message, found: Segment | undefined, field: number, index = 1): string {
  return component(message, repetitions(message, found, field)[0], index);
}
