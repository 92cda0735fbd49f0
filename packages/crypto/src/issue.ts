import { createECDH, createPrivateKey, createPublicKey, type KeyObject, webcrypto } from 'node:crypto';
import type { Extension, Name, X509CertificateGenerator } from '@peculiar/x509';
import { base64url, equalBytes, hex } from './bytes.ts';
import { organisationKeyOf } from './certificate.ts';
import { fault } from './errors.ts';
import { sha256 } from './hash.ts';
import type { Rng } from './random.ts';
import { keyObject, type SigningKey } from './sign.ts';

/** What both kinds of certificate need: validity, and random bytes for serial numbers and keys. */
interface Issue {
  notBefore: Date;
  notAfter: Date;
  rng: Rng;
}

// RFC 5280 appendix A, ub-organization-name and ub-common-name.
const maxNameLength = 64;
// SP 800-186 §3.2.1.3.
const p256Order = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;

// Loaded on first use: it takes 0.2 s, and only the set-up of an organisation issues certificates.
async function library() {
  await import('reflect-metadata');
  return import('@peculiar/x509');
}

/**
 * The self-signed CA certificate of an organisation key (RFC 5280, RFC 8410), PEM. It may issue leaf certificates only
 * (pathLenConstraint 0); the TLS servers and clients of its peers trust it for this organisation.
 * @param params.name shown in the subject beside the key id, at most 64 characters
 */
export async function issueOrganisationCertificate(params: Issue & { name: string; key: SigningKey }): Promise<string> {
  const { name, key } = params;
  if (name.length === 0 || name.length > maxNameLength) {
    throw fault('bad-certificate', `the name of an organisation has 1 to ${maxNameLength} characters`);
  }
  const x509 = await library();
  const subject = new x509.Name([{ O: [name] }, { CN: [key.keyId] }]);
  const publicKey = keyObject(key.publicKey);
  return issue(params, key, subject, subject, publicKey, [
    new x509.BasicConstraintsExtension(true, 0, true),
    new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
    new x509.SubjectKeyIdentifierExtension(keyIdentifier(publicKey)),
    new x509.AuthorityKeyIdentifierExtension(keyIdentifier(publicKey)),
  ]);
}

/**
 * A certificate for one TLS server or client of an organisation, with a fresh P-256 key; both in PEM.
 * @param params.key the organisation key that `certificate` (its CA certificate, PEM) is about
 * @param params.hosts DNS names and IP addresses (IPv6 without brackets), at least one
 */
export async function issueTlsCertificate(
  params: Issue & { key: SigningKey; certificate: string; hosts: readonly string[] },
): Promise<{ certificatePem: string; privateKeyPem: string }> {
  const { key, certificate, hosts } = params;
  if (!equalBytes(organisationKeyOf(certificate), key.publicKey)) {
    throw fault('bad-certificate', 'the CA certificate belongs to another organisation key');
  }
  const [host] = hosts;
  if (host === undefined) throw fault('bad-certificate', 'a TLS certificate needs at least one host');
  const x509 = await library();
  const authority = new x509.X509Certificate(certificate).subjectName;
  const privateKey = p256Key(params.rng);
  const publicKey = createPublicKey(privateKey);
  const subject = new x509.Name([{ O: authority.getField('O') }, { CN: [host.slice(0, maxNameLength)] }]);
  const certificatePem = await issue(params, key, authority, subject, publicKey, [
    new x509.BasicConstraintsExtension(false, undefined, true),
    new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
    new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth, x509.ExtendedKeyUsage.clientAuth]),
    new x509.SubjectAlternativeNameExtension(
      hosts.map((value) => ({ type: isAddress(value) ? ('ip' as const) : ('dns' as const), value })),
    ),
    new x509.SubjectKeyIdentifierExtension(keyIdentifier(publicKey)),
    new x509.AuthorityKeyIdentifierExtension(keyIdentifier(keyObject(key.publicKey))),
  ]);
  return { certificatePem, privateKeyPem: privateKey.export({ format: 'pem', type: 'pkcs8' }).toString() };
}

// The library names browsers' types of Web Crypto; Node's are the same by other names.
type Create = typeof X509CertificateGenerator.create;
type SigningCryptoKey = Extract<Parameters<Create>[0], { signingKey: unknown }>['signingKey'];

async function issue(
  { notBefore, notAfter, rng }: Issue,
  key: SigningKey,
  issuer: Name,
  subject: Name,
  publicKey: KeyObject,
  extensions: Extension[],
): Promise<string> {
  const x509 = await library();
  const serial = rng(16);
  // RFC 5280 §4.1.2.2: positive, at most 20 octets. The set bit keeps the length fixed.
  serial[0] = (serial[0]! & 0x7f) | 0x40;
  const certificate = await x509.X509CertificateGenerator.create(
    {
      serialNumber: hex(serial),
      issuer,
      subject,
      notBefore,
      notAfter,
      signingAlgorithm: { name: 'Ed25519' },
      publicKey: new x509.PublicKey(publicKey.export({ format: 'der', type: 'spki' })),
      signingKey: createPrivateKey(key.export()).toCryptoKey('Ed25519', false, ['sign']) as SigningCryptoKey,
      extensions,
    },
    webcrypto as Parameters<Create>[1],
  );
  return `${certificate.toString('pem')}\n`;
}

/** A P-256 key whose scalar comes from `rng`, by rejection (FIPS 186-5 appendix A.2.2). */
function p256Key(rng: Rng): KeyObject {
  let scalar = rng(32);
  for (let value = asInteger(scalar); value === 0n || value >= p256Order; value = asInteger(scalar)) scalar = rng(32);
  const ecdh = createECDH('prime256v1');
  ecdh.setPrivateKey(scalar);
  const point = ecdh.getPublicKey();
  const [x, y] = [base64url(point.subarray(1, 33)), base64url(point.subarray(33))];
  return createPrivateKey({ format: 'jwk', key: { kty: 'EC', crv: 'P-256', x, y, d: base64url(scalar) } });
}

function asInteger(bytes: Uint8Array): bigint {
  return BigInt(`0x${hex(bytes)}`);
}

// RFC 5280 §4.2.1.2 leaves the method open: 20 bytes of a hash of the public key.
function keyIdentifier(publicKey: KeyObject): string {
  return hex(sha256(publicKey.export({ format: 'der', type: 'spki' })).subarray(0, 20));
}

function isAddress(host: string): boolean {
  return host.includes(':') || /^\d+(\.\d+){3}$/.test(host);
}
