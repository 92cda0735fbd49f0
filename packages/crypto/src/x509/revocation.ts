import type { KeyObject } from 'node:crypto';
import { equalBytes, hex } from '../bytes.ts';
import { fault } from '../errors.ts';
import { DerReader, derAt, malformed, readDer, tags, timeOf } from './der.ts';
import { type CertificateFields, criticalBut, keyUsage, readExtensions } from './fields.ts';
import { isSignedBy, readSigned, requireSameAlgorithm, type Signed } from './signed.ts';

/** A certificate revocation list (RFC 5280 §5) of all that one authority issued. Whether the authority signed it is asked by {@link isListOf}. */
export interface RevocationList {
  readonly isSignedBy: (key: KeyObject) => boolean;
  /** Name, DER. */
  readonly issuer: Uint8Array;
  /** Milliseconds since 1970. */
  readonly thisUpdate: number;
  readonly nextUpdate: number;
  /** When each was revoked, by hexadecimal serial. */
  readonly revoked: ReadonlyMap<string, number>;
}

const nothing: ReadonlySet<string> = new Set();

/**
 * Reads a list in DER. Throws `bad-certificate` for one that is malformed, says no time of the next one, or is of some certificates only (partial,
 * delta and indirect lists have critical extensions, which RFC 5280 §5.2 forbids to pass over).
 */
export function readRevocationList(der: Uint8Array): RevocationList {
  const signed = readSigned(der);
  const body = new DerReader(readDer(signed.body, tags.sequence));
  body.optional(tags.integer);
  requireSameAlgorithm(signed, body.take(tags.sequence).whole);
  const issuer = body.take(tags.sequence).whole;
  const thisUpdate = timeOf(body.take(tags.utcTime, tags.generalizedTime));
  const next = body.optional(tags.utcTime, tags.generalizedTime);
  const revoked = readRevoked(body.optional(tags.sequence)?.content ?? new Uint8Array());
  requireWhole(body.optional(tags.context(0))?.content);
  body.end();
  if (next === undefined) throw fault('bad-certificate', 'the revocation list does not say when the next one is due');
  return { isSignedBy: askedOnce(signed), issuer, thisUpdate, nextUpdate: timeOf(next), revoked };
}

/** Lists have up to millions of entries, so each is read where it stands. */
function readRevoked(content: Uint8Array): Map<string, number> {
  const revoked = new Map<string, number>();
  for (let at = 0; at < content.length; ) {
    const entry = derAt(content, at);
    if (entry.tag !== tags.sequence) throw malformed();
    const serial = derAt(entry.content, 0);
    const time = derAt(entry.content, serial.whole.length);
    if (serial.tag !== tags.integer) throw malformed();
    revoked.set(hex(serial.content), timeOf(time));
    const end = serial.whole.length + time.whole.length;
    if (end < entry.content.length) requireWhole(entry.content.subarray(end));
    at += entry.whole.length;
  }
  return revoked;
}

function requireWhole(extensions: Uint8Array | undefined): void {
  const unknown = criticalBut(nothing, readExtensions(extensions));
  if (unknown.length > 0) {
    throw fault('bad-certificate', `the revocation list is not of all certificates of its issuer (${unknown})`, {
      hint: "Ask for the authority's whole list.",
    });
  }
}

/** Whether this authority issued this list. */
export function isListOf({ issuer, isSignedBy }: RevocationList, { subject, usage, key }: CertificateFields): boolean {
  return equalBytes(issuer, subject) && (usage?.has(keyUsage.crlSign) ?? true) && isSignedBy(key);
}

/** A list may have megabytes, and many certificates ask for it: whose signature it has is found out once. */
function askedOnce(signed: Signed): RevocationList['isSignedBy'] {
  const known = new Map<string, boolean>();
  return (key) => {
    const name = key.export({ format: 'der', type: 'spki' }).toString('base64');
    const answer = known.get(name) ?? isSignedBy(signed, key);
    known.set(name, answer);
    return answer;
  };
}
