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

// C2SP signed-note. Signature type 0x01 is Ed25519.
const ed25519 = Uint8Array.of(1);
const idLength = 4;
const maxLength = 16_384;

/** A note: its text, ending in a line feed, and its signature lines. */
interface Note {
  text: string;
  signatures: { name: string; id: Uint8Array; signature: Uint8Array }[];
}

/** Key ID of C2SP signed-note: the first 4 bytes of SHA-256(name ‖ "\n" ‖ 0x01 ‖ public key). */
export function noteKeyId(name: string, publicKey: Uint8Array): Uint8Array {
  return sha256(utf8(`${name}\n`), ed25519, publicKey).subarray(0, idLength);
}

/** Signs a text (which ends in a line feed) as `name`: the text, an empty line, and one signature line. */
export function signNote(text: string, name: string, key: SigningKey): string {
  if (!isText(text))
    throw fault('bad-document', 'the text of a note ends in a line feed and holds no control characters');
  if (!isName(name)) throw fault('bad-document', 'the name of a note key has no space and no plus sign');
  const signature = concat(noteKeyId(name, key.publicKey), key.sign(utf8(text)));
  return `${text}\n— ${name} ${base64(signature)}\n`;
}

/**
 * The text of a note that `name` signed with `publicKey`. Lines by other keys are ignored, as signed-note asks: they may be
 * witnesses'. Throws `bad-document` (form) or `bad-signature` (none by this key, or a wrong one).
 */
export function openNote(note: string, name: string, publicKey: Uint8Array): string {
  const { text, signatures } = parseNote(note);
  const id = noteKeyId(name, publicKey);
  const own = signatures.filter((line) => line.name === name && equalBytes(line.id, id));
  if (own.length === 0) throw fault('bad-signature', `the note carries no signature of ${name} with the key expected`);
  if (!own.every(({ signature }) => verify(publicKey, utf8(text), signature))) {
    throw fault('bad-signature', `the signature of ${name} on the note is not valid`, { culprit: name });
  }
  return text;
}

function parseNote(note: string): Note {
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
      const [, name, encoded] = /^— (\S+) (\S+)$/.exec(line) ?? [];
      if (name === undefined || encoded === undefined || !isName(name)) throw malformed('a signature line');
      const bytes = decode(encoded);
      if (bytes === undefined || bytes.length <= idLength) throw malformed('a signature');
      return { name, id: bytes.subarray(0, idLength), signature: bytes.subarray(idLength) };
    });
  return { text, signatures };
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
const isName = (name: string) => /^[^\s+]+$/u.test(name);
