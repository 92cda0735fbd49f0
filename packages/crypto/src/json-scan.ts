const none = -1;
// ASCII.
const quote = 0x22;
const comma = 0x2c;
const minus = 0x2d;
const zero = 0x30;
const nine = 0x39;
const colon = 0x3a;
const openList = 0x5b;
const backslash = 0x5c;
const closeList = 0x5d;
const openObject = 0x7b;
const closeObject = 0x7d;
const code = (character: string): number => character.charCodeAt(0);
const words = new Map(['null', 'true', 'false'].map((word) => [code(word), [...word].map(code)]));
/** What RFC 8785 §3.2.2.2 writes after a backslash, but for \u. */
const escaped = new Set([...'"\\bfnrt'].map(code));
const forbiddenKey = '"__proto__"';
/** Any integer of so many digits is safe. */
const safeDigits = 15;

/**
 * Whether bytes are canonical JSON, as `canonicalBytes` writes it, in printable ASCII with the short escapes alone, those in keys left
 * out. Where it says no, the bytes may be canonical all the same. It makes no value, so it takes a fraction of the time that JSON.parse does.
 * @param maxDepth levels of lists and objects
 */
export function isPlainCanonical(bytes: Uint8Array, maxDepth: number): boolean {
  return afterValue(bytes, 0, maxDepth) === bytes.length;
}

/** Each of these gives the position after what begins at `at`; −1 if it is not plain. Beyond the end there is `undefined`, which is equal to no byte. */
function afterValue(bytes: Uint8Array, at: number, levels: number): number {
  const first = bytes[at]!;
  if (first === quote) return afterText(bytes, at);
  if (first === openObject) return levels === 0 ? none : afterObject(bytes, at, levels - 1);
  if (first === openList) return levels === 0 ? none : afterList(bytes, at, levels - 1);
  const word = words.get(first);
  if (word === undefined) return afterInteger(bytes, at);
  return word.every((letter, i) => bytes[at + i] === letter) ? at + word.length : none;
}

function afterText(bytes: Uint8Array, at: number): number {
  for (let i = at + 1; ; ) {
    const end = afterLetters(bytes, i);
    if (bytes[end] === quote) return end + 1;
    if (bytes[end] !== backslash || !escaped.has(bytes[end + 1]!)) return none;
    i = end + 2;
  }
}

function afterKey(bytes: Uint8Array, at: number): number {
  const end = bytes[at] === quote ? afterLetters(bytes, at + 1) : none;
  return end !== none && bytes[end] === quote ? end + 1 : none;
}

/** The position of the first byte that does not stand for itself in a text. */
function afterLetters(bytes: Uint8Array, at: number): number {
  let i = at;
  for (let byte = bytes[i]!; isLetter(byte); byte = bytes[i]!) i++;
  return i;
}

const isLetter = (byte: number): boolean => byte >= 0x20 && byte <= 0x7e && byte !== quote && byte !== backslash;

function afterInteger(bytes: Uint8Array, at: number): number {
  const first = bytes[at] === minus ? at + 1 : at;
  let end = first;
  while (bytes[end]! >= zero && bytes[end]! <= nine) end++;
  const digits = end - first;
  if (digits === 0 || digits > safeDigits) return none;
  // Neither 01 nor −0.
  return bytes[first] === zero && end - at > 1 ? none : end;
}

function afterList(bytes: Uint8Array, at: number, levels: number): number {
  if (bytes[at + 1] === closeList) return at + 2;
  for (let i = at; ; ) {
    i = afterValue(bytes, i + 1, levels);
    if (i === none) return none;
    if (bytes[i] === closeList) return i + 1;
    if (bytes[i] !== comma) return none;
  }
}

function afterObject(bytes: Uint8Array, at: number, levels: number): number {
  if (bytes[at + 1] === closeObject) return at + 2;
  for (let i = at, before = none; ; ) {
    const key = i + 1;
    const end = afterKey(bytes, key);
    if (end === none || bytes[end] !== colon || isForbidden(bytes, key)) return none;
    if (before !== none && !ascends(bytes, before, key)) return none;
    before = key;
    i = afterValue(bytes, end + 1, levels);
    if (i === none) return none;
    if (bytes[i] === closeObject) return i + 1;
    if (bytes[i] !== comma) return none;
  }
}

function isForbidden(bytes: Uint8Array, key: number): boolean {
  for (let i = 0; i < forbiddenKey.length; i++) if (bytes[key + i] !== forbiddenKey.charCodeAt(i)) return false;
  return true;
}

/** Whether the key that begins at `first` stands before the one at `second`, by UTF-16 code units: of ASCII, its bytes. */
function ascends(bytes: Uint8Array, first: number, second: number): boolean {
  for (let i = 1; ; i++) {
    const [a, b] = [bytes[first + i]!, bytes[second + i]!];
    if (a === quote || b === quote || a !== b) return b !== quote && (a === quote || a < b);
  }
}
