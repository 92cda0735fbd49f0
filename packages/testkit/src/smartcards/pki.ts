import { createPublicKey, type KeyObject, webcrypto } from 'node:crypto';
import type { Extension, JsonName, X509Certificate } from '@peculiar/x509';
import type { Card } from '@symbolon/consent';
import { hex, systemRng } from '@symbolon/crypto';
import { type CardKind, cardPrivateKey, softwareCard } from './card.ts';

/** Whom a certificate is about. */
export interface CardHolder {
  readonly commonName: string;
  readonly givenName?: string;
  readonly surname?: string;
  /** As the authority numbers people. */
  readonly serialNumber?: string;
}

/** What certificates of tests have otherwise than usual. Times are milliseconds since 1970. */
export interface CertificateOptions {
  readonly kind?: CardKind;
  /** A key that is there already. */
  readonly privateKey?: KeyObject;
  readonly notBefore?: number;
  readonly notAfter?: number;
  /** KeyUsageFlags; null leaves the extension out. */
  readonly usage?: number | null;
  /** Object identifiers of extended key usage. */
  readonly purposes?: readonly string[];
  /** Of an authority. */
  readonly pathLength?: number;
  readonly extensions?: readonly Extension[];
}

/** A card in software with its certificates in DER: its own, then the intermediate authority's. */
export interface IssuedCard {
  readonly chain: readonly Uint8Array[];
  readonly certificate: Uint8Array;
  readonly privateKey: KeyObject;
  readonly card: Card;
}

const year = 365 * 86_400_000;
// RFC 5280 §4.2.1.3 as the library counts bits: digitalSignature, keyEncipherment, keyAgreement | keyCertSign, cRLSign.
const personUsage = 1 | 4 | 16;
const authorityUsage = 32 | 64;

/** Loaded on first use, as in `crypto`. */
export async function x509Library(): Promise<typeof import('@peculiar/x509')> {
  await import('reflect-metadata');
  return import('@peculiar/x509');
}

/** An authority: issues certificates of people and of other authorities, and revocation lists. Keys are of the system's randomness. */
export class CardAuthority {
  readonly certificate: Uint8Array;
  readonly privateKey: KeyObject;
  readonly #revoked = new Map<string, number>();
  readonly #own: X509Certificate;
  readonly #above: readonly Uint8Array[];
  readonly #now: number;

  private constructor(own: X509Certificate, privateKey: KeyObject, above: readonly Uint8Array[], now: number) {
    this.#own = own;
    this.certificate = new Uint8Array(own.rawData);
    this.privateKey = privateKey;
    this.#above = above;
    this.#now = now;
  }

  /** A root. @param now milliseconds since 1970, from which validity counts */
  static async root(name: string, now: number, options: CertificateOptions = {}): Promise<CardAuthority> {
    const privateKey = options.privateKey ?? cardPrivateKey(options.kind ?? 'P-256');
    const certificate = await makeCertificate(
      { issuer: nameOf({ commonName: name }), signingKey: privateKey, now, authority: true },
      { commonName: name },
      privateKey,
      options,
    );
    return new CardAuthority(certificate, privateKey, [], now);
  }

  /** An authority below this one. */
  async authority(name: string, options: CertificateOptions = {}): Promise<CardAuthority> {
    const privateKey = options.privateKey ?? cardPrivateKey(options.kind ?? 'P-256');
    const certificate = await this.#issue({ commonName: name }, privateKey, options, true);
    const above = this.#isRoot() ? [] : this.chain();
    return new CardAuthority(certificate, privateKey, above, this.#now);
  }

  /** A person's card. */
  async card(holder: CardHolder, options: CertificateOptions = {}): Promise<IssuedCard> {
    const privateKey = options.privateKey ?? cardPrivateKey(options.kind ?? 'P-256');
    const certificate = new Uint8Array((await this.#issue(holder, privateKey, options, false)).rawData);
    const chain = [certificate, ...(this.#isRoot() ? [] : this.chain())];
    return { chain, certificate, privateKey, card: softwareCard(privateKey) };
  }

  /** This authority's certificate and those between it and the root. */
  chain(): Uint8Array[] {
    return [this.certificate, ...this.#above];
  }

  /** The next list has it. */
  async revoke(certificate: Uint8Array, at: number = this.#now): Promise<void> {
    const x509 = await x509Library();
    this.#revoked.set(new x509.X509Certificate(certificate).serialNumber, at);
  }

  /** What was on hold is no more. */
  async release(certificate: Uint8Array): Promise<void> {
    const x509 = await x509Library();
    this.#revoked.delete(new x509.X509Certificate(certificate).serialNumber);
  }

  /** A revocation list, DER. */
  async list(
    options: { thisUpdate?: number; nextUpdate?: number | null; extensions?: Extension[] } = {},
  ): Promise<Uint8Array> {
    const x509 = await x509Library();
    const { thisUpdate = this.#now, nextUpdate = thisUpdate + 7 * 86_400_000, extensions = [] } = options;
    const list = await x509.X509CrlGenerator.create(
      {
        issuer: this.#own.subjectName.toJSON(),
        thisUpdate: new Date(thisUpdate),
        ...(nextUpdate === null ? {} : { nextUpdate: new Date(nextUpdate) }),
        entries: [...this.#revoked].map(([serialNumber, at]) => ({
          serialNumber,
          revocationDate: new Date(at),
          reason: x509.X509CrlReason.keyCompromise,
        })),
        extensions,
        ...signing(this.privateKey),
      },
      webcrypto,
    );
    return new Uint8Array(list.rawData);
  }

  #isRoot(): boolean {
    return this.#own.subject === this.#own.issuer;
  }

  #issue(holder: CardHolder, privateKey: KeyObject, options: CertificateOptions, authority: boolean) {
    const issuer = this.#own.subjectName.toJSON();
    return makeCertificate(
      { issuer, signingKey: this.privateKey, now: this.#now, authority },
      holder,
      privateKey,
      options,
    );
  }
}

async function makeCertificate(
  by: { issuer: JsonName; signingKey: KeyObject; now: number; authority: boolean },
  holder: CardHolder,
  privateKey: KeyObject,
  options: CertificateOptions,
): Promise<X509Certificate> {
  const x509 = await x509Library();
  const usage = options.usage === undefined ? (by.authority ? authorityUsage : personUsage) : options.usage;
  const serial = systemRng(12);
  serial[0] = (serial[0]! & 0x7f) | 0x40;
  return x509.X509CertificateGenerator.create(
    {
      serialNumber: hex(serial),
      issuer: by.issuer,
      subject: nameOf(holder),
      notBefore: new Date(options.notBefore ?? by.now - year),
      notAfter: new Date(options.notAfter ?? by.now + 5 * year),
      publicKey: new x509.PublicKey(createPublicKey(privateKey).export({ format: 'der', type: 'spki' })),
      extensions: [
        new x509.BasicConstraintsExtension(by.authority, options.pathLength, true),
        ...(usage === null ? [] : [new x509.KeyUsagesExtension(usage, true)]),
        ...(options.purposes === undefined ? [] : [new x509.ExtendedKeyUsageExtension([...options.purposes])]),
        ...(options.extensions ?? []),
      ],
      ...signing(by.signingKey),
    },
    webcrypto,
  );
}

function nameOf({ commonName, givenName, surname, serialNumber }: CardHolder): JsonName {
  const attribute = (type: string, value: string | undefined) => (value === undefined ? [] : [{ [type]: [value] }]);
  return [
    ...attribute('C', 'XX'),
    ...attribute('CN', commonName),
    ...attribute('G', givenName),
    ...attribute('SN', surname),
    ...attribute('2.5.4.5', serialNumber),
  ];
}

/** Authorities with RSA keys sign by RSASSA-PKCS1-v1_5, as most do. */
function signing(key: KeyObject) {
  const { crv } = key.export({ format: 'jwk' }) as { crv?: string };
  const signingAlgorithm =
    crv === undefined
      ? { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' }
      : { name: 'ECDSA', hash: crv === 'P-384' ? 'SHA-384' : 'SHA-256' };
  const importAlgorithm = crv === undefined ? signingAlgorithm : { name: 'ECDSA', namedCurve: crv };
  return { signingAlgorithm, signingKey: key.toCryptoKey(importAlgorithm, false, ['sign']) };
}
