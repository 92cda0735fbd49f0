import { base64url, fromBase64url } from '@symbolon/crypto';
import { type ApiRoute, answer, page } from '@symbolon/service';
import type { AgreementChanges } from '../agreements/changes.ts';
import type { DraftParams } from '../agreements/draft.ts';
import * as drafts from '../api/agreement-drafts.ts';
import * as api from '../api/agreements.ts';
import { tuneAgreement } from '../api/tuning.ts';
import type { Organisation } from '../organisation.ts';

export function agreementRoutes({ agreements }: Organisation, changes: AgreementChanges): ApiRoute[] {
  const drafted = (hash: string) => agreements.show(hash);
  const shown = (_: unknown, { params }: { readonly params: { readonly hash: string } }) =>
    agreements.show(params.hash);
  return [
    answer(drafts.describeDataset, ({ params }) => agreements.describe(params.name)),
    answer(api.listAgreements, async ({ query }) => page(await agreements.list(), query, ({ hash }) => hash)),
    answer(api.getAgreement, ({ params }) => agreements.show(params.hash)),
    // Of the partner's columns only the names are read before the agreement's own schema checks them.
    answer(drafts.draftAgreement, ({ body, also }) => agreements.draft(body as DraftParams, also), drafted),
    answer(drafts.draftStudies, ({ body, also }) => agreements.draftStudies(body, also), drafted),
    answer(
      drafts.draftAgreementText,
      ({ body, also }) => agreements.draftText(body.source, body.format, also),
      drafted,
    ),
    answer(drafts.previewAgreement, ({ body }) => agreements.preview(body as DraftParams)),
    answer(drafts.checkAgreementText, async ({ body }) => ({
      problems: await agreements.textProblems(body.source, body.format),
    })),
    answer(api.listAgreementApprovals, async ({ params }) => ({ approvals: await agreements.approvals(params.hash) })),
    answer(api.listWaiting, () => agreements.waiting()),
    answer(api.agreementDifferences, ({ params }) => agreements.differences(params.hash)),
    answer(api.receiveAgreement, ({ body }) => agreements.receive(fromBase64url(body.document))),
    answer(api.checkAgreement, ({ params }) => agreements.check(params.hash)),
    answer(api.tryRule, async ({ params, body }) => ({ pairs: await agreements.tryRule(params.hash, body.pairs) })),
    answer(tuneAgreement, ({ params, body }) => agreements.tune(params.hash, body)),
    answer(api.exportAgreement, async ({ params }) => ({ document: base64url(await agreements.export(params.hash)) })),
    answer(api.signAgreement, ({ params, caller, also }) => agreements.sign(params.hash, caller, also), shown),
    answer(
      api.approveAgreement,
      ({ params, body, caller, also }) => agreements.approve(params.hash, body.action, caller, also),
      shown,
    ),
    answer(api.withdrawAgreementApproval, ({ params, caller }) =>
      agreements.withdrawApproval(params.hash, params.action, caller),
    ),
    answer(api.sendAgreement, ({ params }) => agreements.send(params.hash)),
    answer(api.tellChange, async ({ body }) => {
      await changes.tell(body.agreement);
    }),
    answer(api.discardAgreement, ({ params }) => agreements.discard(params.hash)),
  ];
}
