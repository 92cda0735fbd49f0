import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { checkCanonical, concat, equalBytes, fault, fromUtf8, SymbolonError } from '@symbolon/crypto';
import {
  type Checkpoint,
  cosignedAt,
  entryHash,
  HashTree,
  leafHash,
  MerkleHasher,
  parseCheckpoint,
  parseEntryBundle,
  parseProof,
  type TileName,
  tilePath,
  tilesOf,
  type VerifierKey,
  verifyInclusion,
} from '@symbolon/ledger';
import { logFiles } from './log-bundle.ts';
import { verifyEvents } from './log-events.ts';

const maxNoteBytes = 16_384;
const maxProofBytes = 4 << 20;
const maxWitnesses = 1000;

/** A trusted witness's cosignature. */
export interface TrustedCosignature {
  readonly witness: string;
  readonly size: number;
  /** RFC 3339, UTC, by the witness's clock. */
  readonly at: string;
}

/** What a verification from files came to. */
export interface FileVerdict {
  readonly ok: boolean;
  readonly origin: string;
  readonly size: number;
  /** By witnesses whose keys are trusted; others say nothing. */
  readonly cosignatures: readonly TrustedCosignature[];
  /** What is wrong, one sentence each. */
  readonly faults: readonly string[];
}

/** {@link FileVerdict} of a whole log. */
export interface LogFolderVerdict extends FileVerdict {
  /** Events that were disclosed and belong to their entries. */
  readonly events: number;
}

/** {@link FileVerdict} of one entry. */
export interface ProofVerdict extends FileVerdict {
  readonly index: number;
  /** Canonical JSON. */
  readonly event: string;
}

/**
 * Verifies an exported log from its files alone: the signature of its checkpoint, every entry up to the root, every tile, every
 * cosignature by a trusted witness, every disclosed event. Throws `bad-document` or `bad-signature` where the checkpoint itself is not to
 * be trusted, and `not-found` where there is none.
 */
export async function verifyLogFolder(folder: string, keys: readonly VerifierKey[]): Promise<LogFolderVerdict> {
  const faults: string[] = [];
  const note = readBounded(join(folder, logFiles.checkpoint), maxNoteBytes);
  const checkpoint = checkpointOf(note, keys);
  const { origin, size } = checkpoint;
  const notes = [note, ...cosignedNotes(folder)];
  const cosigned = notes.flatMap((one) => attempt(faults, () => ({ ...checkpointOf(one, keys), note: one }), origin));
  const read = readTree(folder, size, faults);
  if (read === undefined) return { ok: false, origin, size, cosignatures: [], events: 0, faults };
  for (const one of cosigned) {
    if (one.size > size) faults.push(`a cosigned checkpoint has ${one.size} entries, the log ${size}`);
    else if (!equalBytes(read.tree.root(one.size), one.root)) {
      faults.push(`the entries do not give the root of the checkpoint of size ${one.size}`);
    }
  }
  const cosignatures = cosigned.flatMap((one) => cosignaturesOf(one.note, one.size, keys, faults));
  faults.push(...backDated(cosignatures));
  const file = join(folder, logFiles.events);
  const events = existsSync(file) ? await verifyEvents(file, read.entries, faults) : 0;
  return { ok: faults.length === 0, origin, size, cosignatures, events, faults };
}

/** Verifies the proof of one entry. Throws as {@link verifyLogFolder} does. */
export function verifyProofFile(file: string, keys: readonly VerifierKey[]): ProofVerdict {
  return verifyProof(readBounded(file, maxProofBytes), keys);
}

/** {@link verifyProofFile} of what stands in such a file. */
export function verifyProof(text: string, keys: readonly VerifierKey[]): ProofVerdict {
  const { index, event, salt, hashes, checkpoint: note } = parseProof(text);
  const { origin, size, root } = checkpointOf(note, keys);
  const faults: string[] = [];
  const cosignatures = cosignaturesOf(note, size, keys, faults);
  if (!verifyInclusion(leafHash(entryHash(event, salt)), index, size, hashes, root)) {
    faults.push(`the event is not entry ${index} of the log`);
  }
  attempt(faults, () => checkCanonical(event));
  return { ok: faults.length === 0, origin, size, index, event: fromUtf8(event), cosignatures, faults };
}

/** The checkpoint of a note whose origin is the name of a trusted log key. */
function checkpointOf(note: string, keys: readonly VerifierKey[]): Checkpoint {
  const origin = note.split('\n', 1)[0]!;
  const key = keys.find(({ name, type }) => type === 'note' && name === origin);
  if (key === undefined) {
    throw fault('bad-signature', 'the log is none of those whose keys are trusted', {
      hint: 'Ask its owner or a partner for its key, as `symbolon audit keys` prints it, over a channel that you trust.',
    });
  }
  return parseCheckpoint(note, origin, key.publicKey);
}

function cosignaturesOf(
  note: string,
  size: number,
  keys: readonly VerifierKey[],
  faults: string[],
): TrustedCosignature[] {
  return keys
    .filter(({ type }) => type === 'cosignature')
    .flatMap(({ name, publicKey }) => {
      const [time] = attempt(faults, () => cosignedAt(note, name, publicKey));
      return time === undefined ? [] : [{ witness: name, size, at: new Date(time * 1000).toISOString() }];
    });
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

/** What `read` gives, in a list; if it fails, its words are a fault. */
function attempt<T>(faults: string[], read: () => T, expected?: string): T[] {
  try {
    const value = read();
    if (expected !== undefined && (value as { origin?: string }).origin !== expected) {
      throw fault('bad-document', `a cosigned checkpoint is of another log than ${expected}`);
    }
    return [value];
  } catch (error) {
    if (!(error instanceof SymbolonError)) throw error;
    faults.push(error.message);
    return [];
  }
}

function cosignedNotes(folder: string): string[] {
  const below = join(folder, logFiles.cosigned);
  if (!existsSync(below)) return [];
  const names = readdirSync(below).sort();
  if (names.length > maxWitnesses) throw fault('bad-document', `${below} holds more than ${maxWitnesses} files`);
  return names.map((name) => readBounded(join(below, name), maxNoteBytes));
}

/** The tree over all entries, and the entries, concatenated. */
function readTree(folder: string, size: number, faults: string[]): { tree: HashTree; entries: Uint8Array } | undefined {
  const tree = new HashTree();
  const hasher = new MerkleHasher();
  const bundles: Uint8Array[] = [];
  for (const tile of tilesOf(size)) {
    const [bytes] = attempt(faults, () => readTile(folder, tile));
    if (bytes === undefined) return undefined;
    if (tile.level === 'entries') {
      const [entries] = attempt(faults, () => parseEntryBundle(bytes, tile.width));
      if (entries === undefined) return undefined;
      const bundle = concat(...entries);
      bundles.push(bundle);
      tree.appendAll(hasher.leaves(bundle), hasher);
    } else if (!equalBytes(tree.tile(tile.level, tile.index, tile.width), bytes)) {
      faults.push(`${tilePath(tile)} is not what the entries give`);
    }
  }
  return { tree, entries: concat(...bundles) };
}

function readTile(folder: string, tile: TileName): Uint8Array {
  const path = tilePath(tile);
  const length = tile.width * (tile.level === 'entries' ? 34 : 32);
  const file = join(folder, path);
  if (!existsSync(file) || statSync(file).size !== length) {
    throw fault('bad-document', `${path} is missing or has not ${length} bytes`, { culprit: path });
  }
  return readFileSync(file);
}

function readBounded(file: string, most: number): string {
  if (!existsSync(file)) throw fault('not-found', `there is no file ${file}`, { culprit: file });
  if (statSync(file).size > most) throw fault('bad-document', `${file} has more than ${most} bytes`, { culprit: file });
  return fromUtf8(readFileSync(file));
}
