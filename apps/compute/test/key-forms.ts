import { packWords, resultKey, resultPrime, slotCount, type TableKeys } from '@symbolon/fhe';
import { transform } from '../../../packages/fhe/src/decrypt/ntt.ts';

/** Pieces of a secret key in the forms that it may have in a file or in memory, long enough that no other bytes are the same; in base64url. */
export function keyForms(keys: TableKeys): Record<string, string> {
  const wordsAt = 88;
  const first = 1000;
  const forms: [string, Uint8Array][] = [0, 1, 2, 3, 4].map((prime) => {
    const at = wordsAt + 8 * (prime * slotCount + first);
    return [`as SEAL keeps it, modulo prime ${prime}`, keys.secret.subarray(at, at + 64)];
  });
  const words = resultKey(keys);
  const piece = words.slice(8 * first, 8 * first + 96);
  forms.push(['packed', packWords(piece)]);
  for (const encoding of ['hex', 'base64'] as const)
    forms.push([encoding, Buffer.from(Buffer.from(piece).toString(encoding).replaceAll('=', ''))]);
  const values = [...new BigUint64Array(words.slice().buffer)];
  transform(slotCount, resultPrime).inverse(values);
  const coefficients = values.slice(first, first + 96);
  const small = coefficients.map((value) => (value > 1n ? -1 : Number(value)));
  if (small.some((value) => value * value > 1)) throw new Error('the secret key is not ternary');
  forms.push(
    ['coefficients, 8 bits each', new Uint8Array(Int8Array.from(small).buffer)],
    ['coefficients, 32 bits each', new Uint8Array(Int32Array.from(small).buffer)],
    ['coefficients, 64 bits each', new Uint8Array(BigUint64Array.from(coefficients).buffer)],
  );
  return Object.fromEntries(forms.map(([name, bytes]) => [name, Buffer.from(bytes).toString('base64url')]));
}
