import type { KeyObject } from 'node:crypto';
import { hex } from '../bytes.ts';
import {
  bitString,
  booleanOf,
  DerReader,
  derElements,
  malformed,
  objectIdentifier,
  readDer,
  tags,
  timeOf,
} from './der.ts';
import { publicKeyOf, readSigned, requireSameAlgorithm, type Signed } from './signed.ts';

/** Of a certificate (RFC 5280 §4.1), what a path is decided by. */
export interface CertificateFields {
  readonly signed: Signed;
  /** Hexadecimal. */
  readonly serial: string;
  /** Names in DER, compared byte by byte. */
  readonly issuer: Uint8Array;
  readonly subject: Uint8Array;
  /** Milliseconds since 1970. */
  readonly notBefore: number;
  readonly notAfter: number;
  readonly key: KeyObject;
  /** Of a CA; how many more CAs may stand below it. */
  readonly authority: { readonly pathLength: number } | undefined;
  /** Bits of RFC 5280 §4.2.1.3; undefined where all uses are allowed. */
  readonly usage: ReadonlySet<number> | undefined;
  /** RFC 5280 §4.2.1.12; undefined where all are allowed. */
  readonly purposes: ReadonlySet<string> | undefined;
  /** Critical extensions that nothing here understands. */
  readonly unknown: readonly string[];
}

/** RFC 5280 §4.2.1.3. */
export const keyUsage = {
  digitalSignature: 0,
  nonRepudiation: 1,
  keyEncipherment: 2,
  dataEncipherment: 3,
  keyAgreement: 4,
  keyCertSign: 5,
  crlSign: 6,
} as const;

const extension = {
  keyUsage: '2.5.29.15',
  subjectAlternativeName: '2.5.29.17',
  basicConstraints: '2.5.29.19',
  certificatePolicies: '2.5.29.32',
  extendedKeyUsage: '2.5.29.37',
} as const;
const understood: ReadonlySet<string> = new Set(Object.values(extension));

/** Reads a certificate in DER; throws `bad-certificate`. */
export function readCertificate(der: Uint8Array): CertificateFields {
  const signed = readSigned(der);
  const body = new DerReader(readDer(signed.body, tags.sequence));
  const version = body.optional(tags.context(0));
  const serial = hex(body.take(tags.integer).content);
  requireSameAlgorithm(signed, body.take(tags.sequence).whole);
  const issuer = body.take(tags.sequence).whole;
  const validity = new DerReader(body.take(tags.sequence).content);
  const [notBefore, notAfter] = [0, 0].map(() => timeOf(validity.take(tags.utcTime, tags.generalizedTime)));
  validity.end();
  const subject = body.take(tags.sequence).whole;
  const key = publicKeyOf(body.take(tags.sequence).whole);
  for (const identifier of [1, 2]) body.optional(tags.context(identifier, false));
  const extensions = readExtensions(body.optional(tags.context(3))?.content);
  body.end();
  // Extensions are of version 3, which is written as 2.
  const isThird = version !== undefined && hex(version.content) === '020102';
  if (extensions.size > 0 && !isThird) throw malformed();
  const value = (name: string) => extensions.get(name)?.value;
  return {
    signed,
    serial,
    issuer,
    subject,
    notBefore: notBefore!,
    notAfter: notAfter!,
    key,
    authority: authorityOf(value(extension.basicConstraints)),
    usage: usageOf(value(extension.keyUsage)),
    purposes: purposesOf(value(extension.extendedKeyUsage)),
    unknown: criticalBut(understood, extensions),
  };
}

/** By name. */
export type Extensions = ReadonlyMap<string, { readonly critical: boolean; readonly value: Uint8Array }>;

/** RFC 5280 §4.2: each at most once. @param content of the explicit tag, or undefined */
export function readExtensions(content: Uint8Array | undefined): Extensions {
  const found = new Map<string, { critical: boolean; value: Uint8Array }>();
  if (content === undefined) return found;
  for (const { tag, content: one } of derElements(readDer(content, tags.sequence))) {
    if (tag !== tags.sequence) throw malformed();
    const parts = new DerReader(one);
    const name = objectIdentifier(parts.take(tags.oid).content);
    const critical = parts.optional(tags.boolean);
    const value = parts.take(tags.octets).content;
    parts.end();
    if (found.has(name)) throw malformed();
    found.set(name, { critical: critical !== undefined && booleanOf(critical), value });
  }
  return found;
}

/** Critical ones but these. */
export function criticalBut(known: ReadonlySet<string>, extensions: Extensions): string[] {
  return [...extensions].filter(([name, { critical }]) => critical && !known.has(name)).map(([name]) => name);
}

function authorityOf(value: Uint8Array | undefined): CertificateFields['authority'] {
  if (value === undefined) return undefined;
  const parts = new DerReader(readDer(value, tags.sequence));
  const ca = parts.optional(tags.boolean);
  const length = parts.optional(tags.integer);
  parts.end();
  if (length !== undefined && (length.content.length !== 1 || length.content[0]! > 127)) throw malformed();
  if (ca === undefined || !booleanOf(ca)) return undefined;
  return { pathLength: length?.content[0] ?? Number.POSITIVE_INFINITY };
}

function usageOf(value: Uint8Array | undefined): ReadonlySet<number> | undefined {
  if (value === undefined) return undefined;
  const { octets, unused } = bitString(readDer(value, tags.bits));
  const bits = Array.from({ length: octets.length * 8 - unused }, (_, bit) => bit);
  return new Set(bits.filter((bit) => (octets[bit >> 3]! >> (7 - (bit & 7))) & 1));
}

function purposesOf(value: Uint8Array | undefined): ReadonlySet<string> | undefined {
  if (value === undefined) return undefined;
  return new Set(derElements(readDer(value, tags.sequence)).map(({ content }) => objectIdentifier(content)));
}
