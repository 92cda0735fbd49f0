import { base64, concat, equalBytes, fault, fromBase64, fromHex, hex, SymbolonError } from '@symbolon/crypto';
import { isName, noteKeyId, type SignatureType, signatureTypes } from './note.ts';

/** A public key that signatures under notes are verified with. */
export interface VerifierKey {
  readonly name: string;
  /** What it signs: notes (a log's key), or cosignatures (a witness's). */
  readonly type: SignatureType;
  /** 32 bytes. */
  readonly publicKey: Uint8Array;
}

/** A key in one line (C2SP signed-note, verifier keys), without a line feed: name+hash+key. */
export function verifierKey({ name, type, publicKey }: VerifierKey): string {
  const key = concat(Uint8Array.of(signatureTypes[type]), publicKey);
  return `${name}+${hex(noteKeyId(name, publicKey, type))}+${base64(key)}`;
}

/** Reads a file of keys, one a line; lines that are empty or begin with # say nothing. Throws `bad-document` naming the line. */
export function parseVerifierKeys(text: string): VerifierKey[] {
  return text.split('\n').flatMap((line, index) => {
    const trimmed = line.trim();
    if (trimmed === '' || trimmed.startsWith('#')) return [];
    const key = parseKey(trimmed);
    if (key === undefined) throw fault('bad-document', `line ${index + 1} is not the key of a log or a witness`);
    return [key];
  });
}

function parseKey(line: string): VerifierKey | undefined {
  const [, name, hash, encoded] = /^([^+]+)\+([0-9a-f]{8})\+(\S+)$/.exec(line) ?? [];
  if (name === undefined || hash === undefined || encoded === undefined || !isName(name)) return undefined;
  const bytes = decoded(encoded);
  const type = (['note', 'cosignature'] as const).find((one) => signatureTypes[one] === bytes?.[0]);
  if (bytes?.length !== 33 || type === undefined) return undefined;
  const key = { name, type, publicKey: bytes.subarray(1) };
  return equalBytes(noteKeyId(name, key.publicKey, type), fromHex(hash)) ? key : undefined;
}

function decoded(text: string): Uint8Array | undefined {
  try {
    return fromBase64(text);
  } catch (error) {
    if (error instanceof SymbolonError) return undefined;
    throw error;
  }
}
