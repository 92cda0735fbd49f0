import {
  base64,
  concat,
  equalBytes,
  fault,
  fromBase64,
  type SigningKey,
  SymbolonError,
  sha256,
  utf8,
  verify,
} from '@symbolon/crypto';

/** Signature types of C2SP signed-note: Ed25519 over the text, and an Ed25519 cosignature with a time (`cosignature.ts`). */
export const signatureTypes = { note: 1, cosignature: 4 } as const;
export type SignatureType = keyof typeof signatureTypes;

const idLength = 4;
const maxLength = 16_384;

/** A signature line: whose, by which key, and what. */
export interface SignatureLine {
  readonly name: string;
  /** Key ID, 4 bytes. */
  readonly id: Uint8Array;
  readonly signature: Uint8Array;
}

/** A note: its text, ending in a line feed, and its signature lines. */
export interface Note {
  readonly text: string;
  readonly signatures: readonly SignatureLine[];
}

/** Key ID of C2SP signed-note: the first 4 bytes of SHA-256(name ‖ "\n" ‖ type ‖ public key). */
export function noteKeyId(name: string, publicKey: Uint8Array, type: SignatureType = 'note'): Uint8Array {
  return sha256(utf8(`${name}\n`), Uint8Array.of(signatureTypes[type]), publicKey).subarray(0, idLength);
}

/** A signature line, ending in a line feed. @param signature its bytes without the key ID */
export function signatureLine(name: string, id: Uint8Array, signature: Uint8Array): string {
  if (!isName(name)) throw fault('bad-document', 'the name of a note key has no space and no plus sign');
  return `— ${name} ${base64(concat(id, signature))}\n`;
}

/** Signs a text (which ends in a line feed) as `name`: the text, an empty line, and one signature line. */
export function signNote(text: string, name: string, key: SigningKey): string {
  if (!isText(text))
    throw fault('bad-document', 'the text of a note ends in a line feed and holds no control characters');
  return `${text}\n${signatureLine(name, noteKeyId(name, key.publicKey), key.sign(utf8(text)))}`;
}

/**
 * The text of a note that `name` signed with `publicKey`. Lines by other keys are ignored, as signed-note asks: they may be
 * witnesses'. Throws `bad-document` (form) or `bad-signature` (none by this key, or a wrong one).
 */
export function openNote(note: string, name: string, publicKey: Uint8Array): string {
  const { text } = parseNote(note);
  const own = linesOf(note, name, noteKeyId(name, publicKey));
  if (own.length === 0) throw fault('bad-signature', `the note carries no signature of ${name} with the key expected`);
  if (!own.every(({ signature }) => verify(publicKey, utf8(text), signature))) {
    throw fault('bad-signature', `the signature of ${name} on the note is not valid`, { culprit: name });
  }
  return text;
}

/** The signature lines of a note by this key. Throws `bad-document`. */
export function linesOf(note: string, name: string, id: Uint8Array): SignatureLine[] {
  return parseNote(note).signatures.filter((line) => line.name === name && equalBytes(line.id, id));
}

/** Reads a note without verifying anything; throws `bad-document`. */
export function parseNote(note: string): Note {
  const malformed = (rule: string) => fault('bad-document', `malformed signed note: ${rule}`);
  if (note.length > maxLength) throw malformed(`longer than ${maxLength} characters`);
  const end = note.lastIndexOf('\n\n');
  if (end < 0 || !note.endsWith('\n')) throw malformed('no signature lines');
  const text = note.slice(0, end + 1);
  if (!isText(text)) throw malformed('control characters in the text');
  const signatures = note
    .slice(end + 2, -1)
    .split('\n')
    .map((line) => {
      const parsed = parseSignatureLine(line);
      if (parsed === undefined) throw malformed('a signature line');
      return parsed;
    });
  return { text, signatures };
}

/** Reads a signature line without its line feed; undefined if it is none. */
export function parseSignatureLine(line: string): SignatureLine | undefined {
  const [, name, encoded] = /^— (\S+) (\S+)$/.exec(line) ?? [];
  if (name === undefined || encoded === undefined || !isName(name)) return undefined;
  const bytes = decode(encoded);
  if (bytes === undefined || bytes.length <= idLength) return undefined;
  return { name, id: bytes.subarray(0, idLength), signature: bytes.subarray(idLength) };
}

function decode(text: string): Uint8Array | undefined {
  try {
    return fromBase64(text);
  } catch (error) {
    if (error instanceof SymbolonError) return undefined;
    throw error;
  }
}

const isText = (text: string) => text.endsWith('\n') && text.isWellFormed() && /^(?:[^\p{Cc}]|\n)*$/u.test(text);
/** Whether a text can be the name of a note key. */
export const isName = (name: string) => /^[^\s+]+$/u.test(name);
