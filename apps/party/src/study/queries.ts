import { allowsStudy, approvalRule, coversStudies, requireStudies, type StudyAgreement } from '@symbolon/agreement';
import type { Study } from '@symbolon/analytics';
import { type ErrorCode, fault, SymbolonError } from '@symbolon/crypto';
import { type Also, type DuckDb, keepCheckpoint, ownerOf, type Person } from '@symbolon/service';
import type { StoredAgreement } from '../agreements/store.ts';
import type { Approval } from '../approvals.ts';
import { authorizePerson } from '../authorize.ts';
import type { PartyContext } from '../context.ts';
import { approveRelease, type ReleasableRun, requireReleased, withdrawRelease } from '../release.ts';
import { type Asked, bindAsked } from './asked.ts';
import { storeOwn } from './clear.ts';
import { explainListed, type StudyExplanation } from './explain.ts';
import { allStudies, type FoundStudy, findStudy } from './find.ts';
import { type BoundQuestion, findListed } from './question.ts';
import type { ReleasedStudy, StudyRunInfo } from './runs.ts';

/** A study that an agreement lists, as this organisation sees it. */
export interface StudyInfo {
  /** Hash of the agreement, and its title. */
  readonly agreement: string;
  readonly title: string;
  readonly name: string;
  /** How it was asked; null for one that the agreement lists. */
  readonly asked: Asked | null;
  /** In full, as the agreement lists it, or as it was asked. */
  readonly text: string;
  readonly to: readonly string[];
  readonly maxRuns: number;
  /** Runs that count. */
  readonly runs: number;
  readonly runsLeft: number;
  /** Who has approved it here, in whatever form. */
  readonly approvals: readonly Approval[];
  /** How many people must have. */
  readonly approvalsNeeded: number;
}

/** What a study would compute if it were asked, or what stands against it; one of the two is null. */
export interface StudyCheck {
  readonly explanation: StudyExplanation | null;
  readonly fault: {
    readonly code: ErrorCode;
    readonly message: string;
    readonly culprit: string | null;
    readonly hint: string;
    /** In its SELECT, in UTF-16 code units from 0, where that is known. */
    readonly place: number | null;
  } | null;
}

/** What can be asked about studies, and done about them without a server. Agreements are named by hash, or by its first 6 or more characters. */
export class StudyQueries {
  readonly #context: PartyContext;

  constructor(context: PartyContext) {
    this.#context = context;
  }

  /** All studies of all agreements here, or of one. */
  async list(agreement?: string): Promise<StudyInfo[]> {
    const { agreements } = this.#context;
    const all = agreement === undefined ? await agreements.list() : [await agreements.get(agreement)];
    const infos = all.map(async (stored) => {
      const { agreement: agreed } = stored;
      const found = coversStudies(agreed)
        ? await allStudies(this.#context, { hash: stored.hash, agreement: agreed })
        : [];
      return Promise.all(found.map((one) => this.#info(stored, one)));
    });
    return (await Promise.all(infos)).flat();
  }

  /** Throws `not-found`. */
  async show(agreement: string, study: string): Promise<StudyInfo> {
    const { found, ...stored } = await this.#find(agreement, study);
    return this.#info(stored, found);
  }

  /**
   * Asks a study that an agreement does not list: a choice of a template, or a free one. It is run like a listed study; other parties know it from the
   * first time that it is proposed to them. Who asks is not one of two who approve it. Throws `study-…`, `agreement-…` where the agreement does not allow it.
   * @param person the owner of the folder, if absent
   * @returns it, with the name that it has at all parties
   */
  async ask(agreement: string, asked: Asked, person?: Person, also?: Also<string>): Promise<StudyInfo> {
    const { agreements, asked: store, home, database } = this.#context;
    const { hash, agreement: stored } = await agreements.get(agreement);
    const { listed } = await this.#bindAllowed(requireStudies(stored), asked);
    const { id: by } = home.card;
    const { id } = person ?? (await ownerOf(database));
    await store.keep({ agreement: hash, name: listed.name, asked, by, person: id }, also);
    return this.show(hash, listed.name);
  }

  /** Whether {@link ask} would take it and it could run: what it would compute, or what stands against it. Nothing is kept. Throws `not-found` for the agreement. */
  async check(agreement: string, asked: Asked): Promise<StudyCheck> {
    const { hash, agreement: stored } = await this.#context.agreements.get(agreement);
    const agreed = requireStudies(stored);
    try {
      const bound = await this.#bindAllowed(agreed, asked);
      return { explanation: await explainListed(this.#context, { hash, agreement: agreed }, bound), fault: null };
    } catch (error) {
      if (!(error instanceof SymbolonError) || error.status >= 500) throw error;
      const { code, message, culprit = null, hint, place = null } = error;
      return { explanation: null, fault: { code, message, culprit, hint, place } };
    }
  }

  /** What is asked, bound. Throws where the agreement does not allow it to be asked here and today. */
  async #bindAllowed(agreement: StudyAgreement, asked: Asked): Promise<BoundQuestion> {
    const { home, now } = this.#context;
    const bound = await bindAsked(agreement, asked);
    const { listed, question } = bound;
    const allowed = allowsStudy(agreement, {
      action: 'study',
      study: listed.name,
      question,
      by: home.card.id,
      date: now().toISOString().slice(0, 10),
      rows: {},
      runsSoFar: 0,
    });
    if (!allowed.grant) throw fault(allowed.code, allowed.reason);
    return bound;
  }

  /** The name under which an agreement lists what a study file asks. Throws `not-found` where it lists no such study. */
  async nameOf(agreement: string, study: Study): Promise<string> {
    const stored = await this.#context.agreements.get(agreement);
    const listed = findListed(requireStudies(stored.agreement), study);
    if (listed !== undefined) return listed.name;
    throw fault(
      'not-found',
      `the agreement "${stored.agreement.title}" lists no study that asks what '${study.name}' asks`,
      {
        culprit: study.name,
        hint: 'SELECT, method, parameters and receivers must be those that all parties signed.',
      },
    );
  }

  /** The study, bound to the agreed data: what would run. Throws `study-…`, `plan-range`. */
  async bind(agreement: string, study: string): Promise<BoundQuestion> {
    return (await this.#find(agreement, study)).found.bind();
  }

  /** What is local, what is secure, who learns what, and what it costs. @param rows by table and holder, as far as they are known */
  async explain(
    agreement: string,
    study: string,
    rows?: Readonly<Record<string, Readonly<Record<string, number>>>>,
  ): Promise<StudyExplanation> {
    const terms = await this.#find(agreement, study);
    return explainListed(this.#context, terms, await terms.found.bind(), rows);
  }

  /** Approves a study in the form that it has here now; a run needs this of every party. @param by a user, or the name that the owner goes by */
  async approve(agreement: string, study: string, by: Person | string, also?: Also): Promise<void> {
    const { approvals, database } = this.#context;
    const { found } = await this.#find(agreement, study);
    const { studyHash } = await found.bind();
    const person = typeof by === 'string' ? { ...(await ownerOf(database)), id: by } : by;
    authorizePerson(person, 'study.approve');
    await approvals.approve(found.subject, studyHash, person, also);
    await keepCheckpoint(this.#context);
  }

  /** Takes all approvals back; what runs and has not opened its result ends. */
  async withdraw(agreement: string, study: string, by: string): Promise<void> {
    const { found } = await this.#find(agreement, study);
    await this.#context.approvals.withdraw(found.subject, by);
    await keepCheckpoint(this.#context);
  }

  /** {@link storeOwn}, for rehearsals. @returns the relation of each own table */
  async store(agreement: string, study: string, duck: DuckDb): Promise<Record<string, string>> {
    const { agreement: agreed, found } = await this.#find(agreement, study);
    return storeOwn(this.#context, agreed, await found.bind(), duck);
  }

  runs(): Promise<StudyRunInfo[]> {
    return this.#context.studyRuns.list();
  }

  /** Throws `not-found`. */
  run(id: number): Promise<StudyRunInfo> {
    return this.#context.studyRuns.show(id);
  }

  /** What a run released to this organisation; null where it learnt nothing. @param reader the owner of the folder, if absent */
  async result(id: number, reader?: Person): Promise<ReleasedStudy | null> {
    await requireReleased(this.#context, await this.#releasable(id), reader);
    return this.#context.studyRuns.result(id);
  }

  /** Approves that the result of a run is shown to all who may read results. @param person the owner of the folder, if absent */
  async release(id: number, person?: Person, also?: Also): Promise<void> {
    await approveRelease(this.#context, await this.#releasable(id), person, also);
  }

  /** Takes such approvals back; who has read the result has read it. @param person the owner of the folder, if absent */
  async withdrawRelease(id: number, person?: Person): Promise<void> {
    await withdrawRelease(this.#context, await this.#releasable(id), person);
  }

  /** The statement that all parties signed, canonical JSON; null while there is none. */
  statement(id: number): Promise<Uint8Array | null> {
    return this.#context.studyRuns.statement(id);
  }

  async #releasable(id: number): Promise<ReleasableRun> {
    const { agreement } = await this.run(id);
    return { id, agreement, statement: await this.statement(id) };
  }

  async #find(
    name: string,
    study: string,
  ): Promise<{ hash: string; exhausted: boolean; agreement: StudyAgreement; found: FoundStudy }> {
    const { hash, agreement: stored, exhausted } = await this.#context.agreements.get(name);
    const agreement = requireStudies(stored);
    const found = await findStudy(this.#context, { hash, agreement }, study);
    if (found !== undefined) return { hash, exhausted, agreement, found };
    const known = (await allStudies(this.#context, { hash, agreement })).map(({ listed }) => listed.name).join(', ');
    const only = known === '' ? '' : `, only ${known}`;
    throw fault('not-found', `the agreement "${agreement.title}" has no study '${study}'${only}`, { culprit: study });
  }

  async #info(
    { hash, agreement, exhausted }: Pick<StoredAgreement, 'hash' | 'agreement' | 'exhausted'>,
    { listed: { name, text, to, maxRuns }, asked, kind, subject, runs: count }: FoundStudy,
  ): Promise<StudyInfo> {
    const runs = await count();
    const approvals = await this.#context.approvals.list(subject);
    const { title } = agreement;
    const runsLeft = exhausted ? 0 : Math.max(0, maxRuns - runs);
    const { people: approvalsNeeded } = approvalRule(agreement, kind, this.#context.home.card.id);
    return { agreement: hash, title, name, asked, text, to, maxRuns, runs, runsLeft, approvals, approvalsNeeded };
  }
}
