import { equalBytes, hex } from '../bytes.ts';
import { fault } from '../errors.ts';
import { type CertificateFields, keyUsage, readCertificate } from './fields.ts';
import { isListOf, type RevocationList, readRevocationList } from './revocation.ts';
import { isSignedBy } from './signed.ts';
import { type CertificateSubject, readSubject } from './subject.ts';

/** Whom certificates are believed, and what their authorities have revoked. */
export interface CertificateTrust {
  readonly authorities: readonly CertificateFields[];
  readonly lists: readonly RevocationList[];
}

/**
 * What a certificate is worth. `good`: valid now, and no fresh revocation list has it or one above it; `expired`: not valid now; `revoked`;
 * `unknown`: no fresh list says. One that no trusted authority issued has no verdict: it is refused.
 */
export interface CertificateVerdict {
  readonly status: 'good' | 'expired' | 'revoked' | 'unknown';
  /** What speaks against it, in words; none where it is good. */
  readonly reasons: readonly string[];
  readonly subject: CertificateSubject;
  /** Milliseconds since 1970. */
  readonly notBefore: number;
  readonly notAfter: number;
}

// A path from leaf to authority has so many certificates at most; whoever shows one may show more than are needed, such as renewed ones.
const longestPath = 4;
const mostShown = 8;
const longestCertificate = 16_384;
// Clocks of authorities and of this machine differ by so much at most.
const clockSkew = 5 * 60_000;

/**
 * Reads the certificates of trusted authorities and their revocation lists, all in DER. Throws `bad-certificate`, naming which by its position.
 * An authority need not be a root: what stands above it is not looked at. A list is used once its authority is seen to have signed it.
 */
export function certificateTrust(params: {
  authorities: readonly Uint8Array[];
  lists: readonly Uint8Array[];
}): CertificateTrust {
  const authorities = params.authorities.map((der, i) =>
    named(`authority ${i + 1}`, () => {
      const authority = readCertificate(der);
      if (!mayIssue(authority)) throw fault('bad-certificate', 'not a certificate of an authority');
      return authority;
    }),
  );
  const lists = params.lists.map((der, i) => named(`revocation list ${i + 1}`, () => readRevocationList(der)));
  return { authorities, lists };
}

function named<T>(culprit: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw fault('bad-certificate', (error as Error).message, { culprit, cause: error });
  }
}

/**
 * Checks a certificate and the path from it to a trusted authority (RFC 5280 §6, without policies and name constraints).
 * Throws `bad-certificate` for bytes that are no certificate, and `untrusted-certificate` for one that no trusted authority issued, or not for this use.
 *
 * @param shown in DER: the certificate, then intermediate ones in any order; at most 8
 * @param params.now milliseconds since 1970
 * @param params.grace how long after its next update was due a list is still believed, milliseconds
 * @param params.use what the certified key is to do
 */
export function checkCertificate(
  shown: readonly Uint8Array[],
  trust: CertificateTrust,
  params: { now: number; grace: number; use: 'sign' | 'open' },
): CertificateVerdict {
  if (shown.length === 0 || shown.length > mostShown || shown.some(({ length }) => length > longestCertificate)) {
    throw fault('bad-certificate', `1 to ${mostShown} certificates of at most ${longestCertificate} bytes are read`);
  }
  const [leaf, ...others] = shown.map(readCertificate) as [CertificateFields, ...CertificateFields[]];
  requireUse(leaf, params.use);
  const verdicts = pathsTo(leaf, others, trust.authorities).map((path) => judge(path, trust.lists, params));
  const [best] = verdicts.sort((a, b) => worse.indexOf(a.status) - worse.indexOf(b.status));
  if (best === undefined) throw untrusted('no authority that is trusted here issued the certificate');
  const { subject, notBefore, notAfter } = leaf;
  return { ...best, subject: readSubject(subject), notBefore, notAfter };
}

const untrusted = (why: string) => fault('untrusted-certificate', why);

/** From leaf to authority. */
type Path = readonly CertificateFields[];

/** From the authorities downwards, so that nothing is followed that no trusted key has signed. */
function pathsTo(
  leaf: CertificateFields,
  shown: readonly CertificateFields[],
  authorities: readonly CertificateFields[],
): Path[] {
  const intermediates = [...new Map(shown.filter(mayIssue).map((one) => [hex(one.signed.signature), one])).values()];
  const found: Path[] = [];
  let paths: Path[] = authorities.map((authority) => [authority]);
  for (let length = 2; length <= longestPath; length++) {
    found.push(...paths.filter((path) => isIssued(leaf, path)).map((path) => [leaf, ...path]));
    paths = paths.flatMap((path) =>
      intermediates.filter((one) => !path.includes(one) && isIssued(one, path)).map((one) => [one, ...path]),
    );
  }
  return found;
}

/** Whether the first of a path of authorities issued this certificate, and each allows that there are so many below it. */
function isIssued({ issuer, signed, authority }: CertificateFields, path: Path): boolean {
  const [above] = path;
  const below = authority === undefined ? 0 : 1;
  return (
    equalBytes(issuer, above!.subject) &&
    path.every((one, i) => one.authority!.pathLength >= i + below) &&
    isSignedBy(signed, above!.key)
  );
}

function mayIssue({ authority, usage, unknown }: CertificateFields): boolean {
  return authority !== undefined && (usage?.has(keyUsage.keyCertSign) ?? true) && unknown.length === 0;
}

const uses = {
  sign: [keyUsage.digitalSignature, keyUsage.nonRepudiation],
  open: [keyUsage.keyEncipherment, keyUsage.dataEncipherment, keyUsage.keyAgreement],
} as const;
// RFC 5280 §4.2.1.12 (any, client authentication, e-mail), RFC 9336 (documents), and logging in with a smartcard: what cards of people are for.
const personal = [
  '2.5.29.37.0',
  '1.3.6.1.5.5.7.3.2',
  '1.3.6.1.5.5.7.3.4',
  '1.3.6.1.5.5.7.3.36',
  '1.3.6.1.4.1.311.20.2.2',
];

function requireUse({ authority, usage, purposes, unknown }: CertificateFields, use: keyof typeof uses): void {
  if (authority !== undefined) throw untrusted('it is the certificate of an authority, not of a person');
  if (unknown.length > 0) throw untrusted(`it has critical extensions that are not understood: ${unknown}`);
  if (usage !== undefined && !uses[use].some((bit) => usage.has(bit))) {
    throw untrusted(`its authority does not allow this key to ${use === 'sign' ? 'sign' : 'open what is sealed'}`);
  }
  if (purposes !== undefined && !personal.some((purpose) => purposes.has(purpose))) {
    throw untrusted('it is not for a person: neither for client authentication, e-mail, documents nor logging in');
  }
}

type Status = CertificateVerdict['status'];
const worse: readonly Status[] = ['good', 'unknown', 'expired', 'revoked'];

/** One thing that speaks against a certificate. */
interface Objection {
  readonly status: Status;
  readonly reason: string;
}

function judge(
  path: Path,
  lists: readonly RevocationList[],
  { now, grace }: { now: number; grace: number },
): Pick<CertificateVerdict, 'status' | 'reasons'> {
  const objections = path.flatMap((one, i) => {
    const who = i === 0 ? 'the certificate' : i < path.length - 1 ? 'an intermediate authority' : 'the authority';
    const above = path[i + 1];
    const revocation = above === undefined ? undefined : revocationOf(one, above, lists, { now, grace });
    return [outOfDate(one, now), revocation].flatMap((found) =>
      found === undefined ? [] : [{ status: found.status, reason: `${who} ${found.reason}` }],
    );
  });
  const status = objections.map((objection) => worse.indexOf(objection.status));
  return { status: worse[Math.max(0, ...status)]!, reasons: objections.map(({ reason }) => reason) };
}

const date = (time: number) => new Date(time).toISOString().slice(0, 16).replace('T', ' ');

function outOfDate({ notBefore, notAfter }: CertificateFields, now: number): Objection | undefined {
  if (now > notAfter) return { status: 'expired', reason: `was valid until ${date(notAfter)}` };
  if (now < notBefore) return { status: 'expired', reason: `is valid only from ${date(notBefore)}` };
  return undefined;
}

/** The newest list decides: what it does not have any more was only on hold. */
function revocationOf(
  { serial }: CertificateFields,
  issuer: CertificateFields,
  lists: readonly RevocationList[],
  { now, grace }: { now: number; grace: number },
): Objection | undefined {
  const own = lists.filter((list) => list.thisUpdate <= now + clockSkew && isListOf(list, issuer));
  const [newest] = own.sort((a, b) => b.thisUpdate - a.thisUpdate);
  if (newest === undefined) {
    return { status: 'unknown', reason: 'may be revoked: no revocation list of its issuer is known here' };
  }
  const revoked = newest.revoked.get(serial);
  if (revoked !== undefined) return { status: 'revoked', reason: `was revoked on ${date(revoked)}` };
  if (now <= newest.nextUpdate + grace) return undefined;
  return {
    status: 'unknown',
    reason: `may be revoked: a new list of its issuer was due on ${date(newest.nextUpdate)}`,
  };
}
