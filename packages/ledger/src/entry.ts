import { sha256, utf8 } from '@symbolon/crypto';
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

/** {@link entryHash} of many events, concatenated; those of one length are hashed together. */
export function entryHashes(
  records: readonly { readonly event: Uint8Array; readonly salt: Uint8Array }[],
  hasher: MerkleHasher,
): Uint8Array {
  const hashes = new Uint8Array(32 * records.length);
  for (const [length, places] of byLength(records)) {
    if (places.length < fewest || length > longest) {
      for (const place of places) hashes.set(entryHash(records[place]!.event, records[place]!.salt), 32 * place);
      continue;
    }
    const [prefix, rest] = [label[0]!, label.subarray(1)];
    const itemBytes = rest.length + saltLength + length;
    const items = new Uint8Array(places.length * itemBytes);
    for (const [i, place] of places.entries()) {
      items.set(rest, i * itemBytes);
      items.set(records[place]!.salt, i * itemBytes + rest.length);
      items.set(records[place]!.event, i * itemBytes + rest.length + saltLength);
    }
    const together = hasher.hashes(prefix, items, itemBytes);
    for (const [i, place] of places.entries()) hashes.set(together.subarray(32 * i, 32 * (i + 1)), 32 * place);
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
