import { setTimeout } from 'node:timers/promises';
import { computing } from '@symbolon/agreement';
import { countersign } from '@symbolon/compute';
import { fault } from '@symbolon/crypto';
import {
  type BoundQuestion,
  type DataSource,
  type DatasetInfo,
  type LinkProgress,
  type ReleasedStudy,
  reportOfRun,
  requestLink,
  requestStudy,
  type StudyRunInfo,
} from '@symbolon/party';
import type { Report } from '@symbolon/report';
import type { Cleanup } from '../cleanup.ts';
import { withOrganisation } from '../organisation.ts';
import type { StudyTerms } from '../study/agreement-file.ts';
import type { Linkage } from '../study/linkage-file.ts';
import { type Member, Troupe } from './troupe.ts';

/** One data set of a rehearsal, at the party that holds it. */
export interface HeldData {
  readonly party: string;
  readonly dataset: string;
  readonly source: DataSource;
}

/** What is rehearsed: the studies of an agreement, by its parties. */
export interface StudyScript {
  readonly terms: StudyTerms;
  readonly data: readonly HeldData[];
}

/** A run that has ended well, as each party that took part has recorded it; the first has asked for it. */
export interface RehearsedRun {
  readonly study: string;
  readonly runs: ReadonlyMap<string, StudyRunInfo>;
}

const patienceMilliseconds = 10_000;
export const keysId = 'keys';

/** The parties of an agreement on studies and a key service on this machine. Roles are the ids of the parties, and `keys`. */
export class StudyRehearsal extends Troupe<string> {
  readonly script: StudyScript;
  /** By party and data set, once they are added. */
  readonly data: (HeldData & { readonly info: DatasetInfo })[] = [];
  /** Hash of the agreement, once it is drafted. */
  agreement = '';

  constructor(script: StudyScript, folder: string, cleanup: Cleanup) {
    const computers = computing(script.terms);
    const parties = script.terms.parties.map((id): [string, Member] => [
      id,
      { id, name: named(id), role: computers.has(id) ? 'compute' : 'party' },
    ]);
    super(
      { ...Object.fromEntries(parties), [keysId]: { id: keysId, name: 'Key service', role: 'keyservice' } },
      folder,
      cleanup,
    );
    this.script = script;
  }

  /** Those that hold data or receive results. */
  get parties(): readonly string[] {
    const computers = computing(this.script.terms);
    return this.script.terms.parties.filter((id) => !computers.has(id));
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
    const { title, parties, studies, linkage, pads, purpose } = this.script.terms;
    const today = new Date();
    const until = new Date(today.getTime() + 365 * 86_400_000);
    const term = { from: day(today), until: day(until) };
    const { hash } = await withOrganisation(this.homes[this.parties[0]!]!, ({ agreements }) =>
      agreements.draftStudies({ title, parties, keyService: keysId, studies, linkage, pads, purpose, term }),
    );
    this.agreement = hash;
  }

  /** One after the other checks against its own tables what the one before has sent, signs it, and sends it to all. Throws what stands against it. */
  async sign(): Promise<void> {
    for (const id of this.parties) {
      await withOrganisation(this.homes[id]!, async ({ agreements }) => {
        const { findings } = await agreements.check(this.agreement);
        const wrong = findings.find(({ state }) => state === 'fault');
        if (wrong !== undefined) {
          throw fault(wrong.code ?? 'internal', wrong.text, { culprit: id, hint: wrong.hint });
        }
        await agreements.sign(this.agreement);
        await agreements.send(this.agreement);
      });
    }
    for (const id of computing(this.script.terms)) await this.#countersign(id);
  }

  /** Whoever runs a server that computes signs a file, and gives it back to all. */
  async #countersign(id: string): Promise<void> {
    const first = this.homes[this.parties[0]!]!;
    const file = await withOrganisation(first, ({ agreements }) => agreements.export(this.agreement));
    const signed = await countersign(this.homes[id]!, file);
    for (const party of this.parties) {
      await withOrganisation(this.homes[party]!, ({ agreements }) => agreements.receive(signed));
    }
  }

  /** Each approves the studies that it takes part in. */
  async approve(): Promise<void> {
    const studies = await Promise.all(
      this.script.terms.studies.list.map(async ({ name }) => ({ name, parties: (await this.bind(name)).parties })),
    );
    for (const id of this.parties) {
      await withOrganisation(this.homes[id]!, async (organisation) => {
        for (const { name, parties } of studies) {
          if (parties.includes(id)) await organisation.studies.approve(this.agreement, name, 'rehearsal');
        }
      });
    }
  }

  bind(study: string): Promise<BoundQuestion> {
    return withOrganisation(this.homes[this.parties[0]!]!, ({ studies }) => studies.bind(this.agreement, study));
  }

  /** Runs the link by whose pairs studies join: both sides have them when this resolves. */
  async link({ tables: { a, b } }: Linkage, onProgress: (event: LinkProgress) => void): Promise<void> {
    const { agreement } = this;
    const { attempt } = await requestLink(this.homes[a.party]!, { agreement, onProgress });
    for (const deadline = Date.now() + patienceMilliseconds; ; await setTimeout(50)) {
      const runs = await withOrganisation(this.homes[b.party]!, ({ links }) => links.list());
      if (runs.some((run) => run.attempt === attempt && run.state === 'done')) return;
      if (Date.now() > deadline)
        throw fault('peer-disagrees', `${b.party} did not finish the link`, { culprit: b.party });
    }
  }

  /** The first party that takes part asks its own server to run the study. */
  async run(study: string, onProgress: (event: LinkProgress) => void): Promise<RehearsedRun> {
    const { agreement } = this;
    const [first, ...others] = (await this.bind(study)).parties as [string, ...string[]];
    const run = await requestStudy(this.homes[first]!, { agreement, study, onProgress });
    const runs = new Map([[first, run]]);
    for (const id of others) runs.set(id, await this.#finished(id, run.attempt));
    return { study, runs };
  }

  /** What each of those who learn has learnt; the same at all. */
  async released({ study, runs }: RehearsedRun): Promise<ReleasedStudy> {
    const to = this.#receivers(study);
    const learnt: string[] = [];
    let first: ReleasedStudy | undefined;
    for (const [id, run] of runs) {
      const result = await withOrganisation(this.homes[id]!, ({ studies }) => studies.result(run.id));
      if ((result !== null) !== to.includes(id)) {
        throw fault('internal', `${id} ${result === null ? 'did not learn' : 'learnt'} the result`, { culprit: id });
      }
      if (result === null) continue;
      first ??= result;
      learnt.push(JSON.stringify(result));
    }
    if (new Set(learnt).size > 1) {
      throw fault('peer-disagrees', 'those who learn the result have different ones');
    }
    return first!;
  }

  /** The result, as one of those who learn it reports it. */
  report({ study, runs }: RehearsedRun): Promise<Report> {
    const [receiver] = this.#receivers(study) as [string];
    return withOrganisation(this.homes[receiver]!, (organisation) => reportOfRun(organisation, runs.get(receiver)!.id));
  }

  #receivers(study: string): readonly string[] {
    return this.script.terms.studies.list.find(({ name }) => name === study)!.to;
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
}

function named(id: string): string {
  return id.charAt(0).toUpperCase() + id.slice(1).replaceAll('-', ' ');
}

function day(date: Date): string {
  return date.toISOString().slice(0, 10);
}
