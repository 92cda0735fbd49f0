import { concat, fault } from '@symbolon/crypto';

/** Hashes of a full tile and entries of a full bundle (C2SP tlog-tiles). */
export const tileWidth = 256;
const hashLength = 32;
const maxLevel = 63;

/** A tile or, at level 'entries', a bundle of entries. */
export interface TileName {
  readonly level: number | 'entries';
  /** The tile holds what stands at 256 · index and after. */
  readonly index: number;
  /** 1 … 256; less than 256 is a partial tile. */
  readonly width: number;
}

/** Where a tile stands below the prefix of its log: tile/0/x001/x234/067.p/8. */
export function tilePath({ level, index, width }: TileName): string {
  const digits = String(index);
  const padded = digits.padStart(Math.ceil(digits.length / 3) * 3, '0');
  const groups = padded.match(/\d{3}/g)!;
  const path = groups.map((group, i) => (i < groups.length - 1 ? `x${group}` : group)).join('/');
  return `tile/${level}/${path}${width === tileWidth ? '' : `.p/${width}`}`;
}

/** Reads what {@link tilePath} wrote; undefined for anything else. */
export function parseTilePath(path: string): TileName | undefined {
  const [, level, groups, width] =
    /^tile\/(entries|\d{1,2})\/((?:x\d{3}\/){0,4}\d{3})(?:\.p\/(\d{1,3}))?$/.exec(path) ?? [];
  if (level === undefined || groups === undefined) return undefined;
  const name = {
    level: level === 'entries' ? level : Number(level),
    index: Number(groups.replace(/[x/]/g, '')),
    width: width === undefined ? tileWidth : Number(width),
  } as const;
  const bounded = (name.level === 'entries' || name.level <= maxLevel) && name.width >= 1;
  return bounded && tilePath(name) === path ? name : undefined;
}

/** The tiles and bundles of a log of this size, each level from left to right. */
export function* tilesOf(size: number): Generator<TileName> {
  for (const level of ['entries', ...Array(8).keys()] as const) {
    const count = Math.floor(size / tileWidth ** (level === 'entries' ? 0 : level));
    for (let start = 0; start < count; start += tileWidth) {
      yield { level, index: start / tileWidth, width: Math.min(tileWidth, count - start) };
    }
  }
}

/** Entries as a bundle: each preceded by its length, big-endian. */
export function entryBundle(entries: readonly Uint8Array[]): Uint8Array {
  return concat(...entries.flatMap((entry) => [Uint8Array.of(entry.length >> 8, entry.length & 255), entry]));
}

/** The entries of a bundle of this width, which are hashes of 32 bytes. Throws `bad-document`. */
export function parseEntryBundle(bundle: Uint8Array, width: number): Uint8Array[] {
  const step = 2 + hashLength;
  const entries = Array.from({ length: width }, (_, i) => bundle.subarray(i * step, (i + 1) * step));
  if (bundle.length !== width * step || !entries.every((entry) => entry[0] === 0 && entry[1] === hashLength)) {
    throw fault('bad-document', `not a bundle of ${width} entries of ${hashLength} bytes`);
  }
  return entries.map((entry) => entry.subarray(2));
}
