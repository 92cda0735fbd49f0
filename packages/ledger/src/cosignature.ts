import { concat, fault, type SigningKey, utf8, verify } from '@symbolon/crypto';
import { linesOf, noteKeyId, parseNote, parseSignatureLine, signatureLine } from './note.ts';

const timeLength = 8;
const signatureLength = 64;

/**
 * A witness's signature line under a checkpoint (C2SP tlog-cosignature, cosignature/v1): as of `time`, the largest consistent tree that it
 * has seen of this log is this one. Runs at: the witness, after it verified that and made it durable.
 * @param note the checkpoint as its log signed it; of the note the text is signed, not the lines below it
 * @param time seconds since 1970
 */
export function cosign(note: string, name: string, key: SigningKey, time: number): string {
  if (!Number.isSafeInteger(time) || time < 0) throw new RangeError('a time is a whole number of seconds');
  const signature = key.sign(message(parseNote(note).text, time));
  return signatureLine(name, noteKeyId(name, key.publicKey, 'cosignature'), concat(timeBytes(time), signature));
}

/**
 * When `name` cosigned a checkpoint, in seconds since 1970; undefined if it did not. Throws `bad-document` (form) or `bad-signature`.
 * @param publicKey the witness's, 32 bytes
 */
export function cosignedAt(note: string, name: string, publicKey: Uint8Array): number | undefined {
  const { text } = parseNote(note);
  let latest: number | undefined;
  for (const { signature } of linesOf(note, name, noteKeyId(name, publicKey, 'cosignature'))) {
    const time = readTime(signature);
    const sound = time !== undefined && verify(publicKey, message(text, time), signature.subarray(timeLength));
    if (!sound) throw fault('bad-signature', `the cosignature of ${name} is not valid`, { culprit: name });
    latest = Math.max(latest ?? 0, time);
  }
  return latest;
}

/** A note with another signature line; as it is if the line is there already. Throws `bad-document` if that is no signature line. */
export function withSignature(note: string, line: string): string {
  if (!line.endsWith('\n') || parseSignatureLine(line.slice(0, -1)) === undefined) {
    throw fault('bad-document', 'not a signature line of a note');
  }
  return note.endsWith(`\n${line}`) || note.includes(`\n${line}—`) ? note : note + line;
}

function message(text: string, time: number): Uint8Array {
  return utf8(`cosignature/v1\ntime ${time}\n${text}`);
}

function timeBytes(time: number): Uint8Array {
  const bytes = new Uint8Array(timeLength);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(time));
  return bytes;
}

function readTime(signature: Uint8Array): number | undefined {
  if (signature.length !== timeLength + signatureLength) return undefined;
  const time = new DataView(signature.buffer, signature.byteOffset).getBigUint64(0);
  return time <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(time) : undefined;
}
