import { hashLabelled } from '@symbolon/crypto';
import type { LinkPlan, LinkResult, Pairs } from '@symbolon/linkage';

/** How many pairs match; null where that did not become known here. */
export function matchesOf(result: LinkResult): number | null {
  if (result.kind === 'nothing') return null;
  return result.kind === 'pairs' ? result.a.length : result.count;
}

/**
 * Rows of a that have as many partners as a run by blocking gives a row at most, so that others may match them too; null where that cannot be, or where
 * the pairs did not become known here.
 */
export function fullRows(result: LinkResult, { last }: Pick<LinkPlan, 'last'>): number | null {
  if (last.protocol !== 'link-resolve/1' || last.cardinality !== 'many-to-many' || result.kind !== 'pairs') return null;
  // Fewer slots than the bound: there was room for every pair that met.
  if (last.most === last.slots) return null;
  const partners = new Map<number, number>();
  for (const row of result.a) partners.set(row, (partners.get(row) ?? 0) + 1);
  return [...partners.values()].filter((count) => count === last.most).length;
}

/** Hash of what became known to both, under the salts of both parties; equal at both. Pairs stand in the order of the program. */
export function releasedHash(result: LinkResult, salts: readonly [Uint8Array, Uint8Array]): Uint8Array {
  const bytes = result.kind === 'pairs' ? pairBytes(result) : numberBytes(matchesOf(result) ?? 0);
  return hashLabelled(`symbolon released ${result.kind}`, ...salts, bytes);
}

function pairBytes({ a, b }: Pairs): Uint8Array {
  const bytes = new Uint8Array(8 * a.length);
  const view = new DataView(bytes.buffer);
  for (let i = 0; i < a.length; i++) {
    view.setUint32(8 * i, a[i]!, true);
    view.setUint32(8 * i + 4, b[i]!, true);
  }
  return bytes;
}

function numberBytes(number: number): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(number), true);
  return bytes;
}
