import { fault } from '@symbolon/crypto';
import { dicomRule } from './dicom-tags.ts';

// DICOM PS3.10 §7 (files), PS3.5 §7 (elements): just enough to walk through every element of a file, also those within sequences.

const implicitLittleEndian = '1.2.840.10008.1.2';
const explicitLittleEndian = '1.2.840.10008.1.2.1';
/** JPEG, JPEG-LS, JPEG 2000, MPEG, RLE: explicit little endian, the pixels in fragments. */
const encapsulated = /^1\.2\.840\.10008\.1\.2\.(4\.\d{2,3}|5)$/;

const longForm = ['OB', 'OD', 'OF', 'OL', 'OV', 'OW', 'SQ', 'SV', 'UC', 'UN', 'UR', 'UT', 'UV'];
const shortForm = [
  'AE',
  'AS',
  'AT',
  'CS',
  'DA',
  'DS',
  'DT',
  'FL',
  'FD',
  'IS',
  'LO',
  'LT',
  'PN',
  'SH',
  'SL',
  'SS',
  'ST',
  'TM',
  'UI',
  'UL',
  'US',
];
const undefinedLength = 0xffffffff;
const deepest = 16;
const mostElements = 100_000;

/**
 * Refuses a file that is no DICOM image, or has an element with a value that could say who the patient is, or does not say that it was de-identified.
 * Throws `record-invalid` or `record-identifies` naming the element.
 */
export function screenDicom(file: Uint8Array): void {
  const reader = new Reader(file);
  reader.file();
  if (reader.identityRemoved !== 'YES') {
    throw identifies('0012,0062', 'the file must say that identity was removed (Patient Identity Removed: YES)');
  }
  if (reader.burnedIn !== undefined && reader.burnedIn !== 'NO') {
    throw identifies('0028,0301', 'the file says that something is written into the image (Burned In Annotation)');
  }
}

class Reader {
  identityRemoved: string | undefined;
  burnedIn: string | undefined;
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #explicit = true;
  #elements = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  file(): void {
    if (this.#bytes.length < 132 || this.#text(128, 132) !== 'DICM') throw malformed('no DICOM file (PS3.10)');
    // The preamble may hold another file (a TIFF, a program).
    if (this.#bytes.subarray(0, 128).some((byte) => byte !== 0)) throw malformed('a preamble that is not empty');
    let at = 132;
    let syntax = '';
    while (at + 4 <= this.#bytes.length && this.#view.getUint16(at, true) === 2) {
      const { tag, vr, start, length } = this.#header(at, this.#bytes.length);
      if (length === undefinedLength || vr === 'SQ') throw malformed('a header that has no length');
      if (tag === '0002,0010') syntax = this.#text(start, start + length);
      // Application entities and private information: 0002,0016 to 0002,0102.
      else if (length > 0 && (tag === '0002,0016' || tag.startsWith('0002,01') || /^0002,00(17|18|2)/.test(tag))) {
        throw identifies(tag, 'dicom-basic-profile');
      }
      at = start + length;
    }
    if (syntax !== implicitLittleEndian && syntax !== explicitLittleEndian && !encapsulated.test(syntax)) {
      throw malformed('a transfer syntax that is not read here (big endian, deflated, or none)');
    }
    this.#explicit = syntax !== implicitLittleEndian;
    this.#dataset(at, this.#bytes.length, 0, false);
  }

  /** @returns where the elements end */
  #dataset(from: number, end: number, depth: number, delimited: boolean): number {
    if (depth > deepest) throw malformed(`sequences within each other, more than ${deepest}`);
    let at = from;
    while (at < end) {
      if (delimited && this.#isTag(at, end, 0xfffe, 0xe00d)) return at + 8;
      at = this.#element(at, end, depth);
    }
    if (delimited) throw malformed('an item that does not end');
    return at;
  }

  #element(at: number, end: number, depth: number): number {
    if (++this.#elements > mostElements) throw malformed(`more than ${mostElements} elements`);
    const { tag, vr, start, length } = this.#header(at, end);
    if (tag.startsWith('fffe,')) throw malformed('a delimiter where none can be');
    const isPixels = tag === '7fe0,0010' && vr !== 'SQ';
    if (length === undefinedLength && isPixels) return this.#fragments(start, end);
    const isSequence = vr === 'SQ' || (length === undefinedLength && (vr === undefined || vr === 'UN'));
    if (length === undefinedLength && !isSequence) throw malformed('an element that has no length');
    const rule = length === 0 ? undefined : dicomRule(tag, vr);
    if (rule !== undefined && !this.#isBlank(start, length)) throw identifies(tag, rule);
    if (depth === 0) this.#remember(tag, start, length);
    if (isSequence) return this.#sequence(start, end, length, depth, vr === 'UN');
    if (start + length > end) throw malformed('an element that is longer than the file');
    // In implicit files sequences have a length and no name: what begins like an item is read as one.
    if (!this.#explicit && !isPixels && this.#isTag(start, start + length, 0xfffe, 0xe000)) {
      this.#sequence(start, start + length, length, depth, false);
    } else if (vr === 'UN' && this.#isTag(start, start + length, 0xfffe, 0xe000)) {
      throw malformed('a sequence of an unknown kind');
    }
    return start + length;
  }

  /** @param implicit a sequence whose kind the writer did not know: PS3.5 §6.2.2 note 2 */
  #sequence(from: number, end: number, length: number, depth: number, implicit: boolean): number {
    if (implicit) throw malformed('a sequence of an unknown kind');
    const delimited = length === undefinedLength;
    const stop = delimited ? end : from + length;
    if (stop > end) throw malformed('a sequence that is longer than the file');
    let at = from;
    while (at < stop) {
      if (delimited && this.#isTag(at, stop, 0xfffe, 0xe0dd)) return at + 8;
      if (!this.#isTag(at, stop, 0xfffe, 0xe000)) throw malformed('a sequence with something else than items');
      const item = this.#view.getUint32(at + 4, true);
      const start = at + 8;
      if (item !== undefinedLength && start + item > stop) throw malformed('an item that is longer than its sequence');
      at =
        item === undefinedLength
          ? this.#dataset(start, stop, depth + 1, true)
          : this.#dataset(start, start + item, depth + 1, false);
    }
    if (delimited) throw malformed('a sequence that does not end');
    return at;
  }

  #fragments(from: number, end: number): number {
    let at = from;
    for (;;) {
      if (this.#isTag(at, end, 0xfffe, 0xe0dd)) return at + 8;
      if (!this.#isTag(at, end, 0xfffe, 0xe000)) throw malformed('pixels that do not end');
      at += 8 + this.#view.getUint32(at + 4, true);
      if (++this.#elements > mostElements) throw malformed(`more than ${mostElements} elements`);
    }
  }

  #header(at: number, end: number): { tag: string; vr: string | undefined; start: number; length: number } {
    if (at + 8 > end) throw malformed('a file that ends within an element');
    const [group, element] = [this.#view.getUint16(at, true), this.#view.getUint16(at + 2, true)];
    const tag = `${hex(group)},${hex(element)}`;
    if (!this.#explicit || group === 0xfffe) {
      return { tag, vr: undefined, start: at + 8, length: this.#view.getUint32(at + 4, true) };
    }
    const vr = this.#text(at + 4, at + 6);
    if (shortForm.includes(vr)) return { tag, vr, start: at + 8, length: this.#view.getUint16(at + 6, true) };
    if (!longForm.includes(vr)) throw malformed('an element of an unknown kind');
    if (at + 12 > end) throw malformed('a file that ends within an element');
    return { tag, vr, start: at + 12, length: this.#view.getUint32(at + 8, true) };
  }

  #remember(tag: string, start: number, length: number): void {
    if (tag === '0012,0062') this.identityRemoved = this.#text(start, start + Math.min(length, 16));
    if (tag === '0028,0301') this.burnedIn = this.#text(start, start + Math.min(length, 16));
  }

  /** Nothing but spaces and zeros: a sequence of no items is as empty. */
  #isBlank(start: number, length: number): boolean {
    if (length === undefinedLength) return this.#isTag(start, this.#bytes.length, 0xfffe, 0xe0dd);
    return this.#bytes.subarray(start, start + length).every((byte) => byte === 0 || byte === 0x20);
  }

  #isTag(at: number, end: number, group: number, element: number): boolean {
    return at + 8 <= end && this.#view.getUint16(at, true) === group && this.#view.getUint16(at + 2, true) === element;
  }

  /** Without the padding. */
  #text(start: number, end: number): string {
    return Buffer.from(this.#bytes.subarray(start, end))
      .toString('latin1')
      .replace(/[\0 ]+$/, '');
  }
}

const hex = (number: number): string => number.toString(16).padStart(4, '0');

function malformed(what: string): Error {
  return fault('record-invalid', `the file is refused: ${what}`, { culprit: 'file' });
}

function identifies(tag: string, rule: string): Error {
  return fault('record-identifies', `the element (${tag}) of the file: ${rule}`, { culprit: tag });
}
