import { type CardKey, certifiedKey } from '@symbolon/consent';
import { type CertificateFields, equalBytes, fault, keyUsage, readCertificate } from '@symbolon/crypto';
import type { Certificate } from './requests.ts';

/** A key of a card, and the certificate that says whose it is. */
export interface ChosenKey {
  /** CKA_ID, hexadecimal. */
  readonly id: string;
  readonly key: CardKey;
  readonly certificate: Uint8Array;
}

/** What is used of a card. */
export interface ChosenKeys {
  readonly signing: ChosenKey;
  /** Absent on a card that only signs. */
  readonly sealing: ChosenKey | undefined;
  /** Certificate of the key that signs, and those above it as far as the card has them; DER. */
  readonly chain: readonly Uint8Array[];
}

/** A chain has so many certificates, at most. */
const longestChain = 4;

/**
 * Chooses by what certificates say that their keys are for (RFC 5280 §4.2.1.3). To sign: digitalSignature, and rather not nonRepudiation, whose keys
 * stand for the person's own signature and ask for the PIN each time (PIV 9A, not 9C). To open: keyEncipherment of RSA, keyAgreement of EC (PIV 9D); a card
 * with one pair of keys uses it for both, as Estonia's. Throws `card-key` where no key signs.
 */
export function chooseKeys(certificates: readonly Certificate[]): ChosenKeys {
  const read = certificates.flatMap(({ der, key }) => {
    const fields = readIfCertificate(der);
    return fields === undefined ? [] : [{ der, id: key, fields }];
  });
  const usable = read.flatMap(({ der, id, fields }) => {
    const key = id === undefined ? undefined : keyIfUsable(der);
    return key === undefined ? [] : [{ id: id!, key, certificate: der, fields }];
  });
  const [signing] = usable
    .filter(({ fields }) => allows(fields, keyUsage.digitalSignature))
    .sort((a, b) => order(a.fields) - order(b.fields));
  if (signing === undefined) throw fault('card-key', 'no key of the card is for signatures');
  const sealing = usable.find(({ key, fields }) =>
    allows(fields, key.kind === 'rsa' ? keyUsage.keyEncipherment : keyUsage.keyAgreement),
  );
  return { signing: without(signing), sealing: sealing && without(sealing), chain: chainOf(signing, read) };
}

const without = ({ id, key, certificate }: ChosenKey): ChosenKey => ({ id, key, certificate });

const allows = ({ usage }: CertificateFields, use: number) => usage === undefined || usage.has(use);

const order = ({ usage }: CertificateFields) => (usage?.has(keyUsage.nonRepudiation) ? 1 : 0);

function chainOf(
  leaf: { readonly certificate: Uint8Array; readonly fields: CertificateFields },
  all: readonly { readonly der: Uint8Array; readonly fields: CertificateFields }[],
): Uint8Array[] {
  const chain = [leaf.certificate];
  let top = leaf.fields;
  while (chain.length < longestChain && !equalBytes(top.issuer, top.subject)) {
    const above = all.find(({ fields }) => fields.authority !== undefined && equalBytes(fields.subject, top.issuer));
    if (above === undefined || chain.includes(above.der)) break;
    chain.push(above.der);
    top = above.fields;
  }
  return chain;
}

/** Cards hold what they hold: what is no certificate is left aside. */
function readIfCertificate(der: Uint8Array): CertificateFields | undefined {
  try {
    return readCertificate(der);
  } catch {
    return undefined;
  }
}

function keyIfUsable(der: Uint8Array): CardKey | undefined {
  try {
    return certifiedKey(der);
  } catch {
    return undefined;
  }
}
