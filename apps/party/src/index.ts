export type { CheckReport, Finding } from './agreements/check.ts';
export { type Uncomputable, uncomputable } from './agreements/computable.ts';
export type { DraftParams, Normalisation } from './agreements/draft.ts';
export type { DraftStudiesParams } from './agreements/draft-studies.ts';
export type { ExamplePair, ExampleRecord } from './agreements/examples.ts';
export type { AgreementInfo } from './agreements/info.ts';
export type { TryRow } from './agreements/try-rule.ts';
export { type LinkWords, linkWords } from './agreements/words.ts';
export type { AlertInfo, AlertSays } from './alerts/alert-info.ts';
export type { AlertFilter } from './alerts/inbox.ts';
export * as alertSources from './api/alert-sources.ts';
export { describeApi } from './api/index.ts';
export type * as operations from './api/operations.ts';
export * as sealed from './api/outsource.ts';
export { mostPeople } from './api/subjects.ts';
export type { Approval } from './approvals.ts';
export type { AuditReport } from './audit.ts';
export { partySettings } from './config.ts';
export { type Inspection, inspectSource } from './data/inspect.ts';
export { loadTable, requireUnique } from './data/load.ts';
export { evaluateLocals, type LocalExpression, storeTable } from './data/locals.ts';
export type { ColumnType, DataSource, Problem } from './data/source.ts';
export { type AgreedColumn, Table, type TableColumn, type Value } from './data/table.ts';
export type { DatasetInfo } from './datasets/datasets.ts';
export { agreedColumns, agreedName, type ColumnDescription, type TableDescription } from './datasets/describe.ts';
export type { DemoSettings } from './demo.ts';
export type { LinkExplanation, LinkWay } from './link/explain.ts';
export { compileAgreement, type LinkInput, loadInput } from './link/input.ts';
export type { Match } from './link/matches.ts';
export type { RunDetails, RunInfo } from './link/runs.ts';
export { type PartyOptions, startParty } from './main.ts';
export type { LicenceInfo } from './market/licences.ts';
export type { ShownOffer } from './market/market.ts';
export type { StatementFile, VerifiedStatement } from './market/statements.ts';
export type { UseLine } from './market/uses.ts';
export { type LinkQueries, Organisation } from './organisation.ts';
export {
  type Answered,
  askSealed,
  checkSealed,
  duckOf,
  releasedCells,
  type SealedQuestion,
  type SealedTable,
  sealTable,
} from './outsource/ask.ts';
export { describeTable, type OutsourcedTable, readAs, rowsOf } from './outsource/describe.ts';
export { bindSealed } from './outsource/questions.ts';
export type { SealedResult } from './outsource/runs.ts';
export { ComputeServer, type Sealed } from './outsource/server.ts';
export { recoverParty } from './recover.ts';
export { type AskedLink, requestLink } from './request-link.ts';
export { type AskedStudy, requestStudy } from './request-study.ts';
export { followRun } from './run/follow.ts';
export type { OpenSession, SessionKeys } from './run/keys.ts';
export type { Progress, Progress as LinkProgress } from './run/progress.ts';
export { type OrganisationView, runLinkOn, runStudyOn, servedOrganisation } from './served.ts';
export { servedLog } from './served-log.ts';
export type { ExplainedUnit, StudyExplanation } from './study/explain.ts';
export type { StudyInfo, StudyQueries } from './study/queries.ts';
export { type BoundQuestion, bindListed, findListed, schemaOf } from './study/question.ts';
export { reportOfRun } from './study/report.ts';
export type { ReleasedStudy, StudyRunDetails, StudyRunInfo } from './study/runs.ts';
export type { LegalHold } from './subjects/holds.ts';
export type { OptOutGroup } from './subjects/opt-outs.ts';
export type { Erased, Listed, NamedPeople } from './subjects/subjects.ts';
export { tunedCaps } from './tune/measure.ts';
export type { TunedKey, TunedSet, TuneParams, TuneReport } from './tune/tune.ts';
