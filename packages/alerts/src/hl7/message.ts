import { base64url, sha256 } from '@symbolon/crypto';
import { unreadable } from '../fault.ts';
import { decodeText } from './charset.ts';
import { type Delimiters, delimitersOf } from './delimiters.ts';

/** The largest message that is read, in bytes. */
export const maxHl7Bytes = 1 << 20;

const maxSegments = 2000;

/** A message of HL7 v2 in ER7 encoding, cut into segments; fields are read on demand. */
export interface Hl7Message {
  /** MSH-9.1 and MSH-9.2: ADT, A01. */
  readonly type: string;
  readonly trigger: string;
  /** MSH-10. */
  readonly controlId: string;
  /** Hash of its bytes, base64url. */
  readonly hash: string;
  readonly delimiters: Delimiters;
  readonly segments: readonly Segment[];
}

/** A segment: its name, and its fields as they stand, field n at n. MSH-1 is the field separator. */
export interface Segment {
  readonly name: string;
  readonly fields: readonly string[];
}

/** Throws `alert-event`, naming segment and field but never their content. */
export function readHl7(bytes: Uint8Array): Hl7Message {
  if (bytes.length > maxHl7Bytes) throw unreadable('the message', `must have at most ${maxHl7Bytes} bytes`);
  const delimiters = delimitersOf(bytes);
  const text = decodeText(bytes, charsetOf(bytes, delimiters));
  const lines = text.split(/\r\n?|\n/).filter((line) => line !== '');
  if (lines.length > maxSegments) throw unreadable('the message', `must have at most ${maxSegments} segments`);
  const segments = lines.map((line, i) => segmentOf(line, i, delimiters));
  const header = segments[0]!.fields;
  const [type = '', trigger = ''] = (header[9] ?? '').split(delimiters.component);
  const controlId = header[10] ?? '';
  if (type === '') throw unreadable('MSH-9', 'is missing: the type of the message');
  if (controlId === '') throw unreadable('MSH-10', 'is missing: the id of the message');
  if (controlId.length > 199) throw unreadable('MSH-10', 'must have at most 199 characters');
  const version = /^2\.\d/.exec(header[12] ?? '')?.[0];
  if (version === undefined) throw unreadable('MSH-12', 'must be a version of HL7 v2, like 2.5.1');
  const hash = base64url(sha256(bytes).subarray(0, 16));
  return { type, trigger, controlId, hash, delimiters, segments };
}

function segmentOf(line: string, index: number, { field }: Delimiters): Segment {
  const name = line.slice(0, 3);
  if (!/^[A-Z][A-Z0-9]{2}$/.test(name) || (line.length > 3 && line[3] !== field)) {
    throw unreadable(`segment ${index + 1}`, 'must begin with a name of three characters and the field separator');
  }
  if (index > 0 && name === 'MSH')
    throw unreadable(`segment ${index + 1}`, 'is a second MSH: send one message at a time');
  const fields = line.split(field);
  // MSH-1 is the separator itself.
  if (name === 'MSH') fields.splice(1, 0, field);
  return { name, fields };
}

/** MSH-18 of a message not decoded yet: everything up to it is ASCII, or nothing is. */
function charsetOf(bytes: Uint8Array, { field, repetition }: Delimiters): string {
  const end = bytes.findIndex((byte) => byte === 0x0d || byte === 0x0a);
  const header = String.fromCharCode(...bytes.subarray(0, Math.min(end === -1 ? bytes.length : end, 4096)));
  return header.split(field)[17]?.split(repetition)[0] ?? '';
}
