import { type FixedStudy, requireStudies, type StudyAgreement } from '@symbolon/agreement';
import type { Study } from '@symbolon/analytics';
import { fault } from '@symbolon/crypto';
import { type DuckDb, keepCheckpoint } from '@symbolon/service';
import type { PartyContext } from '../context.ts';
import type { Approval } from './approvals.ts';
import { storeOwn } from './clear.ts';
import { explainListed, type StudyExplanation } from './explain.ts';
import { type BoundQuestion, bindListed, findListed } from './question.ts';
import type { ReleasedStudy, StudyRunInfo } from './runs.ts';

/** A study that an agreement lists, as this organisation sees it. */
export interface StudyInfo {
  /** Hash of the agreement, and its title. */
  readonly agreement: string;
  readonly title: string;
  readonly name: string;
  /** In full, as the agreement lists it. */
  readonly text: string;
  readonly to: readonly string[];
  readonly maxRuns: number;
  /** Runs that count. */
  readonly runs: number;
  readonly runsLeft: number;
  /** Who has approved it here; null if nobody has. */
  readonly approval: Approval | null;
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
    const stored = agreement === undefined ? await agreements.list() : [await agreements.get(agreement)];
    const infos = stored.map(({ hash, agreement: { title, studies }, exhausted }) =>
      (studies?.list ?? []).map((listed) => this.#info({ hash, title, exhausted }, listed)),
    );
    return Promise.all(infos.flat());
  }

  /** Throws `not-found`. */
  async show(agreement: string, study: string): Promise<StudyInfo> {
    const { hash, title, exhausted, listed } = await this.#find(agreement, study);
    return this.#info({ hash, title, exhausted }, listed);
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
    const found = await this.#find(agreement, study);
    return bindListed(found.agreement, found.listed);
  }

  /** What is local, what is secure, who learns what, and what it costs. @param rows by table and holder, as far as they are known */
  async explain(
    agreement: string,
    study: string,
    rows?: Readonly<Record<string, Readonly<Record<string, number>>>>,
  ): Promise<StudyExplanation> {
    const found = await this.#find(agreement, study);
    return explainListed(this.#context, found, await bindListed(found.agreement, found.listed), rows);
  }

  /** Approves a study in the form that it has here now; a run needs this of every party. @param by who approves, for the log */
  async approve(agreement: string, study: string, by: string): Promise<Approval> {
    const { approvals, log } = this.#context;
    if (!/^[^\p{C}]{1,120}$/u.test(by)) throw fault('request-invalid', 'who approves is named in 1 to 120 characters');
    const { hash, agreement: agreed, listed } = await this.#find(agreement, study);
    const { studyHash } = await bindListed(agreed, listed);
    await log.append({ kind: 'study-approved', agreement: hash, study, studyHash, by });
    await approvals.put({ agreement: hash, study, hash: studyHash, by });
    await keepCheckpoint(this.#context);
    return (await approvals.find(hash, study))!;
  }

  /** Takes an approval back; what runs and has not opened its result ends. */
  async withdraw(agreement: string, study: string, by: string): Promise<void> {
    const { approvals, log } = this.#context;
    const { hash } = await this.#find(agreement, study);
    await approvals.remove(hash, study);
    await log.append({ kind: 'study-approval-withdrawn', agreement: hash, study, by });
    await keepCheckpoint(this.#context);
  }

  /** {@link storeOwn}, for rehearsals. @returns the relation of each own table */
  async store(agreement: string, study: string, duck: DuckDb): Promise<Record<string, string>> {
    const found = await this.#find(agreement, study);
    return storeOwn(this.#context, found.agreement, await bindListed(found.agreement, found.listed), duck);
  }

  runs(): Promise<StudyRunInfo[]> {
    return this.#context.studyRuns.list();
  }

  /** Throws `not-found`. */
  run(id: number): Promise<StudyRunInfo> {
    return this.#context.studyRuns.show(id);
  }

  /** What a run released to this organisation; null where it learnt nothing. */
  result(id: number): Promise<ReleasedStudy | null> {
    return this.#context.studyRuns.result(id);
  }

  /** The statement that all parties signed, canonical JSON; null while there is none. */
  statement(id: number): Promise<Uint8Array | null> {
    return this.#context.studyRuns.statement(id);
  }

  async #find(
    name: string,
    study: string,
  ): Promise<{ hash: string; title: string; exhausted: boolean; agreement: StudyAgreement; listed: FixedStudy }> {
    const { hash, agreement, exhausted } = await this.#context.agreements.get(name);
    const { studies, title } = requireStudies(agreement);
    const listed = studies.list.find((one) => one.name === study);
    if (listed === undefined) {
      const known = studies.list.map((one) => one.name).join(', ');
      throw fault('not-found', `the agreement "${title}" lists no study '${study}', only ${known}`, { culprit: study });
    }
    return { hash, title, exhausted, agreement: requireStudies(agreement), listed };
  }

  async #info(
    { hash, title, exhausted }: { hash: string; title: string; exhausted: boolean },
    { name, text, to, maxRuns }: FixedStudy,
  ): Promise<StudyInfo> {
    const runs = await this.#context.studyRuns.counts(hash, name);
    const approval = (await this.#context.approvals.find(hash, name)) ?? null;
    const runsLeft = exhausted ? 0 : Math.max(0, maxRuns - runs);
    return { agreement: hash, title, name, text, to, maxRuns, runs, runsLeft, approval };
  }
}
