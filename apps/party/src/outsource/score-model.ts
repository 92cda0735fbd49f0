import type { Agreement } from '@symbolon/agreement';
import { readYaml, type Said, said } from '@symbolon/analytics';
import { base64url, fault, hashLabelled, utf8 } from '@symbolon/crypto';
import { featureOf, type ScoreModel, scoreModelSchema } from '@symbolon/fhe';
import { z } from 'zod';

/** A model of which each patient of a table gets a score, as an agreement lets its owner ask for them. */
export interface BoundScores {
  readonly kind: 'scores';
  readonly title: string | null;
  readonly model: ScoreModel;
  /** Of table and model: this is approved, and run. */
  readonly hash: string;
  /** The table's name in the agreement. */
  readonly table: string;
  /** None that a policy is about: the columns' values go nowhere. */
  readonly uses: readonly never[];
}

type Outsourcing = NonNullable<Agreement['outsourcing']>;

// Files keep decimals as they are written.
const decimal = z
  .union([z.number(), z.string().regex(/^-?\d+(\.\d+)?(e[+-]?\d+)?$/i, 'must be a number')])
  .transform(Number)
  .pipe(z.number());

const fileSchema = z.strictObject({
  scores: z.string().min(1).max(63),
  title: z.string().min(1).max(200).optional(),
  kind: z.enum(['linear', 'logistic']),
  intercept: decimal,
  weights: z.record(z.string(), decimal),
});

/**
 * Binds a model to the tables of an agreement; undefined for text that is none. Throws `study-invalid`, `agreement-limit`, `study-unknown-column`,
 * `study-policy`, `table-layout`. @param text YAML or JSON, its `scores` the table's name
 */
export function bindScores({ outsourcing, title: agreed }: Agreement, text: string): BoundScores | undefined {
  const value = scoresIn(text);
  if (value === undefined) return undefined;
  const { scores: table, title = null, ...rest } = parsed(fileSchema, value);
  const columns = outsourcing?.tables[table]?.columns;
  if (columns === undefined) {
    throw fault('agreement-limit', `"${agreed}" lists no table '${table}' to be encrypted`, { culprit: table });
  }
  const model = parsed(scoreModelSchema, rest);
  for (const name of Object.keys(model.weights)) {
    const column = Object.hasOwn(columns, name) ? columns[name] : undefined;
    if (column === undefined) {
      throw fault('study-unknown-column', `a model for scores: ${table} has no column ${name}`, { culprit: name });
    }
    if (column.policy === 'hidden' || column.policy === 'join') {
      throw fault('study-policy', `a model for scores: ${name} is no column of ${table} that is encrypted`, {
        culprit: name,
      });
    }
    featureOf({ name, column });
  }
  return { kind: 'scores', title, model, hash: hashOf(table, model), table, uses: [] };
}

/** What is computed and who sees it, for people. */
export function scoreWords({ model, table }: BoundScores, { owner, compute }: Outsourcing): Said[] {
  const weights = Object.entries(model.weights).map(([name, weight]) => `${weight} · ${name}`);
  const linear = [...weights, String(model.intercept)].join(' + ');
  return [
    said('study', 'A score of each patient:', [
      `${table}: ${model.kind === 'linear' ? linear : `1 / (1 + e^−(${linear}))`}`,
    ]),
    said('opened', 'Opens:', [
      `the scores, for the eyes of data stewards of ${owner} alone; they are never released`,
      `to ${compute}: nothing; it is told the weights, and how many patients there are, to some thousands`,
    ]),
  ];
}

function scoresIn(text: string): unknown {
  let value: unknown;
  try {
    ({ value } = readYaml(text));
  } catch {
    return undefined;
  }
  return typeof value === 'object' && value !== null && 'scores' in value ? value : undefined;
}

function hashOf(table: string, { kind, intercept, weights }: ScoreModel): string {
  const sorted = Object.entries(weights).sort(([a], [b]) => (a < b ? -1 : 1));
  return base64url(hashLabelled('symbolon model for scores', utf8(JSON.stringify([table, kind, intercept, sorted]))));
}

function parsed<Value>(schema: z.ZodType<Value>, value: unknown): Value {
  const read = schema.safeParse(value);
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  throw fault('study-invalid', `a model for scores: ${issue!.path.join('.')}: ${issue!.message}`);
}
