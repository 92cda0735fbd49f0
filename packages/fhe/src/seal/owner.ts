import { slotCount } from '../parameters.ts';
import { exactForm, relinBytes } from '../wire/seal-format.ts';
import { Cipher, type Scheme, saved } from './cipher.ts';
import { openSeal } from './library.ts';

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

/** The same numbers as 64-bit ones, little-endian as WebAssembly is; none is below 0. */
function wide(slots: Int32Array): BigInt64Array {
  const halves = new Int32Array(2 * slots.length);
  for (let i = 0; i < slots.length; i++) halves[2 * i] = slots[i]!;
  return new BigInt64Array(halves.buffer);
}

const exact: Scheme<Int32Array> = {
  form: exactForm,
  slots: slotCount,
  coder({ module, context }) {
    const encoder = new module.BatchEncoder(context);
    return {
      encode: (slots, into) => encoder.encode(wide(slots), into),
      decode: (from) => Int32Array.from(encoder.decodeBigUint64(from), Number),
      delete: () => encoder.delete(),
    };
  },
};

/** Slots of whole numbers from 0 to below the plain modulus (BGV). */
export class SlotCipher extends Cipher<Int32Array> {
  static async open({ secret }: Pick<TableKeys, 'secret'>): Promise<SlotCipher> {
    return new SlotCipher(await openSeal(), exact, secret);
  }
}
