import { setTimeout } from 'node:timers/promises';
import { fault } from '@symbolon/crypto';
import {
  type BoundQuestion,
  type DataSource,
  type DatasetInfo,
  type LinkProgress,
  type ReleasedStudy,
  requestStudy,
  type StudyExplanation,
  type StudyRunInfo,
} from '@symbolon/party';
import type { Cleanup } from '../cleanup.ts';
import { withOrganisation } from '../organisation.ts';
import type { StudyTerms } from '../study/agreement-file.ts';
import { type Member, Troupe } from './troupe.ts';

/** One data set of a rehearsal, at the party that holds it. */
export interface HeldData {
  readonly party: string;
  readonly dataset: string;
  readonly source: DataSource;
}

/** What is rehearsed: one study of an agreement, by those of its parties that the study needs. */
export interface StudyScript {
  readonly terms: StudyTerms;
  /** Name of the study in the agreement. */
  readonly study: string;
  readonly data: readonly HeldData[];
}

const patienceMilliseconds = 10_000;
export const keysId = 'keys';

/** The parties of a study and a key service on this machine. Roles are the ids of the parties, and `keys`. */
export class StudyRehearsal extends Troupe<string> {
  readonly script: StudyScript;
  /** By party and data set, once they are added. */
  readonly data: (HeldData & { readonly info: DatasetInfo })[] = [];
  /** Hash of the agreement, once it is drafted. */
  agreement = '';
  /** The run as each party has recorded it. */
  readonly runs = new Map<string, StudyRunInfo>();

  constructor(script: StudyScript, folder: string, cleanup: Cleanup) {
    const parties = script.terms.parties.map((id): [string, Member] => [id, { id, name: named(id), role: 'party' }]);
    super(
      { ...Object.fromEntries(parties), [keysId]: { id: keysId, name: 'Key service', role: 'keyservice' } },
      folder,
      cleanup,
    );
    this.script = script;
  }

  get parties(): readonly string[] {
    return this.script.terms.parties;
  }

  async addData(): Promise<void> {
    for (const held of this.script.data) {
      const { party, dataset, source } = held;
      const info = await withOrganisation(this.homes[party]!, ({ data }) => data.add(dataset, source));
      this.data.push({ ...held, info });
    }
  }

  /** The first party drafts, from today on. */
  async draft(): Promise<void> {
    const { title, parties, studies, pads } = this.script.terms;
    const today = new Date();
    const until = new Date(today.getTime() + 365 * 86_400_000);
    const term = { from: day(today), until: day(until) };
    const { hash } = await withOrganisation(this.homes[parties[0]!]!, ({ agreements }) =>
      agreements.draftStudies({ title, parties, keyService: keysId, studies, pads, term }),
    );
    this.agreement = hash;
  }

  /** One after the other signs what the one before has sent, and sends it to all; then each approves the study. */
  async sign(): Promise<void> {
    for (const id of this.parties) {
      await withOrganisation(this.homes[id]!, async ({ agreements }) => {
        await agreements.sign(this.agreement);
        await agreements.send(this.agreement);
      });
    }
    for (const id of this.parties) {
      await withOrganisation(this.homes[id]!, ({ studies }) =>
        studies.approve(this.agreement, this.script.study, 'rehearsal'),
      );
    }
  }

  bind(): Promise<BoundQuestion> {
    return this.#atFirst(({ studies }) => studies.bind(this.agreement, this.script.study));
  }

  explain(): Promise<StudyExplanation> {
    const rows: Record<string, Record<string, number>> = {};
    for (const [name, { holders }] of Object.entries(this.script.terms.studies.tables)) {
      rows[name] = Object.fromEntries(
        holders.flatMap(({ party, dataset }) => {
          const held = this.data.find((one) => one.party === party && one.dataset === dataset);
          return held === undefined ? [] : [[party, held.info.rows]];
        }),
      );
    }
    return this.#atFirst(({ studies }) => studies.explain(this.agreement, this.script.study, rows));
  }

  /** The first party asks its own server to run the study. */
  async run(onProgress: (event: LinkProgress) => void): Promise<void> {
    const [first, ...others] = this.parties as [string, ...string[]];
    const { agreement } = this;
    const run = await requestStudy(this.homes[first]!, { agreement, study: this.script.study, onProgress });
    this.runs.set(first, run);
    for (const id of others) this.runs.set(id, await this.#finished(id, run.attempt));
  }

  /** What each of those who learn has learnt; the same at all. */
  async released(): Promise<ReleasedStudy> {
    const { to } = this.script.terms.studies.list.find(({ name }) => name === this.script.study)!;
    const results = await Promise.all(
      this.parties.map((id) =>
        withOrganisation(this.homes[id]!, ({ studies }) => studies.result(this.runs.get(id)!.id)),
      ),
    );
    for (const [i, id] of this.parties.entries()) {
      if ((results[i] !== null) === to.includes(id)) continue;
      throw fault('internal', `${id} ${results[i] === null ? 'did not learn' : 'learnt'} the result`, { culprit: id });
    }
    const [first, ...others] = results.filter((result) => result !== null);
    const text = JSON.stringify(first);
    if (others.some((other) => JSON.stringify(other) !== text)) {
      throw fault('peer-disagrees', 'those who learn the result have different ones');
    }
    return first!;
  }

  /** A party's record of the same attempt: it may finish a moment later. */
  async #finished(id: string, attempt: string): Promise<StudyRunInfo> {
    for (const deadline = Date.now() + patienceMilliseconds; ; await setTimeout(50)) {
      const runs = await withOrganisation(this.homes[id]!, ({ studies }) => studies.runs());
      const run = runs.find((one) => one.attempt === attempt);
      if (run?.state === 'done') return run;
      if (run?.state === 'failed' || Date.now() > deadline) {
        throw fault('peer-disagrees', `${id} did not finish the run: ${run?.error ?? 'no reason'}`, { culprit: id });
      }
    }
  }

  #atFirst<T>(work: Parameters<typeof withOrganisation<T>>[1]): Promise<T> {
    return withOrganisation(this.homes[this.parties[0]!]!, work);
  }
}

function named(id: string): string {
  return id.charAt(0).toUpperCase() + id.slice(1).replaceAll('-', ' ');
}

function day(date: Date): string {
  return date.toISOString().slice(0, 10);
}
