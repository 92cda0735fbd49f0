import { fault, type SymbolonError } from '@symbolon/crypto';
import { z } from 'zod';
import { decimalPattern, fitScale, scaledDecimal } from './decimal.ts';
import { columnName, date, decimal, type Frozen, line, organisationId, visibleText } from './fields.ts';
import { distinct, type Must } from './rules.ts';
import { values } from './values.ts';

const description = line(500).exactOptional();

const parameterSchema = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('number'),
    description,
    min: decimal,
    max: decimal,
    /** Decimals after the point; 0 if absent. */
    scale: z.int().min(0).max(9).exactOptional(),
  }),
  z.strictObject({ type: z.literal('date'), description, min: date, max: date }),
  z.strictObject({ type: z.literal('text'), description, values }),
  z.strictObject({ type: z.literal('boolean'), description }),
]);

/** A study with parameters. Each choice of their values is a study of its own. */
export const templateSchema = z.strictObject({
  name: z.string().regex(/^[a-z][a-z0-9-]{0,47}$/, 'must be like visits-by-age, at most 48 characters'),
  /** As that of a listed study, but in its SQL `{name}` stands where the value of a parameter will. */
  text: visibleText(16_384),
  parameters: z
    .record(columnName, parameterSchema)
    .refine(
      (parameters) => Object.keys(parameters).length >= 1 && Object.keys(parameters).length <= 16,
      'must be 1 to 16 parameters',
    ),
  /** Who learns its result. */
  to: z.array(organisationId).min(1).max(5),
  /** Attempts that may open their result, of all choices together, over the whole term. */
  maxRuns: z.int().min(1).max(10_000),
});

/** What a parameter may be. */
export type TemplateParameter = Frozen<z.output<typeof parameterSchema>>;
type Parameters = Readonly<Record<string, TemplateParameter>>;

/** Values by parameter: decimals, dates YYYY-MM-DD, texts, `true` and `false`. */
export type TemplateValues = Readonly<Record<string, string>>;

export function checkParameters(must: Must, at: string, parameters: Parameters): void {
  for (const [name, parameter] of Object.entries(parameters)) {
    const own = `${at}.${name}`;
    if (parameter.type === 'text') must(distinct(parameter.values), `${own}.values`, 'holds a value twice');
    if (parameter.type === 'date') must(parameter.min <= parameter.max, `${own}.max`, 'lies before min');
    if (parameter.type !== 'number') continue;
    const { min, max, scale = 0 } = parameter;
    if (!fitScale(must, own, parameter, scale)) continue;
    must(scaledDecimal(min, scale) <= scaledDecimal(max, scale), `${own}.max`, 'is less than min');
  }
}

const placeholder = /\{([a-z_][a-z0-9_]*)\}/g;

/** The names that stand in braces, in their order. */
export function placeholdersOf(text: string): string[] {
  return [...text.matchAll(placeholder)].map(([, name]) => name!);
}

// What a placeholder must not stand in: a text, a quoted name, a comment.
const quoted = /'(?:[^']|'')*'|"(?:[^"]|"")*"|--[^\n]*|\/\*[\s\S]*?\*\//g;
// Quotes of other kinds, in which the pattern above would lose its way.
const otherQuotes = /\$[a-z_0-9]*\$|(?<![a-z0-9_])[eux]&?'/i;

/**
 * The SQL of a template with a value for each parameter, as a literal: never as text that SQL would read in another way.
 *
 * @throws SymbolonError `study-invalid`, naming the parameter: for a value that the agreement does not allow, one that is missing or
 * unknown, and a placeholder in quotes or a comment
 */
export function fillTemplate(sql: string, parameters: Parameters, given: TemplateValues): string {
  for (const name of Object.keys(given)) {
    if (!Object.hasOwn(parameters, name)) {
      throw refuse(name, `is not a parameter; there are ${Object.keys(parameters).join(', ')}`);
    }
  }
  const literals = new Map(
    Object.entries(parameters).map(([name, parameter]) => {
      if (!Object.hasOwn(given, name)) throw refuse(name, `has no value; ${allowedWords(parameter)}`);
      return [name, literal(name, parameter, given[name]!)] as const;
    }),
  );
  requirePlain(sql);
  return sql.replace(placeholder, (_, name: string) => {
    const value = literals.get(name);
    if (value === undefined) throw refuse(name, 'stands in the text and is not a parameter');
    return value;
  });
}

/** A value for each parameter that is allowed: the least, or the first. */
export function sampleValues(parameters: Parameters): TemplateValues {
  const sample = (parameter: TemplateParameter): string =>
    parameter.type === 'boolean' ? 'true' : parameter.type === 'text' ? parameter.values[0]! : parameter.min;
  return Object.fromEntries(Object.entries(parameters).map(([name, parameter]) => [name, sample(parameter)]));
}

/** What a parameter may be, in words. */
export function allowedWords(parameter: TemplateParameter): string {
  switch (parameter.type) {
    case 'number': {
      const { min, max, scale = 0 } = parameter;
      return `a number from ${min} to ${max}${scale === 0 ? '' : `, at most ${scale} decimals`}`;
    }
    case 'date':
      return `a date from ${parameter.min} to ${parameter.max}`;
    case 'text':
      return `one of ${parameter.values.join(', ')}`;
    case 'boolean':
      return 'true or false';
  }
}

// Beside these a literal would be read as a part of another word, number or text.
const glued = /[\w'"$.]\{([a-z_][a-z0-9_]*)\}|\{([a-z_][a-z0-9_]*)\}[\w'"$.]/;

function requirePlain(sql: string): void {
  const rest = sql.replace(quoted, (found) => {
    const [name] = placeholdersOf(found);
    if (name !== undefined) throw refuse(name, 'stands in quotes or in a comment; write {name} alone, without quotes');
    return { "'": "''", '"': '""' }[found[0]!] ?? ' ';
  });
  const beside = glued.exec(rest);
  if (beside !== null) throw refuse((beside[1] ?? beside[2])!, 'needs a space on either side');
  if (otherQuotes.test(rest)) throw refuse('text', 'a template quotes texts in single quotes alone, without a prefix');
}

function literal(name: string, parameter: TemplateParameter, value: string): string {
  const wrong = (): SymbolonError => refuse(name, `must be ${allowedWords(parameter)}`);
  switch (parameter.type) {
    case 'number': {
      const { min, max, scale = 0 } = parameter;
      if (!decimalPattern.test(value) || (value.split('.')[1]?.length ?? 0) > scale) throw wrong();
      const number = scaledDecimal(value, scale);
      if (number < scaledDecimal(min, scale) || number > scaledDecimal(max, scale)) throw wrong();
      const short = value.includes('.') ? value.replace(/\.?0+$/, '') : value;
      // A minus behind a minus would begin a comment.
      return short.startsWith('-') ? `(${short})` : short;
    }
    case 'date':
      if (!date.safeParse(value).success || value < parameter.min || value > parameter.max) throw wrong();
      return `DATE '${value}'`;
    case 'text':
      if (!parameter.values.includes(value)) throw wrong();
      return `'${value.replaceAll("'", "''")}'`;
    case 'boolean':
      if (value !== 'true' && value !== 'false') throw wrong();
      return value.toUpperCase();
  }
}

function refuse(name: string, message: string): SymbolonError {
  return fault('study-invalid', `${name}: ${message}`, { culprit: name });
}
