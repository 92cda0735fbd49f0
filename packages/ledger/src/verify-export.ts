import { concat, equalBytes, fault } from '@symbolon/crypto';
import { verifyEvents } from './disclosed-events.ts';
import { MerkleHasher } from './merkle-hasher.ts';
import { parseEntryBundle, type TileName, tilePath, tilesOf } from './tiles.ts';
import { HashTree } from './tree.ts';
import {
  attempt,
  type FileVerdict,
  type TrustedCosignature,
  trustedCheckpoint,
  trustedCosignatures,
} from './trusted.ts';
import type { VerifierKey } from './verifier-key.ts';

/** An exported log, wherever its files are. Nothing of it is trusted. */
export interface ExportedFiles {
  /** The signed note. */
  readonly checkpoint: string;
  /** Notes that witnesses have cosigned. */
  readonly cosigned: readonly string[];
  /** Content of a tile, or of a bundle of entries; undefined where it is missing or has not the length given. */
  tile(name: TileName, length: number): Uint8Array | undefined;
  /** Lines of the file of disclosed events, some at a time. */
  events(): AsyncIterable<readonly string[]>;
}

/** {@link FileVerdict} of a whole log. */
export interface LogFolderVerdict extends FileVerdict {
  /** Events that were disclosed and belong to their entries. */
  readonly events: number;
}

/**
 * Verifies an exported log from its files alone: the signature of its checkpoint, every entry up to the root, every tile, every
 * cosignature by a trusted witness, every disclosed event. Throws `bad-document` or `bad-signature` where the checkpoint itself is not to
 * be trusted.
 * @param keys of logs and witnesses that are trusted
 * @param progress told how many entries and lines of events were verified
 */
export async function verifyExport(
  files: ExportedFiles,
  keys: readonly VerifierKey[],
  progress: (entries: number, events: number) => void = () => undefined,
): Promise<LogFolderVerdict> {
  const faults: string[] = [];
  const { origin, size } = trustedCheckpoint(files.checkpoint, keys);
  const notes = [files.checkpoint, ...files.cosigned];
  const cosigned = notes.flatMap((note) => attempt(faults, () => ({ ...checkpointOf(note, origin, keys), note })));
  const read = readTree(files, size, faults, (entries) => progress(entries, 0));
  if (read === undefined) return { ok: false, origin, size, cosignatures: [], events: 0, faults };
  for (const one of cosigned) {
    if (one.size > size) faults.push(`a cosigned checkpoint has ${one.size} entries, the log ${size}`);
    else if (!equalBytes(read.tree.root(one.size), one.root)) {
      faults.push(`the entries do not give the root of the checkpoint of size ${one.size}`);
    }
  }
  const cosignatures = cosigned.flatMap((one) => trustedCosignatures(one.note, one.size, keys, faults));
  faults.push(...backDated(cosignatures));
  const events = await verifyEvents(files.events(), read.entries, faults, (count) => progress(size, count));
  return { ok: faults.length === 0, origin, size, cosignatures, events, faults };
}

function checkpointOf(note: string, expected: string, keys: readonly VerifierKey[]) {
  const checkpoint = trustedCheckpoint(note, keys);
  if (checkpoint.origin === expected) return checkpoint;
  throw fault('bad-document', `a cosigned checkpoint is of another log than ${expected}`);
}

/** A witness that cosigns a larger tree does so later. */
function backDated(cosignatures: readonly TrustedCosignature[]): string[] {
  const ordered = cosignatures.toSorted((a, b) => a.size - b.size);
  return ordered.flatMap((one, i) =>
    ordered.slice(0, i).some(({ witness, size, at }) => witness === one.witness && size < one.size && at > one.at)
      ? [`${one.witness} cosigned ${one.size} entries before fewer`]
      : [],
  );
}

/** The tree over all entries, and the entries, concatenated. */
function readTree(
  files: ExportedFiles,
  size: number,
  faults: string[],
  progress: (entries: number) => void,
): { tree: HashTree; entries: Uint8Array } | undefined {
  const tree = new HashTree();
  const hasher = new MerkleHasher();
  const bundles: Uint8Array[] = [];
  for (const tile of tilesOf(size)) {
    const [bytes] = attempt(faults, () => readTile(files, tile));
    if (bytes === undefined) return undefined;
    if (tile.level === 'entries') {
      const [entries] = attempt(faults, () => parseEntryBundle(bytes, tile.width));
      if (entries === undefined) return undefined;
      const bundle = concat(...entries);
      bundles.push(bundle);
      tree.appendAll(hasher.leaves(bundle), hasher);
      progress(tree.size);
    } else if (!equalBytes(tree.tile(tile.level, tile.index, tile.width), bytes)) {
      faults.push(`${tilePath(tile)} is not what the entries give`);
    }
  }
  return { tree, entries: concat(...bundles) };
}

function readTile(files: ExportedFiles, tile: TileName): Uint8Array {
  const path = tilePath(tile);
  const length = tile.width * (tile.level === 'entries' ? 34 : 32);
  const bytes = files.tile(tile, length);
  if (bytes?.length === length) return bytes;
  throw fault('bad-document', `${path} is missing or has not ${length} bytes`, { culprit: path });
}
