import { Cipher, type Scheme, saved } from '../seal/cipher.ts';
import { openScoreSeal } from '../seal/library.ts';
import { readSecretWords } from '../wire/seal-format.ts';
import { scoreForm, scorePrimes, scoreScale, scoreSlots } from './parameters.ts';

/** A fresh key, as SEAL saves it. Secret, and there is no public part: servers need none for linear forms. Runs at: the owner. */
export async function generateScoreKey(): Promise<Uint8Array> {
  const { module, context } = await openScoreSeal();
  using generator = new module.KeyGenerator(context);
  using secret = generator.secretKey();
  return saved(module, secret);
}

/** The key modulo the prime of results: all that `openScores` needs. */
export function scoreResultKey(key: Uint8Array): Uint8Array {
  return readSecretWords(key, scorePrimes.length);
}

const real: Scheme<Float64Array> = {
  form: scoreForm,
  slots: scoreSlots,
  coder({ module, context }) {
    const encoder = new module.CKKSEncoder(context);
    return {
      encode: (slots, into) => encoder.encode(slots, scoreScale, into),
      decode: (from) => Float64Array.from(encoder.decodeFloat64(from)),
      delete: () => encoder.delete(),
    };
  },
};

/** Slots of real numbers (CKKS): what is decrypted is what was encrypted to some 2^−26. */
export class ScoreCipher extends Cipher<Float64Array> {
  static async open(key: Uint8Array): Promise<ScoreCipher> {
    return new ScoreCipher(await openScoreSeal(), real, key);
  }
}
