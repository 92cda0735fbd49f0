import { concat, sha256, utf8 } from '@symbolon/crypto';
import type { MerkleHasher } from './merkle-hasher.ts';

const label = utf8('symbolon log entry v1\n');
const saltLength = 32;
/** Fewer of one length, or longer ones, are hashed one by one. */
const fewest = 4;
const longest = 4096;

/**
 * The entry of an event (PROTOCOLS §8): SHA-256(label ‖ salt ‖ canonical event). The salt hides what an event with few
 * possible contents says, and lets event and salt be erased while the tree stands.
 */
export function entryHash(event: Uint8Array, salt: Uint8Array): Uint8Array {
  if (salt.length !== saltLength) throw new RangeError(`a salt has ${saltLength} bytes`);
  return sha256(label, salt, event);
}

/** {@link entryHash} of many events; those of one length are hashed together. */
export function entryHashes(
  records: readonly { readonly event: Uint8Array; readonly salt: Uint8Array }[],
  hasher: MerkleHasher,
): Uint8Array[] {
  const hashes: Uint8Array[] = Array(records.length);
  for (const [length, places] of byLength(records)) {
    if (places.length < fewest || length > longest) {
      for (const place of places) hashes[place] = entryHash(records[place]!.event, records[place]!.salt);
      continue;
    }
    const [prefix, rest] = [label[0]!, label.subarray(1)];
    const items = concat(...places.flatMap((place) => [rest, records[place]!.salt, records[place]!.event]));
    const together = hasher.hashes(prefix, items, rest.length + saltLength + length);
    for (const [i, place] of places.entries()) hashes[place] = together.subarray(32 * i, 32 * (i + 1));
  }
  return hashes;
}

function byLength(
  records: readonly { readonly event: Uint8Array; readonly salt: Uint8Array }[],
): Map<number, number[]> {
  const places = new Map<number, number[]>();
  for (const [place, { event, salt }] of records.entries()) {
    if (salt.length !== saltLength) throw new RangeError(`a salt has ${saltLength} bytes`);
    const same = places.get(event.length);
    if (same === undefined) places.set(event.length, [place]);
    else same.push(place);
  }
  return places;
}
