import { type LinkAgreement, requireLink } from '@symbolon/agreement';
import { fault } from '@symbolon/crypto';
import { chooseKeys, type ErrorLevel, expectedRecall, type KeyOnPairs, keyEquality } from '@symbolon/linkage';
import { openDuckDb } from '@symbolon/service';
import type { ExamplePair } from '../agreements/examples.ts';
import type { StoredAgreement } from '../agreements/store.ts';
import type { PartyContext } from '../context.ts';
import { loadTable } from '../data/load.ts';
import type { Table } from '../data/table.ts';
import { agreedColumns } from '../datasets/describe.ts';
import { compileAgreement, normaliseTable } from '../link/input.ts';
import { type Candidate, candidateKeys } from './candidates.ts';
import { type BlockingCost, type CostParams, costOf } from './cost.ts';
import { type MeasuredKey, measure, tunedCaps } from './measure.ts';
import { matchingPairs, type Tried } from './pairs.ts';

/** What blocking keys are tuned with. */
export interface TuneParams {
  /** Keys to look at beside those of the agreement and those that the rule suggests. */
  readonly block?: readonly string[] | undefined;
  /** The cap; the cheapest one that does if absent. */
  readonly cap?: number | undefined;
  /** How many keys to propose at most; 4 if absent. */
  readonly keys?: number | undefined;
  /** Pairs of records that belong together; own records with errors if absent. */
  readonly pairs?: readonly ExamplePair[] | undefined;
  /** How many errors; usual if absent. */
  readonly errors?: ErrorLevel | undefined;
  /** How many own records to make pairs of; 10,000 if absent. */
  readonly sample?: number | undefined;
  /** Of the errors; 1 if absent. */
  readonly seed?: number | undefined;
}

/** A set of keys under a cap. */
export interface TunedSet {
  readonly keys: readonly string[];
  readonly cap: number;
  /** The share of the pairs that they are expected to bring together. */
  readonly recall: number;
  /** Entries that the own side makes: rows · keys · cap. */
  readonly entries: number;
  /** With another table as large as the own one; null where a link could not run so. */
  readonly cost: BlockingCost | null;
}

/** A key as it does on the own table and on the pairs. */
export interface TunedKey extends Omit<MeasuredKey, 'onPairs' | 'rule'> {
  /** Expected recall of this key alone: without a cap, and under the proposed one. */
  readonly recall: { readonly uncapped: number; readonly capped: number };
}

/** What an owner found out about blocking keys, on its own table. Nothing of it has left. */
export interface TuneReport {
  readonly hash: string;
  readonly title: string;
  readonly side: 'a' | 'b';
  readonly rows: number;
  /** The rule is one equality: tables are intersected by key, all of it, without blocking. */
  readonly needless: boolean;
  readonly pairs: Omit<Tried, 'pairs'>;
  /** Best first; those of the proposal stand before the others, in its order. */
  readonly keys: readonly TunedKey[];
  /** The best set for each cap. */
  readonly sets: readonly TunedSet[];
  readonly proposal: TunedSet;
  /** The keys of the agreement, if it has any. */
  readonly agreed: TunedSet | null;
  /** What a link without blocking keys costs, which misses nothing; null where these are too many pairs. */
  readonly unblocked: BlockingCost | null;
}

const leastGain = 0.0005;
/** A cheaper set is as good as the best if it misses so few pairs more. */
const negligible = 0.002;

/**
 * Measures blocking keys for an agreement on the own table and on pairs, and proposes a set. Runs at: the owner of a table. Nothing leaves.
 * Throws `agreement-party` where the own organisation holds neither table, `rule-…` naming the key, `request-invalid`, `data-…`.
 */
export async function tune(context: PartyContext, stored: StoredAgreement, params: TuneParams): Promise<TuneReport> {
  const { hash } = stored;
  const agreement = requireLink(stored.agreement);
  const { home, settings } = context;
  const side = (['a', 'b'] as const).find((name) => agreement.tables[name].party === home.card.id);
  if (side === undefined) {
    throw fault('agreement-party', `${home.card.id} holds neither table of the agreement "${agreement.title}"`);
  }
  const table = await ownTable(context, agreement, side);
  const duck = await openDuckDb({
    threads: 2,
    ...(settings.duckdbMemory === undefined ? {} : { memory: settings.duckdbMemory }),
    ...(settings.duckdbSeconds === undefined ? {} : { seconds: settings.duckdbSeconds }),
  });
  try {
    const rule = await compileAgreement(agreement, duck);
    const { pairs, ...tried } = await matchingPairs({ agreement, rule, side, table, duck, ...params });
    const candidates: Candidate[] = await candidateKeys({
      agreement,
      rule,
      side,
      pairs,
      block: params.block ?? [],
      duck,
    });
    const measured = await measure({ candidates, side, table, pairs, duck });
    return {
      hash,
      title: agreement.title,
      side,
      rows: table.rows,
      needless: keyEquality(rule) !== undefined,
      pairs: tried,
      ...(await report(measured, {
        agreement,
        rows: [table.rows, table.rows],
        shardEntries: settings.shardEntries,
        duck,
      })),
    };
  } finally {
    duck.close();
  }

  async function report(
    measured: readonly MeasuredKey[],
    run: CostParams,
  ): Promise<Pick<TuneReport, 'keys' | 'sets' | 'proposal' | 'agreed' | 'unblocked'>> {
    const count = measured[0]!.onPairs.length;
    const most = params.keys ?? 4;
    const set = async (chosen: readonly MeasuredKey[], cap: number): Promise<TunedSet> => {
      const keys = chosen.map(({ sql }) => sql);
      const recall = expectedRecall(
        chosen.map(({ onPairs }) => onPairs),
        count,
        cap,
      );
      return { keys, cap, recall, entries: table.rows * keys.length * cap, cost: await costOf({ keys, cap }, run) };
    };
    const onPairs: KeyOnPairs[] = measured.map((key) => key.onPairs);
    const sets: TunedSet[] = [];
    for (const cap of params.cap === undefined ? tunedCaps : [params.cap]) {
      const chosen = chooseKeys(onPairs, { pairs: count, cap, most, leastGain });
      sets.push(
        await set(
          chosen.keys.map((i) => measured[i]!),
          cap,
        ),
      );
    }
    const best = Math.max(...sets.map(({ recall }) => recall));
    const seconds = ({ cost }: TunedSet): number => cost?.seconds ?? Number.MAX_VALUE;
    const [proposal] = sets
      .filter(({ recall }) => recall >= best - negligible)
      .sort((x, y) => seconds(x) - seconds(y) || x.entries - y.entries) as [TunedSet];
    const place = (sql: string): number => (proposal.keys.includes(sql) ? proposal.keys.indexOf(sql) : most);
    const keys = measured
      .map(({ onPairs: pairsOf, rule: _, ...key }): TunedKey => {
        const recall = (cap: number): number => expectedRecall([pairsOf], count, cap);
        return { ...key, recall: { uncapped: recall(Number.POSITIVE_INFINITY), capped: recall(proposal.cap) } };
      })
      .sort((x, y) => place(x.sql) - place(y.sql) || y.recall.capped - x.recall.capped);
    const { blocking } = agreement.link;
    const own = measured.filter(({ sql }) => blocking?.keys.includes(sql));
    const agreed = blocking === undefined ? null : await set(own, blocking.cap);
    return { keys, sets, proposal, agreed, unblocked: await costOf(undefined, run) };
  }
}

async function ownTable(
  { datasets, optOuts }: PartyContext,
  agreement: LinkAgreement,
  side: 'a' | 'b',
): Promise<Table> {
  const agreed = agreement.tables[side];
  const source = await datasets.source(agreed.dataset);
  const found = await datasets.show(agreed.dataset);
  const { leftOut } = await optOuts.screen(agreed.dataset, agreement);
  const raw = await loadTable(source, agreedColumns(agreed, found), { maxRows: agreed.maxRows }, leftOut);
  if (raw.rows === 0) throw fault('data-malformed', `the table ${agreed.dataset} has no rows`);
  return normaliseTable(raw, agreed);
}
