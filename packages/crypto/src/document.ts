import { base64url, fromBase64url, utf8 } from './bytes.ts';
import { fault, SymbolonError } from './errors.ts';
import { hashLabelled } from './hash.ts';
import { canonicalBytes, type Json, parseCanonical } from './json.ts';
import { keyId, type SigningKey, verify } from './sign.ts';

/**
 * A signed document: JWS JSON serialisation, general form (RFC 7515 §7.2.1). The payload is canonical JSON; each protected
 * header is exactly {"alg":"Ed25519","kid":…,"typ":…} (RFC 9864); signatures stand in the order of their kid.
 */
export interface SignedDocument {
  readonly payload: string;
  readonly signatures: readonly { readonly protected: string; readonly signature: string }[];
}

const algorithm = 'Ed25519';
const maxSignatures = 16;

/** Signs a value as a document of kind `typ`, for example 'symbolon-card'. */
export function signDocument(typ: string, payload: unknown, key: SigningKey): SignedDocument {
  return withSignature(typ, { payload: base64url(canonicalBytes(payload)), signatures: [] }, key);
}

/** The document with one more signature over the same payload; a key that has signed is not added twice. */
export function addSignature(doc: SignedDocument, key: SigningKey): SignedDocument {
  const [first] = readHeaders(doc);
  return withSignature(first!.typ, doc, key);
}

/** One document of two with the same payload, with the signatures of both; unverified. Throws `bad-document` where the payloads differ. */
export function mergeSignatures(one: SignedDocument, other: SignedDocument): SignedDocument {
  if (one.payload !== other.payload) throw fault('bad-document', 'two documents with different payloads are not one');
  const entries = [one, other].flatMap((doc) =>
    doc.signatures.length === 0 ? [] : readHeaders(doc).map(({ kid }, i) => [kid, doc.signatures[i]!] as const),
  );
  const byKey = [...new Map(entries)].sort(([a], [b]) => (a < b ? -1 : 1));
  return { payload: one.payload, signatures: byKey.map(([, signature]) => signature) };
}

/**
 * The payload of a document of kind `typ`, after checking that exactly `signers` (public keys) have signed it, each validly.
 * Throws `bad-document` (shape), `document-type`, `document-signer` (missing, unknown or repeated key), `bad-signature`,
 * `not-canonical` (header, order of signatures or payload).
 */
export function verifyDocument(typ: string, doc: unknown, signers: readonly Uint8Array[]): Json {
  const headers = readHeaders(doc);
  const { payload, signatures } = doc as SignedDocument;
  const keys = new Map(signers.map((key) => [keyId(key), key]));
  for (const header of headers) {
    if (header.typ !== typ) throw fault('document-type', `document is a '${header.typ}', not a '${typ}'`);
    if (!keys.has(header.kid)) throw fault('document-signer', `signed by a key that was not expected: ${header.kid}`);
  }
  for (const kid of keys.keys()) {
    if (!headers.some((header) => header.kid === kid))
      throw fault('document-signer', `the signature of key ${kid} is missing`);
  }
  headers.forEach(({ kid }, i) => {
    const { protected: header, signature } = signatures[i]!;
    if (!verify(keys.get(kid)!, signingInput(header, payload), decoded(signature, 'signature'))) {
      throw fault('bad-signature', `the signature of key ${kid} is not valid`, { culprit: kid });
    }
  });
  return parseCanonical(decoded(payload, 'payload'));
}

/** The payload before any signature is checked: for documents that name their own signers. Verify before acting on it. */
export function unverifiedPayload(doc: unknown): Json {
  readHeaders(doc);
  return parseCanonical(decoded((doc as SignedDocument).payload, 'payload'));
}

/** The key ids that a document claims as its signers, unverified, in order. */
export function claimedSigners(doc: unknown): string[] {
  return readHeaders(doc).map(({ kid }) => kid);
}

/** Names a document by its payload alone, 32 bytes: the same before and after others sign. */
export function documentHash(doc: SignedDocument): Uint8Array {
  return payloadHash(decoded(doc.payload, 'payload'));
}

/** {@link documentHash} of a document with this payload (canonical bytes). */
export function payloadHash(payload: Uint8Array): Uint8Array {
  return hashLabelled('symbolon document', payload);
}

/** A document as bytes for a file or a wire: canonical JSON. */
export function documentBytes(doc: SignedDocument): Uint8Array {
  return canonicalBytes(doc);
}

/** Reads what {@link documentBytes} wrote, shape only; a final line feed, as editors add one, is allowed. */
export function parseDocument(bytes: Uint8Array): SignedDocument {
  const doc: unknown = parseCanonical(bytes.at(-1) === 0x0a ? bytes.subarray(0, -1) : bytes);
  readHeaders(doc);
  return doc as SignedDocument;
}

function withSignature(typ: string, doc: SignedDocument, key: SigningKey): SignedDocument {
  const header = base64url(canonicalBytes({ alg: algorithm, kid: key.keyId, typ }));
  const signature = base64url(key.sign(signingInput(header, doc.payload)));
  const entries = doc.signatures.map((entry, i) => ({ kid: readHeaders(doc)[i]!.kid, entry }));
  const others = entries.filter(({ kid }) => kid !== key.keyId);
  const all = [...others, { kid: key.keyId, entry: { protected: header, signature } }];
  all.sort((a, b) => (a.kid < b.kid ? -1 : 1));
  return { payload: doc.payload, signatures: all.map(({ entry }) => entry) };
}

// RFC 7515 §5.1 step 5.
function signingInput(header: string, payload: string): Uint8Array {
  return utf8(`${header}.${payload}`);
}

/** Checks everything about a document's form that needs no key, and gives kid and typ of each signature. */
function readHeaders(doc: unknown): { kid: string; typ: string }[] {
  if (
    !hasExactly(doc, ['payload', 'signatures']) ||
    typeof doc.payload !== 'string' ||
    !Array.isArray(doc.signatures)
  ) {
    throw fault('bad-document', 'a signed document has exactly a payload and signatures');
  }
  const { signatures } = doc;
  if (signatures.length === 0 || signatures.length > maxSignatures) {
    throw fault('bad-document', `a document has 1 to ${maxSignatures} signatures`);
  }
  const headers = signatures.map(readHeader);
  headers.forEach(({ kid }, i) => {
    const previous = headers[i - 1];
    if (previous === undefined) return;
    if (previous.kid === kid) throw fault('document-signer', `key ${kid} appears twice`);
    if (previous.kid > kid) throw fault('not-canonical', 'signatures are not in the order of their key ids');
  });
  return headers;
}

function readHeader(entry: unknown): { kid: string; typ: string } {
  if (
    !hasExactly(entry, ['protected', 'signature']) ||
    typeof entry.protected !== 'string' ||
    typeof entry.signature !== 'string'
  ) {
    throw fault('bad-document', 'a signature has exactly a protected header and a signature');
  }
  const header: unknown = parseCanonical(decoded(entry.protected, 'header'));
  if (!hasExactly(header, ['alg', 'kid', 'typ']) || typeof header.kid !== 'string' || typeof header.typ !== 'string') {
    throw fault('bad-document', 'a protected header has exactly alg, kid and typ');
  }
  if (header.alg !== algorithm) throw fault('bad-document', `the algorithm is not ${algorithm}`);
  return { kid: header.kid, typ: header.typ };
}

function hasExactly<Key extends string>(value: unknown, keys: readonly Key[]): value is Record<Key, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  return Object.keys(value).length === keys.length && keys.every((key) => Object.hasOwn(value, key));
}

function decoded(text: string, what: string): Uint8Array {
  try {
    return fromBase64url(text);
  } catch (error) {
    if (error instanceof SymbolonError) throw fault('not-canonical', `the ${what} is not canonical base64url`);
    throw error;
  }
}
