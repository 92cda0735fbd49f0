import { fault, SymbolonError } from '@symbolon/crypto';
import { type Checkpoint, parseCheckpoint } from './checkpoint.ts';
import { cosignedAt } from './cosignature.ts';
import type { VerifierKey } from './verifier-key.ts';

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

/** The checkpoint of a note whose origin is the name of a trusted log key. Throws `bad-document` or `bad-signature`. */
export function trustedCheckpoint(note: string, keys: readonly VerifierKey[]): Checkpoint {
  const origin = note.split('\n', 1)[0]!;
  const key = keys.find(({ name, type }) => type === 'note' && name === origin);
  if (key === undefined) {
    throw fault('bad-signature', 'the log is none of those whose keys are trusted', {
      hint: 'Ask its owner or a partner for its key, as `symbolon audit keys` prints it, over a channel that you trust.',
    });
  }
  return parseCheckpoint(note, origin, key.publicKey);
}

/** Cosignatures of trusted witnesses on a note. @param faults gets what is wrong, one sentence each */
export function trustedCosignatures(
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

/** What `read` gives, in a list; if it fails, its words are a fault. */
export function attempt<T>(faults: string[], read: () => T): T[] {
  try {
    return [read()];
  } catch (error) {
    if (!(error instanceof SymbolonError)) throw error;
    faults.push(error.message);
    return [];
  }
}
