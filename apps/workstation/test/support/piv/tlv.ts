/** BER-TLV (ISO 7816-4 §5.2.2) with a tag as it is written, hexadecimal. */
export function tlv(tag: string, ...parts: readonly Uint8Array[]): Buffer {
  const value = Buffer.concat(parts);
  const { length } = value;
  const lengthField =
    length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, Math.floor(length / 256), length % 256];
  return Buffer.concat([Buffer.from(tag, 'hex'), Buffer.from(lengthField), value]);
}

/** Values by tag, of one byte each. */
export function readTlv(bytes: Uint8Array): Map<number, Buffer> {
  const found = new Map<number, Buffer>();
  const buffer = Buffer.from(bytes);
  for (let at = 0; at < buffer.length; ) {
    const tag = buffer[at++]!;
    let length = buffer[at++]!;
    if (length === 0x81) length = buffer[at++]!;
    else if (length === 0x82) {
      length = buffer.readUInt16BE(at);
      at += 2;
    }
    found.set(tag, buffer.subarray(at, at + length));
    at += length;
  }
  return found;
}
