import type { Rng } from '@symbolon/crypto';
import type { BatchEncoder, Ciphertext, Evaluator, Plaintext } from 'node-seal';
import { plainModulus, slotCount } from '../parameters.ts';
import { validId } from '../table/layout.ts';
import type { Seal } from './library.ts';

/** Points for each column of some whole sets: exactly one column of a set is 1 in a row. From 0 to below the plain modulus. */
export type SecretModel = readonly ReadonlyMap<string, number>[];

/** What the server knows and the owner must not learn. */
export interface Secrets {
  readonly models: ReadonlyMap<string, SecretModel>;
  /**
   * By output, where a model is in it: what the mask of its slots sums to, modulo the plain modulus. Of one process 0; of several, numbers that are
   * random but for their sum, which is 0, so that not even sums of parts of the table come out.
   */
  readonly shares: readonly number[];
  readonly rng: Rng;
}

/**
 * Random plaintexts that an encryption of zero is multiplied by: each makes its noise some 26 bits larger. Measured: 36 bits above that of a result after
 * two products, with 16 bits of budget left, over as many chunks as a total can have.
 */
const factors = 5;

/**
 * Private inputs of the server's (PROTOCOLS §7): points by a model, and what hides them in a result. To the sum of a result is added a random vector whose
 * slots sum to 0, so that slots say nothing but their total; and an encryption of zero times random plaintexts, so that neither noise nor coefficients
 * are a function of the model. Heuristic: no claim of circuit privacy is made. Runs at: the server.
 */
export class PrivateInputs {
  readonly #seal: Seal;
  readonly #evaluator: Evaluator;
  readonly #secrets: Secrets;
  readonly #secret: readonly boolean[];
  readonly #encoder: BatchEncoder;
  readonly #constants = new Map<string, Plaintext>();
  /** Encrypts 0 in all slots. */
  #zero: Ciphertext | undefined;

  constructor(seal: Seal, evaluator: Evaluator, secrets: Secrets, secret: readonly boolean[]) {
    this.#seal = seal;
    this.#evaluator = evaluator;
    this.#secrets = secrets;
    this.#secret = secret;
    this.#encoder = new seal.module.BatchEncoder(seal.context);
  }

  /**
   * Σ points · column. Computed as Σ (points + 1) · column − Σ of all sets' columns, which is the number of sets where a row is: no factor is 0, which
   * SEAL refuses, and time does not depend on points.
   */
  points(model: string, columns: ReadonlyMap<string, Ciphertext>, result: Ciphertext): void {
    const sets = this.#secrets.models.get(model);
    if (sets === undefined) throw new Error('the circuit has a model that was not given');
    let isFirst = true;
    for (const [column, points] of sets.flatMap((set) => [...set])) {
      using weighted = new this.#seal.module.Ciphertext();
      this.#evaluator.multiplyPlain(columns.get(column)!, this.#constant(`${model} ${column}`, points + 1), weighted);
      if (isFirst) result.assign(weighted);
      else this.#evaluator.addInplace(result, weighted);
      isFirst = false;
    }
    for (const _ of sets) this.#evaluator.subInplace(result, columns.get(validId)!);
  }

  /** A set's columns less that of rows: 0 everywhere, under the owner's randomness. */
  addChunk(columns: ReadonlyMap<string, Ciphertext>): void {
    const [sets] = this.#secrets.models.values();
    for (const id of sets![0]!.keys()) {
      const column = columns.get(id)!;
      if (this.#zero !== undefined) this.#evaluator.addInplace(this.#zero, column);
      else {
        this.#zero = new this.#seal.module.Ciphertext();
        this.#zero.assign(column);
      }
    }
    this.#evaluator.subInplace(this.#zero!, columns.get(validId)!);
  }

  /** Leaves nothing of a sum but the total of its slots; one without a model stays as it is. */
  hide(place: number, sum: Ciphertext): void {
    if (!this.#secret[place]) return;
    using mask = this.#plain(masked(this.#secrets.shares[place]!, this.#secrets.rng));
    this.#evaluator.addPlainInplace(sum, mask);
    using flood = new this.#seal.module.Ciphertext();
    flood.assign(this.#zero!);
    for (let i = 0; i < factors; i++) {
      using random = this.#plain(uniform(slotCount, this.#secrets.rng));
      this.#evaluator.multiplyPlainInplace(flood, random);
    }
    this.#evaluator.addInplace(sum, flood);
  }

  close(): void {
    for (const object of [this.#zero, this.#encoder, ...this.#constants.values()]) object?.delete();
  }

  /** Of one column, made once. */
  #constant(of: string, value: number): Plaintext {
    const known = this.#constants.get(of) ?? this.#plain(new Array<number>(slotCount).fill(value));
    this.#constants.set(of, known);
    return known;
  }

  #plain(slots: readonly number[]): Plaintext {
    const plain = new this.#seal.module.Plaintext();
    this.#encoder.encode(BigInt64Array.from(slots, BigInt), plain);
    return plain;
  }
}

/** Uniform numbers below the plain modulus. */
export function uniform(count: number, rng: Rng): number[] {
  const numbers: number[] = [];
  while (numbers.length < count) {
    const bytes = rng(4 * (count - numbers.length));
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    for (let at = 0; at < bytes.length; at += 4) {
      const number = view.getUint32(at) >>> 12;
      if (number < plainModulus) numbers.push(number);
    }
  }
  return numbers;
}

/** Slots that are uniform but for their sum. */
function masked(sum: number, rng: Rng): number[] {
  const slots = uniform(slotCount - 1, rng);
  const rest = slots.reduce((total, slot) => total + slot, 0);
  return [...slots, (((sum - rest) % plainModulus) + plainModulus) % plainModulus];
}
