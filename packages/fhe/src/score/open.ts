import { fault } from '@symbolon/crypto';
import { phase } from '../decrypt/decrypt.ts';
import { type Transform, transform } from '../decrypt/ntt.ts';
import { slotCount } from '../parameters.ts';
import type { ScoreChecks } from './checks.ts';
import { realSlots } from './decode.ts';
import { clearScore, linearForm, proveModel, type ScoreLayout, type ScoreModel, scoreOf } from './model.ts';
import { scorePrimes, scoreResultBytes, scoreScale } from './parameters.ts';

const [q] = scorePrimes;
let modQ: Transform | undefined;

/**
 * Scores of the owner's own patients. They are for the owner's eyes: CKKS decrypts to the noise as well, and who sees ciphertext and all digits computes
 * the key. So nothing that makes text of a value makes text of these.
 */
export class Scores {
  readonly #linear: Float64Array;
  readonly #model: ScoreModel;

  /** @param linear forms without the intercept, as they were decrypted */
  constructor(linear: Float64Array, model: ScoreModel) {
    this.#linear = linear;
    this.#model = model;
  }

  get count(): number {
    return this.#linear.length;
  }

  /** What was computed by the server, before intercept and logistic function: to this the bound of errors applies. As secret as {@link forOwner}. */
  linearForms(): Float64Array {
    return this.#linear.slice();
  }

  /** By row of the table. Not to be shown to whoever may have seen ciphertexts, not even summed or rounded: no such step is proven safe. */
  forOwner(): Float64Array {
    return this.#linear.map((linear) => scoreOf(this.#model, linear));
  }

  /** Throws `score-release`: whatever is released travels as JSON. */
  toJSON(): never {
    throw fault(
      'score-release',
      'scores stay with the key owner: with their ciphertexts, released scores betray the secret key',
    );
  }

  toString(): string {
    return `${this.count} scores`;
  }
}

/**
 * Decrypts what a server computed, holds every check row against what must be there, and every other against what can be. Throws `frame-shape` for bytes
 * that are no result, and `fhe-check` at the first number that is wrong: then table and key are to be retired.
 *
 * Runs at: the owner. SEAL never sees a server's bytes beside the secret key. @param results of each chunk, as they came @param secret of `scoreResultKey`
 */
export function openScores(
  { layout, checks, model }: { layout: ScoreLayout; checks: ScoreChecks; model: ScoreModel },
  results: readonly Uint8Array[],
  secret: Uint8Array,
): Scores {
  const wrong = (why: string) => fault('fhe-check', `what the server returned is not what it was asked for: ${why}`);
  if (results.length !== layout.chunks) throw wrong('parts of the table are missing or stand twice');
  const { most, error } = proveModel(model, layout.features);
  const linear = new Float64Array(layout.rows);
  for (const [chunk, result] of results.entries()) {
    const slots = decrypted(result, secret);
    for (const [i, row] of checks.rows(chunk).entries()) {
      const expected = clearScore(linearForm(model), layout, row);
      if (!(Math.abs(slots[checks.slots[i]!]! - expected) <= error)) throw wrong('a check row has another value');
    }
    const first = chunk * layout.rowsOfChunk;
    for (let i = 0; i < layout.rowsOfChunk; i++) {
      const value = slots[checks.rowSlots[i]!]!;
      if (!(Math.abs(value) <= most + error)) throw wrong('a number is larger than it can be');
      if (first + i < layout.rows) linear[first + i] = value;
    }
  }
  return new Scores(linear, model);
}

/** The slots of a result: c0 + c1·s, its coefficients, and their values in slots. */
function decrypted(result: Uint8Array, secret: Uint8Array): Float64Array {
  if (result.length !== scoreResultBytes) throw fault('frame-shape', 'a result has the wrong length');
  if (new BigUint64Array(result.slice().buffer).some((word) => word >= q))
    throw fault('frame-shape', 'a result has a coefficient that is not below its modulus');
  modQ ??= transform(slotCount, q);
  const values = phase(result, secret, q);
  modQ.inverse(values);
  return realSlots(Float64Array.from(values, (value) => Number(value > q / 2n ? value - q : value) / scoreScale));
}
