import type { ParmsIdType } from 'node-seal';

/** SEAL's name of a level, as it is saved: 32 bytes. */
export function levelId(id: ParmsIdType): Uint8Array {
  const { buffer, byteOffset } = id.values() as BigUint64Array;
  const bytes = new Uint8Array(buffer, byteOffset, 32).slice();
  id.delete();
  return bytes;
}
