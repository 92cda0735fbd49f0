import { requireStudies } from '@symbolon/agreement';
import { base64url, fault, fromBase64url } from '@symbolon/crypto';
import { type ApiClient, everyItem, type PageQuery } from '@symbolon/service';
import type { Agreements } from './agreements/agreements.ts';
import { type AlertViews, servedAlerts } from './alerts/served.ts';
import * as changes from './api/agreement-changes.ts';
import * as drafts from './api/agreement-drafts.ts';
import * as agreements from './api/agreements.ts';
import * as datasets from './api/datasets.ts';
import * as links from './api/links.ts';
import { eraseLogEntry, verifyLog } from './api/log.ts';
import * as studies from './api/studies.ts';
import * as subjects from './api/subjects.ts';
import { tuneAgreement } from './api/tuning.ts';
import type { OwnData } from './datasets/datasets.ts';
import { type MarketView, servedMarket } from './market/served.ts';
import type { LinkQueries, Organisation } from './organisation.ts';
import type { AskedLink } from './request-link.ts';
import type { AskedStudy } from './request-study.ts';
import { type Following, followRun } from './run/follow.ts';
import { bindAsked } from './study/asked.ts';
import type { StudyQueries } from './study/queries.ts';
import { bindListed, findListed } from './study/question.ts';
import type { ReleasedStudy } from './study/runs.ts';
import type { Subjects } from './subjects/subjects.ts';

/** What commands need of an organisation, be it its folder or its server. */
export interface OrganisationView extends AlertViews {
  readonly data: OwnData;
  readonly agreements: Pick<
    Agreements,
    | 'describe'
    | 'draft'
    | 'draftStudies'
    | 'draftText'
    | 'tryRule'
    | 'tune'
    | 'check'
    | 'sign'
    | 'approve'
    | 'withdrawApproval'
    | 'send'
    | 'receive'
    | 'export'
    | 'list'
    | 'show'
    | 'discard'
    | 'suspend'
    | 'resume'
    | 'revoke'
    | 'lapse'
    | 'decline'
    | 'counter'
    | 'history'
  >;
  readonly links: Pick<
    LinkQueries,
    'explain' | 'list' | 'show' | 'matches' | 'release' | 'withdrawRelease' | 'statement'
  >;
  readonly studies: Pick<
    StudyQueries,
    | 'list'
    | 'show'
    | 'ask'
    | 'nameOf'
    | 'bind'
    | 'explain'
    | 'withdraw'
    | 'runs'
    | 'run'
    | 'result'
    | 'release'
    | 'withdrawRelease'
    | 'statement'
  > & {
    /** @param by who approves; a server knows that itself */
    approve(agreement: string, study: string, by: string): Promise<unknown>;
  };
  readonly subjects: Pick<Subjects, 'list' | 'optOut' | 'optIn' | 'erase' | 'holds' | 'hold' | 'lift'>;
  readonly market: MarketView;
  readonly audit: Pick<Organisation['audit'], 'verify' | 'erase'>;
}

/** An organisation as its server shows it to a user: the API in the words of {@link OrganisationView}. */
export function servedOrganisation(client: ApiClient): OrganisationView {
  return {
    data: servedData(client),
    agreements: servedAgreements(client),
    links: servedLinks(client),
    studies: servedStudies(client),
    market: servedMarket(client),
    subjects: servedSubjects(client),
    ...servedAlerts(client),
    audit: {
      erase: (index, reason) => client.call(eraseLogEntry, { params: { index }, body: { reason } }),
      verify: (checkpoints = []) => {
        if (checkpoints.length > 0) throw fault('request-invalid', 'checkpoints are compared where the folder is');
        return client.call(verifyLog, {});
      },
    },
  };
}

/** Asks a server for a link, and follows it to the end. Throws what ended it. @returns the number of the run */
export function runLinkOn(client: ApiClient, asked: AskedLink, following: Following): Promise<number> {
  return followRun(client, () => client.call(links.runLink, { body: asked }), following);
}

/** {@link runLinkOn} for a study. */
export function runStudyOn(client: ApiClient, asked: AskedStudy, following: Following): Promise<number> {
  return followRun(client, () => client.call(studies.runStudy, { body: asked }), following);
}

function servedData(client: ApiClient): OrganisationView['data'] {
  return {
    add: (name, source) => client.call(datasets.addDataset, { body: { name, source } }),
    list: () => all((query) => client.call(datasets.listDatasets, { query })),
    show: (name) => client.call(datasets.getDataset, { params: { name } }),
    remove: (name) => client.call(datasets.removeDataset, { params: { name } }),
  };
}

function servedAgreements(client: ApiClient): OrganisationView['agreements'] {
  const of = (hash: string) => ({ params: { hash } });
  return {
    describe: async (name) =>
      (await client.call(drafts.describeDataset, { params: { name } })) as Awaited<ReturnType<Agreements['describe']>>,
    draft: (params) => client.call(drafts.draftAgreement, { body: params as never }),
    draftStudies: (params) => client.call(drafts.draftStudies, { body: params as never }),
    draftText: (source, format) => client.call(drafts.draftAgreementText, { body: { source, format } }),
    tryRule: async (hash, pairs) =>
      (await client.call(agreements.tryRule, { ...of(hash), body: { pairs: [...pairs] } })).pairs,
    tune: (hash, { block, pairs, ...params } = {}) =>
      client.call(tuneAgreement, {
        ...of(hash),
        body: { ...params, block: block && [...block], pairs: pairs && [...pairs] },
      }),
    check: async (hash) =>
      (await client.call(agreements.checkAgreement, of(hash))) as Awaited<ReturnType<Agreements['check']>>,
    sign: (hash) => client.call(agreements.signAgreement, of(hash)),
    approve: (hash, action) => client.call(agreements.approveAgreement, { ...of(hash), body: { action } }),
    withdrawApproval: (hash, action) => client.call(agreements.withdrawAgreementApproval, { params: { hash, action } }),
    send: (hash) => client.call(agreements.sendAgreement, of(hash)),
    receive: (file) => client.call(agreements.receiveAgreement, { body: { document: base64url(file) } }),
    export: async (hash) => fromBase64url((await client.call(agreements.exportAgreement, of(hash))).document),
    list: () => all((query) => client.call(agreements.listAgreements, { query })),
    show: (hash) => client.call(agreements.getAgreement, of(hash)),
    discard: (hash) => client.call(agreements.discardAgreement, of(hash)),
    suspend: (hash, { reason }) => client.call(changes.suspendAgreement, { ...of(hash), body: { reason } }),
    resume: (hash, { reason }) => client.call(changes.resumeAgreement, { ...of(hash), body: { reason } }),
    lapse: (hash, { reason }) => client.call(changes.lapseAgreement, { ...of(hash), body: { reason } }),
    revoke: (hash, { reason }) => client.call(changes.revokeAgreement, { ...of(hash), body: { reason } }),
    decline: (hash, { reason }) => client.call(changes.declineAgreement, { ...of(hash), body: { reason } }),
    counter: (hash, wanted) =>
      client.call(changes.counterAgreement, { ...of(hash), body: { changes: wanted as never } }),
    history: async (hash) => (await client.call(changes.agreementHistory, of(hash))).changes,
  };
}

function servedLinks(client: ApiClient): OrganisationView['links'] {
  const of = (run: number) => ({ params: { run } });
  return {
    explain: async (hash, rows = {}) =>
      (await client.call(links.explainLink, { params: { hash }, query: rows })) as Awaited<
        ReturnType<LinkQueries['explain']>
      >,
    list: () => all((query) => client.call(links.listLinkRuns, { query })),
    show: (run) => client.call(links.getLinkRun, of(run)),
    matches: (run) => everyItem((after) => client.call(links.listMatches, { ...of(run), query: { after } })),
    release: (run) => client.call(links.releaseLink, of(run)),
    withdrawRelease: (run) => client.call(links.withdrawLinkRelease, of(run)),
    statement: async (run) => bytesOf((await client.call(links.getLinkStatement, of(run))).statement),
  };
}

function servedStudies(client: ApiClient): OrganisationView['studies'] {
  const of = (hash: string, study: string) => ({ params: { hash, study } });
  const agreed = async (hash: string) =>
    requireStudies((await client.call(agreements.getAgreement, { params: { hash } })).agreement);
  return {
    list: (agreement) => all((query) => client.call(studies.listStudies, { query: { ...query, agreement } })),
    show: (hash, study) => client.call(studies.getStudy, of(hash, study)),
    ask: (hash, asked) => client.call(studies.askStudy, { params: { hash }, body: { asked } }),
    nameOf: async (hash, study) => {
      const { studies: terms, ...rest } = await agreed(hash);
      const listed = findListed({ ...rest, studies: terms }, study);
      if (listed !== undefined) return listed.name;
      throw fault('not-found', `the agreement "${rest.title}" lists no study that asks what '${study.name}' asks`, {
        culprit: study.name,
      });
    },
    bind: async (hash, study) => {
      const agreement = await agreed(hash);
      const { name, asked } = await client.call(studies.getStudy, of(hash, study));
      if (asked !== null) return bindAsked(agreement, asked);
      return bindListed(agreement, agreement.studies.list.find((one) => one.name === name)!);
    },
    explain: (hash, study) => client.call(studies.explainStudy, of(hash, study)),
    approve: (hash, study) => client.call(studies.approveStudy, of(hash, study)),
    withdraw: (hash, study) => client.call(studies.withdrawApproval, of(hash, study)),
    runs: () => all((query) => client.call(studies.listStudyRuns, { query })),
    run: (run) => client.call(studies.getStudyRun, { params: { run } }),
    result: async (run) =>
      (await client.call(studies.getStudyResult, { params: { run } })).released as ReleasedStudy | null,
    release: (run) => client.call(studies.releaseStudy, { params: { run } }),
    withdrawRelease: (run) => client.call(studies.withdrawStudyRelease, { params: { run } }),
    statement: async (run) => bytesOf((await client.call(studies.getStudyStatement, { params: { run } })).statement),
  };
}

function servedSubjects(client: ApiClient): OrganisationView['subjects'] {
  return {
    list: () => all((query) => client.call(subjects.listOptOuts, { query })),
    optOut: ({ dataset: name, ...people }, terms = {}) =>
      client.call(subjects.optOut, { params: { name }, body: { ...people, ...terms, values: [...people.values] } }),
    optIn: ({ dataset: name, ...people }, terms = {}) =>
      client.call(subjects.optIn, { params: { name }, body: { ...people, ...terms, values: [...people.values] } }),
    erase: ({ dataset: name, ...people }) =>
      client.call(subjects.eraseSubjects, { params: { name }, body: { ...people, values: [...people.values] } }),
    holds: async () => (await client.call(subjects.listHolds, {})).holds,
    hold: (wanted) => client.call(subjects.setHold, { body: wanted }),
    lift: (hold) => client.call(subjects.liftHold, { params: { hold } }),
  };
}

/** All items of a list, page by page. */
async function all<Item>(
  ask: (query: Partial<PageQuery>) => Promise<{ items: Item[]; next: string | null }>,
): Promise<Item[]> {
  const items: Item[] = [];
  for await (const item of everyItem((after) => ask({ after, limit: 1000 }))) items.push(item);
  return items;
}

function bytesOf(text: string | null): Uint8Array | null {
  return text === null ? null : fromBase64url(text);
}
