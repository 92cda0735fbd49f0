/** An element: tag, kind, and bytes, a text, or the items of a sequence. */
export type Element = readonly [tag: string, vr: string, value: Uint8Array | string | readonly (readonly Element[])[]];

const longForm = ['OB', 'OW', 'SQ', 'UN', 'UT'];

/** A DICOM file of these elements (PS3.10). */
export function dicomFile(
  elements: readonly Element[],
  { syntax = '1.2.840.10008.1.2.1', delimited = false }: { syntax?: string; delimited?: boolean } = {},
): Uint8Array {
  const explicit = syntax !== '1.2.840.10008.1.2';
  const meta = encode([['0002,0010', 'UI', syntax]], { explicit: true, delimited: false });
  const head = Buffer.concat([Buffer.alloc(128), Buffer.from('DICM')]);
  return new Uint8Array(Buffer.concat([head, meta, encode(elements, { explicit, delimited })]));
}

/** What a file has that was de-identified. */
export const plain: readonly Element[] = [
  ['0008,0016', 'UI', '1.2.840.10008.5.1.4.1.1.1'],
  ['0010,0010', 'PN', ''],
  ['0010,0040', 'CS', 'F'],
  ['0012,0062', 'CS', 'YES'],
  ['0028,0301', 'CS', 'NO'],
  ['7fe0,0010', 'OW', new Uint8Array(64).fill(7)],
];

interface Way {
  readonly explicit: boolean;
  readonly delimited: boolean;
}

function encode(elements: readonly Element[], way: Way): Buffer {
  return Buffer.concat(elements.map((element) => encodeElement(element, way)));
}

function encodeElement([tag, vr, value]: Element, way: Way): Buffer {
  const isSequence = Array.isArray(value);
  const bytes = isSequence
    ? sequence(value as readonly (readonly Element[])[], way)
    : even(value as string | Uint8Array);
  const length = isSequence && way.delimited ? 0xffffffff : bytes.length;
  if (!way.explicit) return Buffer.concat([tagOf(tag), u32(length), bytes]);
  if (longForm.includes(vr)) return Buffer.concat([tagOf(tag), Buffer.from(vr), Buffer.alloc(2), u32(length), bytes]);
  const short = Buffer.alloc(2);
  short.writeUInt16LE(length);
  return Buffer.concat([tagOf(tag), Buffer.from(vr), short, bytes]);
}

function sequence(items: readonly (readonly Element[])[], way: Way): Buffer {
  const parts = items.map((item) => {
    const bytes = encode(item, way);
    if (!way.delimited) return Buffer.concat([tagOf('fffe,e000'), u32(bytes.length), bytes]);
    return Buffer.concat([tagOf('fffe,e000'), u32(0xffffffff), bytes, tagOf('fffe,e00d'), u32(0)]);
  });
  return Buffer.concat(way.delimited ? [...parts, tagOf('fffe,e0dd'), u32(0)] : parts);
}

function tagOf(tag: string): Buffer {
  const [group, element] = tag.split(',').map((part) => Number.parseInt(part, 16));
  const bytes = Buffer.alloc(4);
  bytes.writeUInt16LE(group!, 0);
  bytes.writeUInt16LE(element!, 2);
  return bytes;
}

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

function even(value: string | Uint8Array): Buffer {
  const bytes = Buffer.from(value as string);
  return bytes.length % 2 === 0 ? bytes : Buffer.concat([bytes, Buffer.from(' ')]);
}
