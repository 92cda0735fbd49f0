import type { ColumnSource } from '../seal/evaluator.ts';
import { levelId } from '../seal/level.ts';
import { openScoreSeal, type Seal } from '../seal/library.ts';
import { readLast, writeSeeded } from '../wire/seal-format.ts';
import { counts, type Feature, proveModel, type ScoreModel } from './model.ts';
import { scoreForm, scorePrimes, scoreScale, scoreSlots } from './parameters.ts';

/** Evaluates a model's linear form chunk by chunk, without any key. Runs at: the compute server. Learns: nothing but the model, and sizes. */
export class ScoreEvaluator {
  readonly #seal: Seal;
  readonly #weights: readonly (readonly [feature: string, weight: number])[];

  private constructor(seal: Seal, model: ScoreModel) {
    this.#seal = seal;
    this.#weights = Object.entries(model.weights).filter(([, weight]) => counts(weight));
  }

  /** Throws `circuit` for a model that does not fit. */
  static async open(model: ScoreModel, features: readonly Feature[]): Promise<ScoreEvaluator> {
    proveModel(model, features);
    return new ScoreEvaluator(await openScoreSeal(), model);
  }

  /**
   * The linear form of each patient of a chunk, encrypted: words of 8 bytes, two polynomials modulo the one prime that is left.
   * @param column gives the ciphertext of a feature
   */
  async chunk(column: ColumnSource): Promise<Uint8Array> {
    const { module, context } = this.#seal;
    using evaluator = new module.Evaluator(context);
    using encoder = new module.CKKSEncoder(context);
    using weightText = new module.Plaintext();
    const level = levelId(context.firstParmsId());
    let sum: InstanceType<typeof module.Ciphertext> | undefined;
    try {
      for (const [feature, weight] of this.#weights) {
        const term = new module.Ciphertext();
        term.loadFromArray(context, writeSeeded(await column(feature), level, scoreForm));
        // A weight has the dropped prime as its scale, so that the product comes back to exactly the scale of features.
        encoder.encode(new Float64Array(scoreSlots).fill(weight), Number(scorePrimes[1]), weightText);
        evaluator.multiplyPlainInplace(term, weightText);
        if (sum === undefined) sum = term;
        else {
          evaluator.addInplace(sum, term);
          term.delete();
        }
      }
      evaluator.rescaleToNextInplace(sum!);
      const bytes = sum!.saveToArray(module.ComprModeType.none) as Uint8Array;
      return readLast(bytes, levelId(context.lastParmsId()), scoreScale).words;
    } finally {
      sum?.delete();
    }
  }
}
