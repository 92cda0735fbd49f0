import { type Contract, followChanges, getOpenApi, openApi, partnerContracts, people } from '@symbolon/service';
import { agreementChangeContracts } from './agreement-changes.ts';
import { agreementDraftContracts } from './agreement-drafts.ts';
import { agreementContracts } from './agreements.ts';
import { alertInboxContracts } from './alert-inbox.ts';
import { alertSourceContracts } from './alert-sources.ts';
import { datasetContracts } from './datasets.ts';
import { getDemo } from './demo.ts';
import { jobContracts } from './jobs.ts';
import { linkContracts } from './links.ts';
import { logContracts } from './log.ts';
import { marketContracts } from './market.ts';
import { sealedQuestionContracts } from './sealed-questions.ts';
import { sealedTableContracts } from './sealed-tables.ts';
import { serverContracts } from './server.ts';
import { studyContracts } from './studies.ts';
import { studyReportContracts } from './study-reports.ts';
import { subjectContracts } from './subjects.ts';
import { tuneAgreement } from './tuning.ts';

/**
 * Every operation of an organisation's API. A topic's contracts stand in a file of their own here; `local-routes.ts` lists who answers them.
 */
export const contracts: readonly Contract[] = [
  getOpenApi,
  getDemo,
  followChanges,
  ...serverContracts,
  ...jobContracts,
  ...partnerContracts,
  ...datasetContracts,
  ...agreementDraftContracts,
  ...agreementContracts,
  tuneAgreement,
  ...agreementChangeContracts,
  ...linkContracts,
  ...studyContracts,
  ...studyReportContracts,
  ...sealedTableContracts,
  ...sealedQuestionContracts,
  ...marketContracts,
  ...subjectContracts,
  ...alertInboxContracts,
  ...alertSourceContracts,
  ...logContracts,
  ...people.peopleContracts,
];

/** The contracts as an OpenAPI 3.1 document: docs/openapi.json. */
export function describeApi(): Record<string, unknown> {
  return openApi(contracts, { title: 'Symbolon, the server of an organisation' });
}
