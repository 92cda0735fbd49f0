import type { LinkAgreement } from '@symbolon/agreement';
import { SymbolonError } from '@symbolon/crypto';
import { agreeing, type CompiledRule, type LocalTable, proposeKeys } from '@symbolon/linkage';
import type { DuckDb } from '@symbolon/service';
import { type BlockingKey, compileBlocking, compileKeys, keysOf, localTables } from '../agreements/blocking.ts';
import type { PairTables } from './pairs.ts';

/** A key to look at. */
export interface Candidate extends BlockingKey {
  readonly from: 'agreement' | 'given' | 'rule';
  /** The comparison for which the keys made for it miss nothing. */
  readonly losslessFor: string | null;
  /** Of each pair: whether it agrees on this key. */
  readonly agrees: Uint8Array;
}

/** Proposed keys that bring fewer pairs together, or that are more, are not looked at any further. */
const leastShare = 0.01;
const mostProposed = 32;

/** The keys of the agreement, those given, and the best of those that the rule suggests; each once. */
export async function candidateKeys(params: {
  agreement: LinkAgreement;
  rule: CompiledRule;
  side: 'a' | 'b';
  pairs: PairTables;
  block: readonly string[];
  duck: DuckDb;
}): Promise<Candidate[]> {
  const { agreement, rule, side, pairs, block, duck } = params;
  const tables = { a: agreement.tables.a.columns, b: agreement.tables.b.columns };
  const known = await compileBlocking(agreement, duck);
  const given = await compileKeys(block, tables, duck);
  const usual = usualLengths(rule, side, pairs.own);
  const found: (Omit<Candidate, 'agrees'> & { readonly sql: string })[] = [
    ...known.map((key) => ({ ...key, from: 'agreement' as const, losslessFor: null })),
    ...given.map((key) => ({ ...key, from: 'given' as const, losslessFor: null })),
  ];
  for (const { sql, losslessFor = null } of proposeKeys(rule, (operand) => usual.get(operand.sql) ?? 1)) {
    const key = await compiled(sql);
    if (key !== undefined) found.push({ ...key, from: 'rule', losslessFor });
  }
  const distinct = found.filter(({ sql }, i) => found.findIndex((key) => key.sql === sql) === i);
  const rules = distinct.map((key) => key.rule);
  const [a, b] = [await localTables(pairs.a, 'a', rules, duck), await localTables(pairs.b, 'b', rules, duck)];
  const all = distinct.map((key, i) => ({
    ...key,
    agrees: agreeing(keysOf(key, 'a', a[i]!), keysOf(key, 'b', b[i]!)),
  }));
  const share = ({ agrees }: Candidate): number => agrees.reduce((sum, one) => sum + one, 0) / pairs.count;
  const proposed = all.filter(({ from }) => from === 'rule').sort((x, y) => share(y) - share(x));
  return [
    ...all.filter(({ from }) => from !== 'rule'),
    ...proposed.filter((key) => share(key) >= leastShare).slice(0, mostProposed),
  ];

  // What a rule suggests may be no equality that can be computed: an expression of several columns, say.
  async function compiled(sql: string): Promise<BlockingKey | undefined> {
    try {
      const [key] = await compileKeys([sql], tables, duck);
      return key;
    } catch (error) {
      if (error instanceof SymbolonError && error.code.startsWith('rule-')) return undefined;
      throw error;
    }
  }
}

/** Characters that the texts of each local expression have, half of them at least so many. */
function usualLengths(rule: CompiledRule, side: 'a' | 'b', { columns }: LocalTable): ReadonlyMap<string, number> {
  const lengths = rule.locals[side].map(({ sql }, i) => {
    const sorted = columns[i]!.flatMap((value) => (typeof value === 'string' ? [value.length] : [])).sort(
      (x, y) => x - y,
    );
    return [sql, sorted[sorted.length >> 1] ?? 1] as const;
  });
  return new Map(lengths);
}
