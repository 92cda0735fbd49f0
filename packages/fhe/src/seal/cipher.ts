import type { Decryptor, Encryptor, Plaintext, SecretKey } from 'node-seal';
import { type FreshForm, readSeeded, type SeededCiphertext, writeSeeded } from '../wire/seal-format.ts';
import { levelId } from './level.ts';
import type { Seal } from './library.ts';

/** How a scheme writes slots as a plain polynomial. */
export interface Coder<Slots> {
  encode(slots: Slots, into: Plaintext): void;
  decode(from: Plaintext): Slots;
  delete(): void;
}

/** What a scheme's ciphertexts look like, and what is in them. */
export interface Scheme<Slots> {
  readonly form: FreshForm;
  readonly slots: number;
  coder(seal: Seal): Coder<Slots>;
}

/** Encrypts and decrypts slots under a secret key. Runs at: the owner. Close it when all is done. */
export class Cipher<Slots extends { readonly length: number }> {
  readonly #seal: Seal;
  readonly #scheme: Scheme<Slots>;
  readonly #secret: SecretKey;
  readonly #encryptor: Encryptor;
  readonly #decryptor: Decryptor;
  readonly #coder: Coder<Slots>;
  readonly #plain: Plaintext;
  readonly #level: Uint8Array;

  /** @param secret as SEAL saved it */
  protected constructor(seal: Seal, scheme: Scheme<Slots>, secret: Uint8Array) {
    const { module, context } = seal;
    this.#seal = seal;
    this.#scheme = scheme;
    this.#secret = new module.SecretKey();
    this.#secret.loadFromArray(context, secret);
    using generator = new module.KeyGenerator(context);
    using unused = generator.createPublicKey();
    this.#encryptor = new module.Encryptor(context, unused, this.#secret);
    this.#decryptor = new module.Decryptor(context, this.#secret);
    this.#coder = scheme.coder(seal);
    this.#plain = new module.Plaintext();
    this.#level = levelId(context.firstParmsId());
  }

  /** @param slots what the scheme can hold: numbers from 0 to below the plain modulus, or real ones */
  encrypt(slots: Slots): SeededCiphertext {
    const { module } = this.#seal;
    if (slots.length !== this.#scheme.slots) throw new RangeError(`${slots.length} slots`);
    this.#coder.encode(slots, this.#plain);
    using sealed = this.#encryptor.encryptSymmetricSerializable(this.#plain);
    return readSeeded(saved(module, sealed), this.#level, this.#scheme.form);
  }

  /** Of what {@link encrypt} made, after its owner's signature was verified: SEAL is given nothing else beside the secret key. */
  decrypt(text: SeededCiphertext): Slots {
    const { module, context } = this.#seal;
    using loaded = new module.Ciphertext();
    loaded.loadFromArray(context, writeSeeded(text, this.#level, this.#scheme.form));
    this.#decryptor.decrypt(loaded, this.#plain);
    return this.#coder.decode(this.#plain);
  }

  close(): void {
    for (const object of [this.#encryptor, this.#decryptor, this.#coder, this.#plain, this.#secret]) object.delete();
  }
}

/** The bytes that SEAL saves an object as. */
export function saved(module: Seal['module'], object: { saveToArray(mode: unknown): Uint8Array }): Uint8Array {
  return object.saveToArray(module.ComprModeType.none).slice();
}
