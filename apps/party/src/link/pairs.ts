import { hashLabelled } from '@symbolon/crypto';
import type { Pairs } from '@symbolon/linkage';

/** Hash of the pairs in their order, which is that of the program, under the salts of both parties; equal at both. */
export function releasedHash({ a, b }: Pairs, salts: readonly [Uint8Array, Uint8Array]): Uint8Array {
  const bytes = new Uint8Array(8 * a.length);
  const view = new DataView(bytes.buffer);
  for (let i = 0; i < a.length; i++) {
    view.setUint32(8 * i, a[i]!, true);
    view.setUint32(8 * i + 4, b[i]!, true);
  }
  return hashLabelled('symbolon released', ...salts, bytes);
}
