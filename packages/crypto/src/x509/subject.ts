import { DerReader, derElements, malformed, objectIdentifier, readDer, tags } from './der.ts';

/** What a certificate says of whom it is about; what it does not say is undefined. */
export interface CertificateSubject {
  readonly commonName: string | undefined;
  /** Of the person, as the authority numbers people; not of the certificate. */
  readonly serialNumber: string | undefined;
  readonly givenName: string | undefined;
  readonly surname: string | undefined;
}

// RFC 5280 §4.1.2.4, appendix A.1.
const attributes = {
  commonName: '2.5.4.3',
  surname: '2.5.4.4',
  serialNumber: '2.5.4.5',
  givenName: '2.5.4.42',
} as const;

/** Reads a Name (DER); of an attribute that stands there twice, the first. Throws `bad-certificate`. */
export function readSubject(name: Uint8Array): CertificateSubject {
  const found = new Map<string, string>();
  for (const { tag, content } of derElements(readDer(name, tags.sequence))) {
    if (tag !== tags.set) throw malformed();
    for (const attribute of derElements(content)) {
      const parts = new DerReader(readDer(attribute.whole, tags.sequence));
      const type = objectIdentifier(parts.take(tags.oid).content);
      const text = textOf(parts.take(...Object.keys(encodings).map(Number), ...otherStrings));
      parts.end();
      if (text !== undefined && !found.has(type)) found.set(type, text);
    }
  }
  const of = (name: keyof typeof attributes) => found.get(attributes[name]);
  return {
    commonName: of('commonName'),
    serialNumber: of('serialNumber'),
    givenName: of('givenName'),
    surname: of('surname'),
  };
}

// X.680 §8: UTF8String, NumericString, PrintableString, TeletexString, IA5String, BMPString. Teletex is read as Latin-1, as authorities write it.
const encodings: Readonly<Record<number, string>> = {
  12: 'utf-8',
  18: 'latin1',
  19: 'latin1',
  20: 'latin1',
  22: 'latin1',
  30: 'utf-16be',
};
// UniversalString and BIT STRING: of attributes that nobody asks for.
const otherStrings = [28, 3];

function textOf({ tag, content }: { tag: number; content: Uint8Array }): string | undefined {
  const encoding = encodings[tag];
  if (encoding === undefined) return undefined;
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(content).normalize('NFC');
  } catch {
    throw malformed();
  }
}
