import { unreadable } from '../fault.ts';

// HL7 table 0211. ISO 8859-1 is decoded as Windows-1252, as the WHATWG has it: the two differ in control characters only.
const charsets: Readonly<Record<string, string>> = {
  '': 'utf-8',
  ASCII: 'utf-8',
  'UNICODE UTF-8': 'utf-8',
  'UTF-8': 'utf-8',
  ...Object.fromEntries([1, 2, 3, 4, 5, 6, 7, 8, 15].map((part) => [`8859/${part}`, `iso-8859-${part}`])),
  '8859/9': 'windows-1254',
};

type Decoder = InstanceType<typeof TextDecoder>;

const decoders = new Map<string, Decoder>();

/**
 * The text of a message in the character set that its MSH-18 names (its first repetition; the others may be switched to, which is not read).
 * One that names none, or ASCII, and is neither that nor UTF-8, is taken as ISO 8859-1: what matters here, codes and identifiers, is ASCII.
 */
export function decodeText(bytes: Uint8Array, charset: string): string {
  const name = charset.trim().toUpperCase();
  const encoding = Object.hasOwn(charsets, name) ? charsets[name]! : undefined;
  if (encoding === undefined) throw unreadable('MSH-18', `must be ${Object.keys(charsets).filter(Boolean).join(', ')}`);
  try {
    return decoder(encoding).decode(bytes);
  } catch {
    if (name !== '' && name !== 'ASCII') throw unreadable('MSH-18', `the message is not in ${name}, as it says`);
    return decoder('iso-8859-1').decode(bytes);
  }
}

function decoder(encoding: string): Decoder {
  let known = decoders.get(encoding);
  if (known === undefined) {
    known = new TextDecoder(encoding, { fatal: true, ignoreBOM: true });
    decoders.set(encoding, known);
  }
  return known;
}
