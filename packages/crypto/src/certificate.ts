import { X509Certificate } from 'node:crypto';
import { equalBytes } from './bytes.ts';
import { fault } from './errors.ts';
import { isPublicKey, keyObject, rawPublicKey } from './sign.ts';

/**
 * The Ed25519 key (32 bytes) that an organisation's CA certificate (PEM or DER) is about. Throws `bad-certificate` unless it
 * is a self-signed CA and nothing stands around it. Validity dates are left to TLS.
 */
export function organisationKeyOf(certificate: string | Uint8Array): Uint8Array {
  const parsed = parseCertificate(certificate);
  if (parsed.publicKey.asymmetricKeyType !== 'ed25519') {
    throw fault('bad-certificate', 'the certified key is not an Ed25519 key');
  }
  if (!parsed.ca) throw fault('bad-certificate', 'not the CA certificate of an organisation');
  const publicKey = rawPublicKey(parsed.publicKey);
  if (!isPublicKey(publicKey)) throw fault('bad-certificate', 'the certified key is of small order');
  if (!parsed.verify(parsed.publicKey)) throw fault('bad-certificate', 'the certificate is not signed by its own key');
  return publicKey;
}

/**
 * Whether this TLS certificate (PEM or DER) was signed by this organisation key (32 bytes). Servers that trust several
 * organisations decide by this which of them is calling: names in a certificate prove nothing across organisations.
 */
export function isIssuedBy(certificate: string | Uint8Array, organisationKey: Uint8Array): boolean {
  const parsed = parseCertificate(certificate);
  return !parsed.ca && isPublicKey(organisationKey) && parsed.verify(keyObject(organisationKey));
}

/** DER of a certificate in PEM. */
export function certificateDer(pem: string): Uint8Array {
  return new Uint8Array(parseCertificate(pem).raw);
}

/** PEM of a certificate in DER. */
export function certificatePem(der: Uint8Array): string {
  return parseCertificate(der).toString();
}

/** One certificate, PEM or DER, and nothing else; or throws `bad-certificate`. */
function parseCertificate(certificate: string | Uint8Array): X509Certificate {
  let parsed: X509Certificate;
  try {
    parsed = new X509Certificate(certificate);
  } catch {
    throw fault('bad-certificate', 'not an X.509 certificate');
  }
  const alone =
    typeof certificate === 'string'
      ? certificate.trim() === parsed.toString().trim()
      : equalBytes(parsed.raw, certificate);
  if (!alone) throw fault('bad-certificate', 'something stands before or after the certificate');
  return parsed;
}
