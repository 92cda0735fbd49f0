import {
  addSignature,
  base64url,
  canonicalBytes,
  claimedSigners,
  fault,
  fromBase64url,
  keyId,
  type SignedDocument,
  type SigningKey,
  signDocument,
  unverifiedPayload,
  verifyDocument,
} from '@symbolon/crypto';
import { agreementHash, parseAgreement } from './agreement.ts';
import type { Agreement, Member } from './schema.ts';

const typ = 'symbolon-agreement';

/** An agreement and who has validly signed it, as ids of parties in the agreement's order. */
export interface VerifiedAgreement {
  readonly agreement: Agreement;
  /** See `agreementHash`. */
  readonly hash: string;
  readonly signedBy: readonly string[];
  readonly missing: readonly string[];
}

/** Signs a draft with a party's signing key; any other key throws `document-signer`. */
export function signAgreement(agreement: Agreement, key: SigningKey): SignedDocument {
  requireParty(agreement, key);
  return signDocument(typ, agreement, key);
}

/** Adds a party's signature to an agreement that others have signed, after verifying what is there. */
export function cosignAgreement(doc: SignedDocument, key: SigningKey): SignedDocument {
  requireParty(verifyAgreement(doc).agreement, key);
  return addSignature(doc, key);
}

/**
 * Verifies every signature that an agreement carries. The keys are those that it names itself: check them once against the
 * parties' cards (`requireCards`). Throws `agreement-invalid`, `document-type`, `document-signer`, `bad-signature`, …
 */
export function verifyAgreement(doc: unknown): VerifiedAgreement {
  const agreement = parseAgreement(canonicalBytes(unverifiedPayload(doc)));
  const claimed = new Set(claimedSigners(doc));
  const signed = ({ signingKey }: Member) => claimed.has(keyId(fromBase64url(signingKey)));
  const signers = agreement.parties.filter(signed);
  verifyDocument(
    typ,
    doc,
    signers.map(({ signingKey }) => fromBase64url(signingKey)),
  );
  return Object.freeze({
    agreement,
    hash: agreementHash(agreement),
    signedBy: signers.map(({ id }) => id),
    missing: agreement.parties.filter((party) => !signed(party)).map(({ id }) => id),
  });
}

/** The agreement, if every party has signed it; else throws `agreement-unsigned` and names who has not. */
export function requireSigned({ agreement, missing }: VerifiedAgreement): Agreement {
  if (missing.length > 0) {
    throw fault('agreement-unsigned', `the agreement "${agreement.title}" is not signed by ${missing.join(', ')}`, {
      culprit: missing[0],
    });
  }
  return agreement;
}

function requireParty(agreement: Agreement, key: SigningKey): void {
  const own = base64url(key.publicKey);
  if (!agreement.parties.some(({ signingKey }) => signingKey === own)) {
    throw fault('document-signer', 'this key is not the signing key of a party to the agreement');
  }
}
