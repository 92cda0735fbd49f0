import type { CKKSEncoder, Encryptor, Plaintext, SecretKey } from 'node-seal';
import { levelId } from '../seal/level.ts';
import { openScoreSeal, type Seal } from '../seal/library.ts';
import { readSecretWords, readSeeded, type SeededCiphertext } from '../wire/seal-format.ts';
import { freshScorePrimes, scorePrimes, scoreScale, scoreSlots } from './parameters.ts';

/** A fresh key, as SEAL saves it. Secret, and there is no public part: servers need none for linear forms. Runs at: the owner. */
export async function generateScoreKey(): Promise<Uint8Array> {
  const { module, context } = await openScoreSeal();
  using generator = new module.KeyGenerator(context);
  using secret = generator.secretKey();
  return (secret.saveToArray(module.ComprModeType.none) as Uint8Array).slice();
}

/** The key modulo the prime of results: all that `openScores` needs. */
export function scoreResultKey(key: Uint8Array): Uint8Array {
  return readSecretWords(key, scorePrimes.length);
}

/** Encrypts slots of real numbers under a secret key. Runs at: the owner. Close it when all is encrypted. */
export class ScoreEncryptor {
  readonly #seal: Seal;
  readonly #secret: SecretKey;
  readonly #encryptor: Encryptor;
  readonly #encoder: CKKSEncoder;
  readonly #plain: Plaintext;
  readonly #level: Uint8Array;

  private constructor(seal: Seal, key: Uint8Array) {
    const { module, context } = seal;
    this.#seal = seal;
    this.#secret = new module.SecretKey();
    this.#secret.loadFromArray(context, key);
    using generator = new module.KeyGenerator(context);
    using unused = generator.createPublicKey();
    this.#encryptor = new module.Encryptor(context, unused, this.#secret);
    this.#encoder = new module.CKKSEncoder(context);
    this.#plain = new module.Plaintext();
    this.#level = levelId(context.firstParmsId());
  }

  static async open(key: Uint8Array): Promise<ScoreEncryptor> {
    return new ScoreEncryptor(await openScoreSeal(), key);
  }

  encrypt(slots: Float64Array): SeededCiphertext {
    const { module } = this.#seal;
    if (slots.length !== scoreSlots) throw new RangeError(`${slots.length} slots`);
    this.#encoder.encode(slots, scoreScale, this.#plain);
    using sealed = this.#encryptor.encryptSymmetricSerializable(this.#plain);
    const bytes = (sealed.saveToArray(module.ComprModeType.none) as Uint8Array).slice();
    return readSeeded(bytes, this.#level, { primes: freshScorePrimes, scale: scoreScale });
  }

  close(): void {
    for (const object of [this.#encryptor, this.#encoder, this.#plain, this.#secret]) object.delete();
  }
}
