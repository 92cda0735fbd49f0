export { agreementHash, draftAgreement, memberOf, parseAgreement, requireCards, scaledBounds } from './agreement.ts';
export { type AgreementRequest, allows, type Grant, type LinkTerms, linkTerms, type Refusal } from './allows.ts';
export { type Card, createCard, parseCard, verifyCard } from './card.ts';
export { decimalPattern, scaledDecimal } from './decimal.ts';
export { type Agreement, agreementSchema, type Column, type Member, normalisations, type Table } from './schema.ts';
export { cosignAgreement, requireSigned, signAgreement, type VerifiedAgreement, verifyAgreement } from './signing.ts';
export { cosignStatement, type RunStatement, signStatement, verifyStatement } from './statement.ts';
export { maySign, type PredecessorState } from './successor.ts';
