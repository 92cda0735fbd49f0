import { requireLink } from '@symbolon/agreement';
import { type Also, type Home, ownerOf, type Page, type Person, type ServerLog } from '@symbolon/service';
import { Agreements } from './agreements/agreements.ts';
import { Carriage } from './alerts/carriage.ts';
import { AlertInbox } from './alerts/inbox.ts';
import type { AlertViews } from './alerts/served.ts';
import { SourceTokens } from './alerts/tokens.ts';
import {
  agreementNeeds,
  alertInboxNeeds,
  alertSourceNeeds,
  asOwner,
  carriageNeeds,
  dataNeeds,
  linkNeeds,
  marketNeeds,
  requireOwner,
  studyNeeds,
  subjectNeeds,
} from './as-owner.ts';
import { type AuditReport, verifyAudit } from './audit.ts';
import { type ContextOptions, openContext, type PartyContext } from './context.ts';
import type { OwnData } from './datasets/datasets.ts';
import { removeDataset } from './datasets/remove.ts';
import { type Erasure, eraseEntry } from './erase-entry.ts';
import { explain, type LinkExplanation } from './link/explain.ts';
import type { Match } from './link/matches.ts';
import type { RunInfo } from './link/runs.ts';
import { Market } from './market/market.ts';
import { approveRelease, type ReleasableRun, requireReleased, withdrawRelease } from './release.ts';
import { StudyQueries } from './study/queries.ts';
import { Subjects } from './subjects/subjects.ts';

/** What can be asked about links. */
export interface LinkQueries {
  /** What a link will cost and who will learn what. @param rows that are known; else those of the own data set, and the agreement's most */
  explain(hash: string, rows?: { readonly a?: number; readonly b?: number }): Promise<LinkExplanation>;
  list(): Promise<RunInfo[]>;
  /** Throws `not-found`. */
  show(runId: number): Promise<RunInfo>;
  /** The own rows that matched, each with the numbers that both sides know the pair by. */
  matches(runId: number, reader?: Person): AsyncIterable<Match>;
  /** The same, some thousand at a time. @param number of the page, from 0 */
  matchPage(runId: number, number: number, reader?: Person): Promise<Page<Match>>;
  /** Approves that the own rows that matched are shown to all who may read results. @param person the owner of the folder, if absent */
  release(runId: number, person?: Person, also?: Also): Promise<void>;
  /** Takes such approvals back; who has read the result has read it. @param person the owner of the folder, if absent */
  withdrawRelease(runId: number, person?: Person): Promise<void>;
  /** The statement that both parties signed, canonical JSON; null while there is none. */
  statement(runId: number): Promise<Uint8Array | null>;
}

/** Everything that works on an organisation's folder without a server. A server may run meanwhile. */
export class Organisation {
  readonly home: Home;
  readonly log: ServerLog;
  readonly data: OwnData;
  readonly agreements: Agreements;
  readonly links: LinkQueries;
  readonly studies: StudyQueries;
  readonly market: Market;
  readonly subjects: Subjects;
  readonly alertInbox: AlertViews['alertInbox'];
  readonly carriage: AlertViews['carriage'];
  /** Who tells events: a server that runs knows more of them. */
  readonly alertSources: Pick<SourceTokens, 'token'>;
  readonly audit: {
    verify(checkpoints?: readonly string[]): Promise<AuditReport>;
    /** See {@link eraseEntry}. @param person the owner of the folder, if absent, who cannot */
    erase(index: number, reason: string, person?: Person, also?: Also<Erasure>): Promise<Erasure>;
  };
  readonly #context: PartyContext;

  /**
   * What works on a folder that is open. Closing it closes the folder.
   * @param opened as its owner, who may do what `as-owner.ts` says; a server has asked its callers who they are
   */
  constructor(context: PartyContext, opened?: 'as owner') {
    const { home, log, datasets, runs } = context;
    const held = <T extends object>(target: T, needs: Readonly<Record<string, string | null>>): T =>
      opened === undefined ? target : asOwner(context, target, needs);
    this.#context = context;
    this.home = home;
    this.log = log;
    const data: OwnData = {
      add: (name, source, also) => datasets.add(name, source, also),
      list: () => datasets.list(),
      show: (name) => datasets.show(name),
      remove: (name, also) => removeDataset(context, name, also),
    };
    this.data = held(data, dataNeeds);
    this.agreements = held(new Agreements(context), agreementNeeds);
    const links: LinkQueries = {
      explain: (hash, rows) => explain(context, hash, rows),
      list: () => runs.list(),
      show: (runId) => runs.show(runId),
      matches: (runId, reader) => matches(context, runId, reader),
      matchPage: (runId, number, reader) => matchPage(context, runId, number, reader),
      release: async (runId, person, also) => approveRelease(context, await releasable(context, runId), person, also),
      withdrawRelease: async (runId, person) => withdrawRelease(context, await releasable(context, runId), person),
      statement: (runId) => runs.statement(runId),
    };
    const matchesAsOwner: LinkQueries['matches'] = async function* (...asked) {
      await requireOwner(context, 'link.result');
      yield* links.matches(...asked);
    };
    this.links = opened === undefined ? links : { ...held(links, linkNeeds), matches: matchesAsOwner };
    this.studies = held(new StudyQueries(context), studyNeeds);
    this.market = held(new Market(context, this.agreements, this.studies), marketNeeds);
    this.subjects = held(new Subjects(context), subjectNeeds);
    this.alertInbox = held(new AlertInbox(context), alertInboxNeeds);
    this.carriage = held(new Carriage(context), carriageNeeds);
    this.alertSources = held(new SourceTokens(context), alertSourceNeeds);
    this.audit = {
      verify: (checkpoints) => verifyAudit(context, checkpoints),
      erase: async (index, reason, person, also) =>
        eraseEntry(context, { index, reason }, person ?? (await ownerOf(context.database)), also),
    };
  }

  /** Opens the folder that `createHome` made. Throws `not-found` or `config-invalid` naming the file. */
  static async open(homePath: string, options: ContextOptions = {}): Promise<Organisation> {
    return new Organisation(await openContext(homePath, options), 'as owner');
  }

  close(): Promise<void> {
    return this.#context.close();
  }
}

async function* matches(context: PartyContext, runId: number, reader?: Person): AsyncGenerator<Match> {
  await requireReleased(context, await releasable(context, runId), reader);
  yield* context.runs.matches(runId, await ownTable(context, runId));
}

async function matchPage(context: PartyContext, runId: number, number: number, reader?: Person): Promise<Page<Match>> {
  const { runs } = context;
  await requireReleased(context, await releasable(context, runId), reader);
  const table = await ownTable(context, runId);
  const items = [...((await runs.matchPage(runId, table, number)) ?? [])];
  const more = await runs.matchPage(runId, table, number + 1);
  return { items, next: more === undefined ? null : String(number + 1) };
}

async function releasable({ runs }: PartyContext, id: number): Promise<ReleasableRun> {
  const { agreement } = await runs.show(id);
  return { id, agreement, statement: await runs.statement(id) };
}

async function ownTable({ runs, agreements, home }: PartyContext, runId: number): Promise<'a' | 'b'> {
  const { agreement } = await runs.show(runId);
  const { tables } = requireLink((await agreements.get(agreement)).agreement);
  return tables.a.party === home.card.id ? 'a' : 'b';
}
