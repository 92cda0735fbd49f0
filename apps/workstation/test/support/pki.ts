import 'reflect-metadata';
import { type KeyObject, webcrypto } from 'node:crypto';
import * as x509 from '@peculiar/x509';

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const validity = { notBefore: new Date('2020-01-01'), notAfter: new Date('2049-01-01') };

/** An authority that certifies cards. */
export class Authority {
  readonly #keys: webcrypto.CryptoKeyPair;
  readonly certificate: x509.X509Certificate;
  #serial = 2;

  private constructor(keys: webcrypto.CryptoKeyPair, certificate: x509.X509Certificate) {
    this.#keys = keys;
    this.certificate = certificate;
  }

  static async make(): Promise<Authority> {
    const keys = (await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])) as webcrypto.CryptoKeyPair;
    const { keyCertSign, cRLSign } = x509.KeyUsageFlags;
    const extensions = [
      new x509.BasicConstraintsExtension(true, 1, true),
      new x509.KeyUsagesExtension(keyCertSign | cRLSign, true),
    ];
    const certificate = await x509.X509CertificateGenerator.createSelfSigned({
      serialNumber: '01',
      name: 'CN=Cards of a country',
      ...validity,
      signingAlgorithm: algorithm,
      keys,
      extensions,
    });
    return new Authority(keys, certificate);
  }

  /** @param usage as a card's key is used: both, to sign, to be sealed to */
  async certify(key: KeyObject, subject: string, usage: 'both' | 'sign' | 'seal' = 'both'): Promise<Uint8Array> {
    const { digitalSignature, keyEncipherment, keyAgreement } = x509.KeyUsageFlags;
    const seal = key.asymmetricKeyType === 'rsa' ? keyEncipherment : keyAgreement;
    const flags = { both: digitalSignature | seal, sign: digitalSignature, seal }[usage];
    const certificate = await x509.X509CertificateGenerator.create({
      serialNumber: (this.#serial++).toString(16).padStart(2, '0'),
      issuer: this.certificate.subject,
      subject,
      ...validity,
      signingAlgorithm: algorithm,
      signingKey: this.#keys.privateKey,
      publicKey: new x509.PublicKey(key.export({ format: 'der', type: 'spki' })),
      extensions: [new x509.KeyUsagesExtension(flags, true)],
    });
    return new Uint8Array(certificate.rawData);
  }
}
