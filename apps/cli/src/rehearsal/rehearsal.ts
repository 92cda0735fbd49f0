import { setTimeout } from 'node:timers/promises';
import { fault } from '@symbolon/crypto';
import {
  type DataSource,
  type DatasetInfo,
  type DraftParams,
  type LinkInput,
  type LinkProgress,
  loadInput,
  type Normalisation,
  type RunInfo,
  requestLink,
} from '@symbolon/party';
import type { Cleanup } from '../cleanup.ts';
import { matchesOf, withOrganisation } from '../organisation.ts';
import type { Opened } from './opened.ts';
import { PairSet } from './pairs.ts';
import { Troupe } from './troupe.ts';

/** One of the two organisations of a rehearsal. */
export interface Player {
  readonly id: string;
  readonly name: string;
  readonly dataset: string;
  readonly source: DataSource;
}

/** What is rehearsed. Left holds table a and starts the run. */
export interface Script {
  readonly title: string;
  readonly left: Player;
  readonly right: Player;
  readonly keys: { readonly id: string; readonly name: string };
  readonly rule: string;
  readonly normalise?: readonly Normalisation[];
  readonly pads: 'expanded' | 'full';
  /** Blocking, cardinality, who learns what, keys; every pair to both, if absent. */
  readonly terms?: Pick<
    DraftParams,
    'blocking' | 'cardinality' | 'prefer' | 'learn' | 'reveal' | 'key' | 'partnerKey' | 'purpose'
  >;
}

const patienceMilliseconds = 10_000;

export type Role = 'left' | 'right' | 'keys';

/** Two organisations and a key service on this machine link two tables. */
export class Rehearsal extends Troupe<Role> {
  readonly script: Script;
  /** Of its data, once they are added. */
  readonly data = {} as Record<'left' | 'right', DatasetInfo>;
  /** Hash of the agreement, once it is drafted. */
  agreement = '';
  /** The run, as left and right have recorded it. */
  readonly runs = {} as Record<'left' | 'right', RunInfo>;

  /** @param folder where the three folders are made */
  constructor(script: Script, folder: string, cleanup: Cleanup) {
    const { left, right, keys } = script;
    const party = 'party' as const;
    super(
      { left: { ...left, role: party }, right: { ...right, role: party }, keys: { ...keys, role: 'keyservice' } },
      folder,
      cleanup,
    );
    this.script = script;
  }

  async addData(): Promise<void> {
    for (const side of ['left', 'right'] as const) {
      const { dataset, source } = this.script[side];
      this.data[side] = await withOrganisation(this.homes[side], ({ data }) => data.add(dataset, source));
    }
  }

  /** Right describes its table, left drafts. Resolves to the agreement's hash. */
  async draft(): Promise<string> {
    const { left, right, keys, title, rule, pads, normalise, terms } = this.script;
    const described = await withOrganisation(this.homes.right, ({ agreements }) => agreements.describe(right.dataset));
    const maxRows = Math.max(this.data.left.rows, this.data.right.rows);
    const today = new Date();
    const until = new Date(today.getTime() + 365 * 86_400_000);
    this.agreement = await withOrganisation(this.homes.left, async ({ agreements }) => {
      const { hash } = await agreements.draft({
        title,
        as: 'a',
        partner: right.id,
        keyService: keys.id,
        dataset: left.dataset,
        partnerDataset: described,
        rule,
        maxRows,
        maxRuns: 10,
        pads,
        term: { from: day(today), until: day(until) },
        ...(normalise === undefined ? {} : { normalise }),
        ...terms,
      });
      return hash;
    });
    return this.agreement;
  }

  /** Left signs and sends; right signs and sends back. */
  async sign(): Promise<void> {
    for (const side of ['left', 'right'] as const) {
      await withOrganisation(this.homes[side], async ({ agreements }) => {
        await agreements.sign(this.agreement);
        await agreements.send(this.agreement);
      });
    }
  }

  /** Left asks its own server to run the link. */
  async link(onProgress: (event: LinkProgress) => void): Promise<void> {
    this.runs.left = await requestLink(this.homes.left, { agreement: this.agreement, onProgress });
    this.runs.right = await this.#finished(this.runs.left.attempt);
  }

  /** Right's record of the same attempt: it may finish a moment later. */
  async #finished(attempt: string): Promise<RunInfo> {
    for (const deadline = Date.now() + patienceMilliseconds; ; await setTimeout(50)) {
      const runs = await withOrganisation(this.homes.right, ({ links }) => links.list());
      const run = runs.find((one) => one.attempt === attempt);
      if (run?.state === 'done') return run;
      if (run?.state === 'failed' || Date.now() > deadline) {
        throw fault('peer-disagrees', `${this.script.right.id} did not finish the run: ${run?.error ?? 'no reason'}`);
      }
    }
  }

  /** Both tables as they went into the run, for the clear run. No party could have both. */
  async inputs(): Promise<[a: LinkInput, b: LinkInput]> {
    const { agreement } = await withOrganisation(this.homes.left, ({ agreements }) => agreements.show(this.agreement));
    const load = (side: 'left' | 'right', table: 'a' | 'b') =>
      loadInput({ agreement, side: table, source: this.script[side].source, found: this.data[side] });
    return [await load('left', 'a'), await load('right', 'b')];
  }

  /** What the run told the two, by row numbers of the files. */
  async opened(): Promise<Opened> {
    const { reveal, learn } = this.script.terms ?? {};
    const side = learn === 'b' ? 'right' : 'left';
    if (reveal === 'count') return { kind: 'count', count: this.runs[side].details!.matches! };
    if (learn === undefined || learn === 'both') return { kind: 'pairs', pairs: await this.pairs() };
    const matches = await matchesOf(this.homes[side], this.runs[side].id);
    return { kind: 'rows', side: side === 'left' ? 0 : 1, rows: matches.map(({ row }) => row) };
  }

  /**
   * The pairs by row numbers of both files, where both learn them. No party could do this: each knows its own rows and the other's permuted numbers only.
   */
  async pairs(): Promise<PairSet> {
    const [left, right] = [
      await matchesOf(this.homes.left, this.runs.left.id),
      await matchesOf(this.homes.right, this.runs.right.id),
    ];
    const rightRows = new Map(right.map(({ row, ownNumber, peerRow }) => [`${peerRow} ${ownNumber}`, row]));
    const pairs = left.map(({ row, ownNumber, peerRow }): [number, number] => {
      const other = rightRows.get(`${ownNumber} ${peerRow}`);
      return [row, other ?? -1];
    });
    return new PairSet(pairs, this.data.right.rows);
  }
}

function day(date: Date): string {
  return date.toISOString().slice(0, 10);
}
