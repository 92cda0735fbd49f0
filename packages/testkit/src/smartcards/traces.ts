import { createHash, createPublicKey, type KeyObject } from 'node:crypto';
import { fromBase64url } from '@symbolon/crypto';

// A leak is seldom the plain thing: it is a part of it, in some encoding, in a row of a database. What is searched for is cut into short pieces, and
// every place of what is searched is held against all of them.

/** Something that must not be found, whole or in part. */
export interface Trace {
  readonly what: string;
  readonly bytes: Uint8Array;
}

/** A text that must not be found, however it is spelled: a name, a number. */
export interface TextTrace {
  readonly what: string;
  readonly text: string;
}

/** Something was found. */
export interface Found {
  readonly what: string;
  readonly form: string;
}

// Long enough that random bytes do not agree by accident, and even short pieces are found: of 15 bytes on, in any form.
const pieceBytes = 12;
const step = 4;
const shortest = 8;

/** What a private key's public half could be told by: modulus, or coordinates of the point. */
export function keyTraces(what: string, privateKey: KeyObject): Trace[] {
  const { n, x, y } = createPublicKey(privateKey).export({ format: 'jwk' });
  return Object.entries({ modulus: n, x, y }).flatMap(([part, value]) =>
    value === undefined ? [] : [{ what: `${part} of ${what}`, bytes: fromBase64url(value) }],
  );
}

/** Everything to be searched for, in all forms, ready to be held against bytes. */
export class TraceSearch {
  readonly #pieces = new Map<string, Found>();
  /** By the first three bytes of a piece, whether there is one: most places are passed over by it. */
  readonly #begins = new Uint8Array(1 << 24);
  readonly #lengths = new Set<number>();

  /** @param traces binary, of at least 12 bytes @param texts of at least 8 letters */
  constructor(traces: readonly Trace[], texts: readonly TextTrace[] = []) {
    for (const { what, bytes } of traces) {
      if (bytes.length < pieceBytes) throw new RangeError(`${what} is too short to be searched for`);
      for (const [form, encoded] of encodings(Buffer.from(bytes))) this.#addPieces({ what, form }, encoded);
    }
    for (const { what, text } of texts) {
      if (text.length < shortest) throw new RangeError(`${what} is too short to be searched for`);
      for (const [form, encoded] of textForms(text)) this.#addPieces({ what, form }, encoded);
    }
  }

  /** What of it is in these bytes; each once. */
  find(bytes: Uint8Array): Found[] {
    const hay = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const found = new Map<string, Found>();
    for (let at = 0; at + shortest <= hay.length; at++) {
      if (this.#begins[hay.readUIntLE(at, 3)] === 0) continue;
      for (const length of this.#lengths) {
        const piece = this.#pieces.get(hay.toString('latin1', at, at + length));
        if (piece !== undefined) found.set(`${piece.what} ${piece.form}`, piece);
      }
    }
    return [...found.values()];
  }

  #addPieces(found: Found, encoded: Buffer): void {
    const length = Math.min(pieceBytes, encoded.length);
    if (length < shortest) return;
    this.#lengths.add(length);
    for (let at = 0; at + length <= encoded.length; at += step) {
      const piece = encoded.subarray(at, at + length);
      this.#begins[piece.readUIntLE(0, 3)] = 1;
      this.#pieces.set(piece.toString('latin1'), found);
    }
  }
}

function encodings(bytes: Buffer): [form: string, encoded: Buffer][] {
  const sha256 = createHash('sha256').update(bytes).digest();
  const reversed = Buffer.from(bytes).reverse();
  return [
    ...written('bytes', bytes),
    ...written('reversed', reversed),
    ...written('SHA-256', sha256),
    ['decimal', Buffer.from(BigInt(`0x${bytes.toString('hex')}`).toString())],
  ];
}

/** Raw, and as texts hold bytes. Base64 is tried at all three places that a piece can have in a group of three bytes. */
function written(what: string, bytes: Buffer): [form: string, encoded: Buffer][] {
  const hex = bytes.toString('hex');
  return [
    [what, bytes],
    [`${what} in hex`, Buffer.from(hex)],
    [`${what} in HEX`, Buffer.from(hex.toUpperCase())],
    ...[0, 1, 2].flatMap((skip): [string, Buffer][] => {
      const rest = bytes.subarray(skip, bytes.length - ((bytes.length - skip) % 3));
      return [
        [`${what} in base64`, Buffer.from(rest.toString('base64'))],
        [`${what} in base64url`, Buffer.from(rest.toString('base64url'))],
      ];
    }),
  ];
}

function textForms(text: string): [form: string, encoded: Buffer][] {
  const plain = text.normalize('NFD').replace(/\p{M}/gu, '');
  const spellings = new Set([text, text.toUpperCase(), text.toLowerCase(), plain, plain.toUpperCase()]);
  return [...spellings].flatMap((spelling) => {
    const utf8 = Buffer.from(spelling);
    return [
      ...written(`'${spelling}'`, utf8),
      ...written(`'${spelling}' reversed`, Buffer.from(utf8).reverse()),
      ...written(`SHA-256 of '${spelling}'`, createHash('sha256').update(utf8).digest()),
      [`'${spelling}' in UTF-16`, Buffer.from(spelling, 'utf16le')] as [string, Buffer],
    ];
  });
}
