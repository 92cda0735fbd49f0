import { checkCanonical, fromUtf8 } from '@symbolon/crypto';
import { entryHash } from './entry.ts';
import { parseProof } from './proof-file.ts';
import { leafHash, verifyInclusion } from './proofs.ts';
import { attempt, type FileVerdict, trustedCheckpoint, trustedCosignatures } from './trusted.ts';
import type { VerifierKey } from './verifier-key.ts';

/** {@link FileVerdict} of one entry. */
export interface ProofVerdict extends FileVerdict {
  readonly index: number;
  /** Canonical JSON. */
  readonly event: string;
}

/**
 * Verifies the proof of one entry (`writeProof`). Throws `bad-document` or `bad-signature` where its checkpoint is not to be trusted.
 * @param keys of logs and witnesses that are trusted
 */
export function verifyProof(text: string, keys: readonly VerifierKey[]): ProofVerdict {
  const { index, event, salt, hashes, checkpoint: note } = parseProof(text);
  const { origin, size, root } = trustedCheckpoint(note, keys);
  const faults: string[] = [];
  const cosignatures = trustedCosignatures(note, size, keys, faults);
  if (!verifyInclusion(leafHash(entryHash(event, salt)), index, size, hashes, root)) {
    faults.push(`the event is not entry ${index} of the log`);
  }
  attempt(faults, () => checkCanonical(event));
  return { ok: faults.length === 0, origin, size, index, event: fromUtf8(event), cosignatures, faults };
}
