export { type Card, type CardKey, cardKey, cardSigned, certifiedKey } from './card/keys.ts';
export { oaepUnpad } from './card/oaep.ts';
export { openParcel, type ParcelKey, parcelKey, sealParcel } from './card/parcel.ts';
export { openWithCard, sealToCard } from './card/seal.ts';
export { decoy } from './pair/disguise.ts';
export { envelopeBytes, envelopeSpace, type Registry, unwrap, wrap } from './pair/envelope.ts';
export { deployedPairs, fingerprintOf, makePair, openPair, pairSecrets } from './pair/pair.ts';
export { comparable, type Identifier, identityText, type Normalisation } from './pseudonym/normalise.ts';
export {
  type Blinded,
  blindInput,
  blindWith,
  deriveKey,
  evaluateBlinded,
  finalize,
  oprfReady,
} from './pseudonym/oprf.ts';
export { saltedPseudonym } from './pseudonym/salted.ts';
export { type Asker, overlaps, thumbprint } from './session/asker.ts';
export {
  type Accepted,
  acceptAnswer,
  challengeOf,
  type OpenSession,
  openSession,
  SessionKeys,
  type StoredPair,
} from './session/central.ts';
export { answerChallenge, type Client, type Draft, signAnswer } from './session/client.ts';
export type { Answer, Challenge } from './session/messages.ts';
export { type Chosen, choosePairs, type KnownPair, offerLasts } from './session/offer.ts';
export { sessionHas } from './session/rules.ts';
export {
  decoysOf,
  joinDecoys,
  type Operation,
  openTicket,
  operations,
  sealTicket,
  slots,
  type Ticket,
  ticketBytes,
} from './session/ticket.ts';
export { exporterLabel, signedByProfessional, type Terms, transcriptHash } from './session/transcript.ts';
export {
  answerHash,
  answerIn,
  type ChallengeAnswer,
  challengeAnswer,
  challengeIn,
  type GrantShown,
  grantShown,
  type SessionAnswer,
  type SessionOutcome,
  sessionAnswer,
  sessionOutcome,
  sessionParams,
  sessionRequest,
  type ToCentre,
  timeAnswer,
  toCentre,
} from './wire/centre.ts';
export {
  type LoginDone,
  type LoginProof,
  loginBegun,
  loginDone,
  loginParams,
  loginProof,
  loginRequest,
  loginText,
  physicianId,
} from './wire/login.ts';
export {
  application,
  applicationAnswer,
  batchAnswer,
  batchRequest,
  type CardProof,
  cardAnswer,
  cardChallenge,
  cardChallengeRequest,
  cardCheckText,
  cardProof,
  mostOfBatch,
  type Person,
  type PhysicianState,
  personSchema,
  physicianStates,
  type RegistryInfo,
  type RelationAnswer,
  registryInfo,
  relationAnswer,
  relationParams,
  relationRequest,
  type TicketAnswer,
  ticketAnswer,
  ticketRequest,
} from './wire/module.ts';
export {
  noticeBytes,
  noticeRequest,
  openNotice,
  type RegistryNotice,
  signNotice,
  type ToModule,
  toModule,
} from './wire/notice.ts';
export { evaluateAnswer, evaluateRequest, keyName, mostElements } from './wire/oprf.ts';
export {
  type AccessShown,
  accessShown,
  exportRequest,
  fileStored,
  groupName,
  mostFileBytes,
  mostRecordCharacters,
  type NewRecord,
  type NewVersion,
  newRecord,
  newVersion,
  ofFile,
  ofRecord,
  type PatientExport,
  type PatientView,
  patientExport,
  patientView,
  type RecordHeader,
  type RecordList,
  type RecordRead,
  type RecordStored,
  type RecordTypeShown,
  recordHeader,
  recordId,
  recordList,
  recordQuery,
  recordRead,
  recordStored,
  recordText,
  recordTypeName,
  recordTypes,
  versionList,
  versionQuery,
} from './wire/records.ts';
export { bytesOf, bytesUpTo, cardSignature, chainSchema, milliseconds } from './wire/shapes.ts';
