import { concat, fault, hashLabelled, readU32, type SigningKey, u32, verify } from '@symbolon/crypto';
import { freshPrimes, plainModulus, primes, resultPrime, slotCount } from '../parameters.ts';
import { freshScorePrimes, scorePrimes } from '../score/parameters.ts';
import type { LastCiphertext, SeededCiphertext } from '../wire/seal-format.ts';
import { packedBytes, packWords, requireReduced, unpackWords } from '../wire/words.ts';
import type { TableKind } from './manifest.ts';

const seedBytes = 64;
/** Bytes of the signature before a record that is uploaded. */
export const signatureBytes = 64;

/** Bytes of a ciphertext as it is stored: its seed and its packed words. All have the same. */
export const recordBytes: number = seedBytes + packedBytes(freshPrimes * slotCount);
/** The same with its owner's signature before it: as it is uploaded. */
export const uploadBytes: number = signatureBytes + recordBytes;

/** Which ciphertext of which table a record is. */
export interface Place {
  /** Hash of the manifest. */
  readonly table: Uint8Array;
  /** Its number in the manifest. */
  readonly column: number;
  readonly chunk: number;
}

/** A ciphertext as it is stored. */
export function writeRecord({ seed, words }: SeededCiphertext): Uint8Array {
  return concat(seed, packWords(words));
}

/** A record, signed for its place: as it is uploaded. Runs at: the owner. */
export function signStored(record: Uint8Array, place: Place, signer: SigningKey): Uint8Array {
  return concat(signer.sign(signedText(record, place)), record);
}

/** A ciphertext, signed for its place. Runs at: the owner. */
export function signRecord(ciphertext: SeededCiphertext, place: Place, signer: SigningKey): Uint8Array {
  return signStored(writeRecord(ciphertext), place, signer);
}

/** The record of an upload, if its owner signed it for this place. Throws `frame-shape` or `bad-signature`. Runs at: the server, and its owner when it takes it back. */
export function verifyRecord(
  upload: Uint8Array,
  place: Place,
  signer: Uint8Array,
  kind: TableKind = 'exact',
): Uint8Array {
  const { bytes } = recordForms[kind];
  if (upload.length !== signatureBytes + bytes) throw fault('frame-shape', `a ciphertext has ${bytes} bytes`);
  const record = upload.subarray(signatureBytes);
  if (!verify(signer, signedText(record, place), upload.subarray(0, signatureBytes))) {
    throw fault('bad-signature', "the table's owner has not signed this ciphertext for this place");
  }
  return record;
}

/** Throws `frame-shape` for words that are not below their modulus. Runs at: a process that evaluates, or moves a table to another key. */
export function readRecord(record: Uint8Array): SeededCiphertext {
  const words = unpackWords(record.subarray(seedBytes), slotCount, primes.slice(0, freshPrimes));
  return { seed: record.slice(0, seedBytes), words };
}

function signedText(record: Uint8Array, { table, column, chunk }: Place): Uint8Array {
  return hashLabelled('symbolon fhe ciphertext', table, u32(column), u32(chunk), record);
}

/** How ciphertexts of a kind of table are stored: all have one length. */
export interface RecordForm {
  readonly bytes: number;
  write(ciphertext: SeededCiphertext): Uint8Array;
  /** Throws `frame-shape`. */
  read(record: Uint8Array): SeededCiphertext;
}

const featureBytes = seedBytes + 8 * freshScorePrimes * slotCount;

/** By the kind of table: coefficients of exact ones are packed; of features they have up to 60 bits, and travel as words of 8 bytes. */
export const recordForms: Readonly<Record<TableKind, RecordForm>> = {
  exact: { bytes: recordBytes, write: writeRecord, read: readRecord },
  features: {
    bytes: featureBytes,
    write: ({ seed, words }) => concat(seed, words),
    read(record) {
      if (record.length !== featureBytes) throw fault('frame-shape', 'a ciphertext has the wrong length');
      const words = record.slice(seedBytes);
      requireReduced(words, slotCount, scorePrimes.slice(0, freshScorePrimes));
      return { seed: record.slice(0, seedBytes), words };
    },
  },
};

const resultBytes = 4 + packedBytes(2 * slotCount);

/** Bytes of the results of some chunks: they depend on the number of outputs alone. */
export function resultsBytes(outputs: number): number {
  return outputs * resultBytes;
}

export function writeResults(results: readonly LastCiphertext[]): Uint8Array {
  return concat(...results.flatMap(({ correction, words }) => [u32(correction), packWords(words)]));
}

/** Results from a server that nobody trusts. Throws `frame-shape`. Runs at: the owner. */
export function readResults(bytes: Uint8Array, outputs: number): LastCiphertext[] {
  if (bytes.length !== resultsBytes(outputs)) throw fault('frame-shape', 'the results have the wrong length');
  return Array.from({ length: outputs }, (_, i) => {
    const at = i * resultBytes;
    const correction = readU32(bytes, at);
    if (correction < 1 || correction >= plainModulus) throw fault('frame-shape', 'a result has no correction factor');
    const words = unpackWords(bytes.subarray(at + 4, at + resultBytes), slotCount, [resultPrime, resultPrime]);
    return { correction, words };
  });
}
