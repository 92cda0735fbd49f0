import { base64, fault, fromBase64, type SigningKey, SymbolonError } from '@symbolon/crypto';
import { openNote, signNote } from './note.ts';

/** What a log says it holds: C2SP tlog-checkpoint. */
export interface Checkpoint {
  /** Names the log, for example `symbolon/insurer`; also the name of its key. */
  readonly origin: string;
  /** Entries. */
  readonly size: number;
  /** 32 bytes. */
  readonly root: Uint8Array;
}

/** The checkpoint as a signed note: origin, size and root on a line each, then the log's signature. */
export function signCheckpoint({ origin, size, root }: Checkpoint, key: SigningKey): string {
  return signNote(`${origin}\n${size}\n${base64(root)}\n`, origin, key);
}

/**
 * Reads a log's checkpoint. Throws `bad-document` (form; extension lines are refused) or `bad-signature`.
 * @param name the origin expected
 * @param publicKey the log key, 32 bytes
 */
export function parseCheckpoint(note: string, name: string, publicKey: Uint8Array): Checkpoint {
  const text = openNote(note, name, publicKey);
  const [, origin, size, encoded] = /^([^\n]+)\n(0|[1-9]\d{0,15})\n([^\n]+)\n$/.exec(text) ?? [];
  const root = rootOf(encoded ?? '');
  if (origin !== name || !Number.isSafeInteger(Number(size)) || root === undefined) {
    throw fault('bad-document', 'not a checkpoint of this log: origin, size and root on a line each', {
      culprit: name,
    });
  }
  return { origin, size: Number(size), root };
}

function rootOf(text: string): Uint8Array | undefined {
  try {
    const root = fromBase64(text);
    return root.length === 32 ? root : undefined;
  } catch (error) {
    if (error instanceof SymbolonError) return undefined;
    throw error;
  }
}
