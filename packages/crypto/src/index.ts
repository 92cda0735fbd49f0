export {
  base64,
  base64url,
  concat,
  discard,
  equalBytes,
  fromBase64,
  fromBase64url,
  fromHex,
  fromUtf8,
  hex,
  readU32,
  readU64,
  u32,
  u64,
  utf8,
} from './bytes.ts';
export { certificateDer, certificatePem, isIssuedBy, organisationKeyOf } from './certificate.ts';
export { candidateBins, cuckooBins, insertCuckoo, NO_ENTRY } from './cuckoo.ts';
export {
  addSignature,
  claimedSigners,
  documentBytes,
  documentHash,
  mergeSignatures,
  parseDocument,
  payloadHash,
  type SignedDocument,
  signDocument,
  unverifiedPayload,
  verifyDocument,
} from './document.ts';
export { errorCodes } from './error-codes.ts';
export { type ErrorCode, type FaultDetails, fault, SymbolonError } from './errors.ts';
export { fingerprint, sameFingerprint } from './fingerprint.ts';
export { hashLabelled, hkdf, sha256, TranscriptHash } from './hash.ts';
export {
  ephemeralKey,
  type HpkeContext,
  type HpkeRecipient,
  hpkeOpen,
  hpkeOverhead,
  hpkeSeal,
  type Kem,
  type SoftwareKey,
  softwareKey,
} from './hpke.ts';
export { issueOrganisationCertificate, issueTlsCertificate } from './issue.ts';
export { canonicalBytes, checkCanonical, type Json, parseCanonical } from './json.ts';
export { nearest } from './nearest.ts';
export {
  ArrivingOkvs,
  decodeOkvs,
  eliminateOkvs,
  encodeOkvs,
  type OkvsParameters,
  type OkvsShape,
  type OkvsSlots,
  okvsBytes,
  okvsExpansion,
  okvsParameters,
  orderOkvs,
  requireOkvsBytes,
  toEnd,
} from './okvs.ts';
export { randomOrder } from './permutation.ts';
export { Prg, PrgStream } from './prg.ts';
export { insecureTestRng, type Rng, systemRng } from './random.ts';
export { generateSigningKey, importSigningKey, isPublicKey, keyId, SigningKey, verify } from './sign.ts';
export {
  type CertificateTrust,
  type CertificateVerdict,
  certificateTrust,
  checkCertificate,
} from './x509/check.ts';
export { type CertificateFields, keyUsage, readCertificate } from './x509/fields.ts';
export type { CertificateSubject } from './x509/subject.ts';
