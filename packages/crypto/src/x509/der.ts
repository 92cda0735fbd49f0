import { fault } from '../errors.ts';

// X.690, DER, as far as certificates and revocation lists need it (RFC 5280). Signatures are over the bytes that arrived, so nothing is written.

/** One element: tag, content, and all of it. */
export interface Der {
  readonly tag: number;
  readonly content: Uint8Array;
  readonly whole: Uint8Array;
}

/** Tags: universal ones of X.680 §8, SEQUENCE and SET constructed, and those of context. */
export const tags = {
  boolean: 0x01,
  integer: 0x02,
  bits: 0x03,
  octets: 0x04,
  oid: 0x06,
  utcTime: 0x17,
  generalizedTime: 0x18,
  sequence: 0x30,
  set: 0x31,
  context: (number: number, constructed = true) => (constructed ? 0xa0 : 0x80) + number,
} as const;

/** The elements one after the other that these bytes are. Throws `bad-certificate` where they are not DER, or something is left. */
export function derElements(bytes: Uint8Array): Der[] {
  const found: Der[] = [];
  for (let at = 0; at < bytes.length; ) {
    const element = derAt(bytes, at);
    found.push(element);
    at += element.whole.length;
  }
  return found;
}

/** The one element that these bytes are. */
export function readDer(bytes: Uint8Array, tag: number): Uint8Array {
  const element = derAt(bytes, 0);
  if (element.tag !== tag || element.whole.length !== bytes.length) throw malformed();
  return element.content;
}

/** X.690 §8.1.3, definite form, in as few octets as possible (§10.1). */
export function derAt(bytes: Uint8Array, at: number): Der {
  const [tag, first] = [bytes[at], bytes[at + 1]];
  if (tag === undefined || first === undefined || (tag & 0x1f) === 0x1f) throw malformed();
  let length = first;
  let start = at + 2;
  if (first > 127) {
    const octets = first & 0x7f;
    if (octets === 0 || octets > 4) throw malformed();
    length = 0;
    for (let i = 0; i < octets; i++) length = length * 256 + (bytes[start++] ?? 0);
    if (length < 128 || length < 256 ** (octets - 1)) throw malformed();
  }
  const end = start + length;
  if (end > bytes.length) throw malformed();
  return { tag, content: bytes.subarray(start, end), whole: bytes.subarray(at, end) };
}

/** Takes elements in order. */
export class DerReader {
  readonly #elements: readonly Der[];
  #next = 0;

  /** @param content of a SEQUENCE or SET */
  constructor(content: Uint8Array) {
    this.#elements = derElements(content);
  }

  /** The next element, which has one of these tags. */
  take(...allowed: number[]): Der {
    const element = this.#elements[this.#next++];
    if (element === undefined || !allowed.includes(element.tag)) throw malformed();
    return element;
  }

  /** The next element if it has one of these tags. */
  optional(...allowed: number[]): Der | undefined {
    const element = this.#elements[this.#next];
    if (element === undefined || !allowed.includes(element.tag)) return undefined;
    this.#next++;
    return element;
  }

  /** Nothing is left. */
  end(): void {
    if (this.#next !== this.#elements.length) throw malformed();
  }
}

/** X.690 §8.19, in dotted form. */
export function objectIdentifier(content: Uint8Array): string {
  const arcs: number[] = [];
  let value = 0;
  for (const byte of content) {
    if ((value === 0 && byte === 0x80) || value > 2 ** 45) throw malformed();
    value = value * 128 + (byte & 0x7f);
    if (byte < 128) {
      arcs.push(value);
      value = 0;
    }
  }
  const first = arcs.shift();
  if (first === undefined || (content.at(-1) ?? 0) > 127) throw malformed();
  const top = Math.min(Math.floor(first / 40), 2);
  return [top, first - top * 40, ...arcs].join('.');
}

/** Octets of a BIT STRING. @returns how many bits of the last one do not count */
export function bitString(content: Uint8Array): { octets: Uint8Array; unused: number } {
  const unused = content[0];
  const octets = content.subarray(1);
  if (unused === undefined || unused > 7 || (octets.length === 0 && unused > 0)) throw malformed();
  return { octets, unused };
}

/** X.690 §11.1. */
export function booleanOf({ content }: Der): boolean {
  if (content.length !== 1 || (content[0] !== 0 && content[0] !== 255)) throw malformed();
  return content[0] === 255;
}

/** RFC 5280 §4.1.2.5: UTCTime or GeneralizedTime in seconds and UTC. Milliseconds since 1970. */
export function timeOf({ tag, content }: Der): number {
  const text = String.fromCharCode(...content.subarray(0, 16));
  const [, date, clock] = (tag === tags.utcTime ? /^(\d{6})(\d{6})Z$/ : /^(\d{8})(\d{6})Z$/).exec(text) ?? [];
  if (date === undefined || clock === undefined) throw malformed();
  const full = date.length === 8 ? date : `${Number(date.slice(0, 2)) < 50 ? '20' : '19'}${date}`;
  const pairs = (digits: string) => digits.match(/\d\d/g)!.join(':');
  const time = Date.parse(`${full.slice(0, 4)}-${full.slice(4, 6)}-${full.slice(6)}T${pairs(clock)}Z`);
  if (Number.isNaN(time)) throw malformed();
  return time;
}

export const malformed = () => fault('bad-certificate', 'not a certificate or revocation list of RFC 5280 in DER');
