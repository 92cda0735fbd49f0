import { fault } from '@symbolon/crypto';
import { z } from 'zod';
import type { Circuit } from '../circuit/circuit.ts';
import { mostFeature, mostScore, scoreSlots } from './parameters.ts';

/** A number that a model takes of each patient; none is missing. */
export interface Feature {
  readonly name: string;
  readonly min: number;
  readonly max: number;
}

/**
 * A model, known to owner and server. `linear`: Σ weight · feature + intercept. `logistic`: 1 / (1 + e^−that), which the owner applies after decryption:
 * one public function of one number, which a server could only approximate (a polynomial of degree 3 is wrong by up to 0.1), at five times the cost, and hide nothing by it.
 */
export interface ScoreModel {
  readonly kind: 'linear' | 'logistic';
  readonly intercept: number;
  /** By feature. */
  readonly weights: Readonly<Record<string, number>>;
}

/** A model that came from elsewhere; {@link proveModel} says whether it can be computed. */
export const scoreModelSchema: z.ZodType<ScoreModel> = z.strictObject({
  kind: z.enum(['linear', 'logistic']),
  intercept: z.number(),
  weights: z
    .record(z.string().min(1).max(63), z.number())
    .refine((weights) => Object.keys(weights).length <= 256, 'must be at most 256 weights'),
});

/** What is asked of features is a model; of exact tables it is a circuit. */
export function isModel(asked: ScoreModel | Circuit): asked is ScoreModel {
  return 'weights' in asked;
}

/** What a server is told of a model: intercept and logistic function are its owner's. */
export function linearForm({ weights }: ScoreModel): ScoreModel {
  return { kind: 'linear', intercept: 0, weights };
}

/** How patients' features are encrypted: the same at owner and server. */
export interface ScoreLayout {
  readonly features: readonly Feature[];
  readonly rows: number;
  /** Ciphertexts of a feature. */
  readonly chunks: number;
  readonly rowsOfChunk: number;
}

/** Slots of a chunk that hold check rows: one in ten. */
export const scoreChecks: number = Math.floor(scoreSlots / 10);

/** Throws `table-layout`. */
export function layOutScores(features: readonly Feature[], rows: number): ScoreLayout {
  if (!Number.isSafeInteger(rows) || rows < 1) throw fault('table-layout', 'a table without rows');
  if (features.length === 0 || new Set(features.map(({ name }) => name)).size < features.length)
    throw fault('table-layout', 'features need names, each its own');
  for (const { name, min, max } of features) {
    if (!(min <= max)) throw fault('table-layout', `${name} needs a range`, { culprit: name });
    if (!(Math.max(-min, max) < mostFeature))
      throw fault('table-layout', `${name} may be too large: features stay below ${mostFeature}`, { culprit: name });
  }
  const rowsOfChunk = scoreSlots - scoreChecks;
  return { features, rows, chunks: Math.ceil(rows / rowsOfChunk), rowsOfChunk };
}

/** What is proven of a model before anything is computed. */
export interface ScoreBounds {
  /** Of the linear form without the intercept. */
  readonly most: number;
  /**
   * How far what is decrypted may be from it: what a server changes by less is not found. Noise of fresh ciphertexts grows with weights (some 2^−26 of each
   * were measured), that of rounding a result does not; a weight is rounded to 2^−41 or left out below 2^−39, which counts as often as its feature is large.
   */
  readonly error: number;
}

/** How much wider scores must be spread than what passes for noise. */
const clearly = 1000;

/** Proves that scores fit. Throws `circuit`. Runs at: owner and server alike. */
export function proveModel({ weights, intercept }: ScoreModel, features: readonly Feature[]): ScoreBounds {
  const refused = (why: string) => fault('circuit', `the model cannot be computed on encrypted data: ${why}`);
  const known = new Map(features.map((feature) => [feature.name, feature]));
  let [most, span, noise, rounding] = [0, 0, 1, 0];
  for (const [name, weight] of Object.entries(weights)) {
    const feature = known.get(name);
    if (feature === undefined) throw refused(`${name} was not encrypted`);
    if (!Number.isFinite(weight)) throw refused(`the weight of ${name} is no number`);
    const largest = Math.max(Math.abs(feature.min), Math.abs(feature.max));
    most += Math.abs(weight) * largest;
    span += Math.abs(weight) * (feature.max - feature.min);
    noise += Math.abs(weight);
    rounding += largest;
  }
  const error = noise * 2 ** -20 + rounding * 2 ** -36;
  if (!Object.values(weights).some(counts)) throw refused('it has no weights but 0');
  if (!Number.isFinite(intercept)) throw refused('its intercept is no number');
  if (most >= mostScore) throw refused(`a score could reach ${most}, and they stay below ${mostScore}`);
  if (!(error * clearly <= span)) {
    throw refused(`scores differ by ${span} at most, and by up to ${error} without anybody noticing`);
  }
  return { most, error };
}

/** Whether a weight is more than 0 when it is rounded: SEAL refuses products that would show what they are of. */
export const counts = (weight: number): boolean => Math.abs(weight) >= 2 ** -39;

/** A patient's score in the clear. @param features in the order of the layout's */
export function clearScore(model: ScoreModel, layout: ScoreLayout, features: ArrayLike<number>): number {
  const weightOf = (name: string): number => (Object.hasOwn(model.weights, name) ? model.weights[name]! : 0);
  return scoreOf(
    model,
    layout.features.reduce((sum, { name }, i) => sum + weightOf(name) * features[i]!, 0),
  );
}

/** From the linear form without the intercept. */
export function scoreOf({ kind, intercept }: ScoreModel, linear: number): number {
  return kind === 'linear' ? linear + intercept : 1 / (1 + Math.exp(-linear - intercept));
}
