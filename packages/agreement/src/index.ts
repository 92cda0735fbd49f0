export {
  agreementHash,
  coversLink,
  coversStudies,
  draftAgreement,
  memberOf,
  parseAgreement,
  requireCards,
  requireLink,
  requireStudies,
  scaledBounds,
} from './agreement.ts';
export { type AgreementRequest, allows, type Grant, type LinkTerms, linkTerms } from './allows.ts';
export { allowsStudy, type StudyPermission, type StudyRequest } from './allows-study.ts';
export { type Card, createCard, parseCard, verifyCard } from './card.ts';
export { decimalPattern, scaledDecimal } from './decimal.ts';
export { normalisations } from './matching.ts';
export type { Refusal } from './refusal.ts';
export {
  type Agreement,
  agreementSchema,
  type Column,
  type LinkAgreement,
  type Member,
  type StudyAgreement,
  type Table,
} from './schema.ts';
export { cosignAgreement, requireSigned, signAgreement, type VerifiedAgreement, verifyAgreement } from './signing.ts';
export { cosignStatement, type RunStatement, signStatement, verifyStatement } from './statement.ts';
export type { FixedStudy, Studies, StudyColumn, StudyJoin, StudyTable } from './study-schema.ts';
export {
  type StudyStatement,
  signStudyStatement,
  verifyStudyStatement,
} from './study-statement.ts';
export { maySign, type PredecessorState } from './successor.ts';
