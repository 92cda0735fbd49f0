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
} from './agreement.ts';
export {
  type Alert,
  type AlertField,
  alertFields,
  defaultMaxAgeDays,
  leastAlertFields,
  messageFields,
  type SensitiveCategory,
  sensitiveCategories,
} from './alerts.ts';
export { type AgreementRequest, allows, type Grant, type LinkTerms, linkTerms } from './allows.ts';
export { allowsOutsourced, type OutsourcedPermission, type OutsourcedRequest } from './allows-outsourced.ts';
export { allowsStudy, type StudyPermission, type StudyQuestion, type StudyRequest } from './allows-study.ts';
export { type ApprovalRule, type ApprovedAction, approvalRule, approvedActions } from './approvals.ts';
export { type Card, createCard, type OrganisationRole, organisationRoles, parseCard, verifyCard } from './card.ts';
export { lastDay, outsideQuota } from './commerce.ts';
export { type Covered, covered } from './covers.ts';
export { decimalPattern, scaledDecimal } from './decimal.ts';
export { problems, type Reading, readAgreement, readWritten, type WrittenAgreement } from './file/problems.ts';
export { agreementJsonSchema } from './file/schema.ts';
export { type Place, type Problem, readSource } from './file/source.ts';
export { isLicence, type Licence, ownersOf } from './licence.ts';
export { beyondOffers } from './licence-beyond.ts';
export {
  type Offer,
  type OfferTerms,
  offerFields,
  offerHash,
  parseOfferTerms,
  rowBand,
  signOffer,
  verifyOffer,
} from './licence-offer.ts';
export { draftLicence, type LicenceRequest, parseLicenceRequest, withoutOwners } from './licence-request.ts';
export { decimalOf, sampleRows } from './licence-sample.ts';
export {
  calendarMonth,
  type LicenceStatement,
  licenceStatementFields,
  signLicenceStatement,
  verifyLicenceStatement,
} from './licence-statement.ts';
export {
  type LicenceUsage,
  type LicenceUse,
  type UseStatement,
  usageOf,
  useId,
  verifyUseStatement,
} from './licence-usage.ts';
export {
  type AgreementState,
  agreementStates,
  type Lifecycle,
  type LifecycleFacts,
  lifecycle,
  renewed,
  type Stopped,
  stopped,
} from './lifecycle.ts';
export { scaledBounds } from './link-rules.ts';
export { normalisations } from './matching.ts';
export { type SealedMethod, type StudyMethod, sealedMethods, studyMethods } from './methods.ts';
export {
  claimedAgreement,
  hasLapsed,
  lapseDay,
  lastOf,
  type Notice,
  noticeActions,
  noticeReason,
  requireNext,
  signNotice,
  standingOf,
  verifyNotice,
} from './notice.ts';
export { askedTables, computing, outsourcedTo, pointsColumn } from './outsourcing.ts';
export { purposeCode, purposeOf } from './purpose.ts';
export { type LegalBasis, legalBases, type Purpose, purposes } from './purposes.ts';
export type { Refusal } from './refusal.ts';
export { type Role, roles } from './roles.ts';
export {
  type Agreement,
  agreementSchema,
  type Column,
  type LinkAgreement,
  type Member,
  type StudyAgreement,
  type Table,
} from './schema.ts';
export { type SealedStatement, signSealedStatement, verifySealedStatement } from './sealed-statement.ts';
export { cosignAgreement, requireSigned, signAgreement, type VerifiedAgreement, verifyAgreement } from './signing.ts';
export { cosignStatement, type RunStatement, signStatement, verifyStatement } from './statement.ts';
export type {
  FixedStudy,
  FreeStudies,
  Studies,
  StudyColumn,
  StudyJoin,
  StudyTable,
  StudyTemplate,
} from './study-schema.ts';
export {
  type StudyStatement,
  signStudyStatement,
  verifyStudyStatement,
} from './study-statement.ts';
export { type EarlierVersion, maySign, type SigningFacts } from './successor.ts';
export {
  allowedWords,
  fillTemplate,
  sampleValues,
  type TemplateParameter,
  type TemplateValues,
} from './template.ts';
export { conditionWords } from './words/conditions.ts';
export { type Change, difference, differenceText } from './words/difference.ts';
export { alertWords } from './words/events.ts';
export { encryptedWords, questionWords } from './words/questions.ts';
export type { Words } from './words/text.ts';
