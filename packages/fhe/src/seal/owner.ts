import type { Decryptor, Encryptor, SecretKey } from 'node-seal';
import { freshPrimes, slotCount } from '../parameters.ts';
import { readSecretWords, readSeeded, relinBytes, type SeededCiphertext, writeSeeded } from '../wire/seal-format.ts';
import { levelId } from './level.ts';
import { openSeal, type Seal } from './library.ts';

/** Keys of a table. SEAL draws them from the system's generator: its bindings take no other. */
export interface TableKeys {
  /** As SEAL saves it: to encrypt. Secret. */
  readonly secret: Uint8Array;
  /** The server's, to multiply with: says nothing of the data. */
  readonly evaluation: Uint8Array;
}

/** Fresh keys. Runs at: the owner. */
export async function generateKeys(): Promise<TableKeys> {
  const { module, context } = await openSeal();
  using generator = new module.KeyGenerator(context);
  using secret = generator.secretKey();
  using evaluation = generator.createRelinKeysSerializable();
  const keys = { secret: saved(module, secret), evaluation: saved(module, evaluation) };
  if (keys.evaluation.length !== relinBytes) throw new Error('SEAL saved evaluation keys of another length');
  return keys;
}

/** The secret key modulo the result prime: all that {@link decryptSlots} needs. */
export function resultKey({ secret }: Pick<TableKeys, 'secret'>): Uint8Array {
  return readSecretWords(secret);
}

const saved = (module: Seal['module'], object: { saveToArray(mode: unknown): Uint8Array }): Uint8Array =>
  object.saveToArray(module.ComprModeType.none).slice();

/** The same numbers as 64-bit ones, little-endian as WebAssembly is; none is below 0. */
function wide(slots: Int32Array): BigInt64Array {
  const halves = new Int32Array(2 * slots.length);
  for (let i = 0; i < slots.length; i++) halves[2 * i] = slots[i]!;
  return new BigInt64Array(halves.buffer);
}

/** Encrypts slots under a secret key. Runs at: the owner. Close it when all is encrypted. */
export class SlotEncryptor {
  readonly #seal: Seal;
  readonly #secret: SecretKey;
  readonly #encryptor: Encryptor;
  readonly #encoder;
  readonly #plain;
  readonly #level: Uint8Array;

  private constructor(seal: Seal, secret: Uint8Array) {
    const { module, context } = seal;
    this.#seal = seal;
    this.#secret = new module.SecretKey();
    this.#secret.loadFromArray(context, secret);
    using generator = new module.KeyGenerator(context);
    using unused = generator.createPublicKey();
    this.#encryptor = new module.Encryptor(context, unused, this.#secret);
    this.#encoder = new module.BatchEncoder(context);
    this.#plain = new module.Plaintext();
    this.#level = levelId(context.firstParmsId());
  }

  static async open({ secret }: Pick<TableKeys, 'secret'>): Promise<SlotEncryptor> {
    return new SlotEncryptor(await openSeal(), secret);
  }

  /** @param slots numbers from 0 to below the plain modulus */
  encrypt(slots: Int32Array): SeededCiphertext {
    const { module } = this.#seal;
    if (slots.length !== slotCount) throw new RangeError(`${slots.length} slots`);
    this.#encoder.encode(wide(slots), this.#plain);
    using sealed = this.#encryptor.encryptSymmetricSerializable(this.#plain);
    const text = readSeeded(saved(module, sealed), this.#level);
    if (text.words.length !== freshPrimes * slotCount * 8) throw new Error('SEAL made a ciphertext of another level');
    return text;
  }

  close(): void {
    for (const object of [this.#encryptor, this.#encoder, this.#plain, this.#secret]) object.delete();
  }
}

/**
 * Decrypts ciphertexts that {@link SlotEncryptor} made and whose signature by their owner was verified: SEAL is given no others beside the secret key.
 * Runs at: the owner, to move a table to another key.
 */
export class SlotDecryptor {
  readonly #seal: Seal;
  readonly #secret: SecretKey;
  readonly #decryptor: Decryptor;
  readonly #encoder;
  readonly #plain;
  readonly #level: Uint8Array;

  private constructor(seal: Seal, secret: Uint8Array) {
    const { module, context } = seal;
    this.#seal = seal;
    this.#secret = new module.SecretKey();
    this.#secret.loadFromArray(context, secret);
    this.#decryptor = new module.Decryptor(context, this.#secret);
    this.#encoder = new module.BatchEncoder(context);
    this.#plain = new module.Plaintext();
    this.#level = levelId(context.firstParmsId());
  }

  static async open({ secret }: Pick<TableKeys, 'secret'>): Promise<SlotDecryptor> {
    return new SlotDecryptor(await openSeal(), secret);
  }

  /** @returns numbers from 0 to below the plain modulus, one a slot */
  decrypt(text: SeededCiphertext): Int32Array {
    const { module, context } = this.#seal;
    using loaded = new module.Ciphertext();
    loaded.loadFromArray(context, writeSeeded(text, this.#level));
    this.#decryptor.decrypt(loaded, this.#plain);
    return Int32Array.from(this.#encoder.decodeBigUint64(this.#plain), Number);
  }

  close(): void {
    for (const object of [this.#decryptor, this.#encoder, this.#plain, this.#secret]) object.delete();
  }
}
