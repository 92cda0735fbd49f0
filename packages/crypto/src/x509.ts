import 'reflect-metadata';
import { createECDH, createPrivateKey, createPublicKey, type KeyObject, webcrypto, X509Certificate } from 'node:crypto';
import * as x509 from '@peculiar/x509';
import { base64url, equalBytes, hex } from './bytes.ts';
import { fault } from './errors.ts';
import { sha256 } from './hash.ts';
import type { Rng } from './random.ts';
import { isPublicKey, keyObject, rawPublicKey, type SigningKey } from './sign.ts';

/** What both kinds of certificate need: validity, and random bytes for serial numbers and keys. */
interface Issue {
  notBefore: Date;
  notAfter: Date;
  rng: Rng;
}

// RFC 5280 appendix A, ub-organization-name.
const maxNameLength = 64;
// FIPS 186-5 / SP 800-186 §3.2.1.3.
const p256Order = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;

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
  const subject = new x509.Name([{ O: [name] }, { CN: [key.keyId] }]);
  const subjectKeyId = keyIdentifier(keyObject(key.publicKey));
  return issue(params, key, subject, subject, keyObject(key.publicKey), [
    new x509.BasicConstraintsExtension(true, 0, true),
    new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
    new x509.SubjectKeyIdentifierExtension(subjectKeyId),
    new x509.AuthorityKeyIdentifierExtension(subjectKeyId),
  ]);
}

/**
 * A certificate for one TLS server or client of an organisation, with a fresh P-256 key. Serve it together with the CA's.
 * @param params.key the organisation key that `certificate` (PEM) belongs to
 * @param params.hosts DNS names and IP addresses, at least one
 */
export async function issueTlsCertificate(
  params: Issue & { key: SigningKey; certificate: string; hosts: readonly string[] },
): Promise<{ certificatePem: string; privateKeyPem: string }> {
  const { key, certificate, hosts } = params;
  if (!equalBytes(organisationKeyOf(certificate), key.publicKey)) {
    throw fault('bad-certificate', 'the CA certificate belongs to another organisation key');
  }
  if (hosts.length === 0) throw fault('bad-certificate', 'a TLS certificate needs at least one host');
  const authority = new x509.X509Certificate(certificate);
  const privateKey = p256Key(params.rng);
  const publicKey = createPublicKey(privateKey);
  const subject = new x509.Name([
    { O: authority.subjectName.getField('O') },
    { CN: [hosts[0]!.slice(0, maxNameLength)] },
  ]);
  const certificatePem = await issue(params, key, authority.subjectName, subject, publicKey, [
    new x509.BasicConstraintsExtension(false, undefined, true),
    new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
    new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth, x509.ExtendedKeyUsage.clientAuth]),
    new x509.SubjectAlternativeNameExtension(hosts.map((value) => ({ type: isAddress(value) ? 'ip' : 'dns', value }))),
    new x509.SubjectKeyIdentifierExtension(keyIdentifier(publicKey)),
    new x509.AuthorityKeyIdentifierExtension(keyIdentifier(keyObject(key.publicKey))),
  ]);
  return { certificatePem, privateKeyPem: privateKey.export({ format: 'pem', type: 'pkcs8' }).toString() };
}

/**
 * The Ed25519 key (32 bytes) that an organisation's CA certificate (PEM or DER) is about. Throws `bad-certificate` unless it
 * is a self-signed CA with path length 0 and nothing follows it. Validity dates are left to TLS.
 */
export function organisationKeyOf(certificate: string | Uint8Array): Uint8Array {
  const parsed = parseCertificate(certificate);
  if (parsed.publicKey.asymmetricKeyType !== 'ed25519')
    throw fault('bad-certificate', 'the certified key is not an Ed25519 key');
  const constraints = new x509.X509Certificate(parsed.raw).getExtension(x509.BasicConstraintsExtension);
  if (!parsed.ca || constraints?.pathLength !== 0) {
    throw fault('bad-certificate', 'not the certificate of an organisation: a CA with path length 0');
  }
  if (!parsed.verify(parsed.publicKey)) throw fault('bad-certificate', 'the certificate is not signed by its own key');
  const publicKey = rawPublicKey(parsed.publicKey);
  if (!isPublicKey(publicKey)) throw fault('bad-certificate', 'the certified key is of small order');
  return publicKey;
}

/**
 * Whether this TLS certificate (PEM or DER) was signed by this organisation key (32 bytes). Servers that trust several
 * organisations decide by this which of them is calling; names in a certificate prove nothing across organisations.
 */
export function isIssuedBy(certificate: string | Uint8Array, organisationKey: Uint8Array): boolean {
  return isPublicKey(organisationKey) && parseCertificate(certificate).verify(keyObject(organisationKey));
}

/** DER of a certificate in PEM. */
export function certificateDer(pem: string): Uint8Array {
  return new Uint8Array(parseCertificate(pem).raw);
}

/** PEM of a certificate in DER. */
export function certificatePem(der: Uint8Array): string {
  return parseCertificate(der).toString();
}

function parseCertificate(certificate: string | Uint8Array): X509Certificate {
  let parsed: X509Certificate;
  try {
    parsed = new X509Certificate(certificate);
  } catch {
    throw fault('bad-certificate', 'not an X.509 certificate');
  }
  const whole =
    typeof certificate === 'string'
      ? certificate.trim() === parsed.toString().trim()
      : equalBytes(parsed.raw, certificate);
  if (!whole) throw fault('bad-certificate', 'something stands before or after the certificate');
  return parsed;
}

async function issue(
  { notBefore, notAfter, rng }: Issue,
  key: SigningKey,
  issuer: x509.Name,
  subject: x509.Name,
  publicKey: KeyObject,
  extensions: x509.Extension[],
): Promise<string> {
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
      signingKey: createPrivateKey(key.export()).toCryptoKey('Ed25519', false, ['sign']),
      extensions,
    },
    webcrypto,
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
