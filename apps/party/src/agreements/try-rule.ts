import type { LinkAgreement } from '@symbolon/agreement';
import { fault } from '@symbolon/crypto';
import { agreeing, type CompiledRule, encodeLeaf, evaluate, type LocalTable } from '@symbolon/linkage';
import { openDuckDb } from '@symbolon/service';
import { compileAgreement } from '../link/input.ts';
import { compileBlocking, keysOf, localTables } from './blocking.ts';
import { clearVerdicts, type ExamplePair, exampleTable } from './examples.ts';

/** What a rule says of one example pair. */
export interface TryRow {
  readonly verdict: boolean;
  /**
   * Every comparison of the rule, in its order: what it is, and whether it holds; null for one that is no bilinear form, of which only the
   * verdict is tried here. In a real run nobody learns these.
   */
  readonly comparisons: readonly { readonly text: string; readonly holds: boolean | null }[];
  /** Every blocking key of the agreement, and whether the two records agree on it; none where all pairs are compared. */
  readonly blocking: readonly { readonly text: string; readonly agrees: boolean }[];
  /** The values that are compared, as each owner would compute them. */
  readonly values: {
    readonly a: Readonly<Record<string, string | null>>;
    readonly b: Readonly<Record<string, string | null>>;
  };
}

/** Pairs that can be tried at once: each stands for itself, so there is no need for many. */
const maxPairs = 1000;

/**
 * Runs a rule on example pairs, in the clear, the way a link would: normalisation, local expressions, encodings, comparisons. Holds the
 * verdicts against DuckDB's own reading of the rule.
 */
export async function tryRule(agreement: LinkAgreement, pairs: readonly ExamplePair[]): Promise<TryRow[]> {
  if (pairs.length === 0) return [];
  if (pairs.length > maxPairs) throw fault('request-invalid', `at most ${maxPairs} pairs can be tried at once`);
  const duck = await openDuckDb({ threads: 1 });
  try {
    const rule = await compileAgreement(agreement, duck);
    const blocking = await compileBlocking(agreement, duck);
    const localsOf = async (side: 'a' | 'b'): Promise<[LocalTable, ...LocalTable[]]> => {
      const records = pairs.map((pair) => pair[side]);
      const table = exampleTable(side, agreement.tables[side], records);
      const all = await localTables(table, side, [rule, ...blocking.map((key) => key.rule)], duck);
      return all as [LocalTable, ...LocalTable[]];
    };
    const [[a, ...keysA], [b, ...keysB]] = [await localsOf('a'), await localsOf('b')];
    const locals = { a, b };
    const together = blocking.map((key, i) => agreeing(keysOf(key, 'a', keysA[i]!), keysOf(key, 'b', keysB[i]!)));
    const leaves = rule.leaves.map((_, leaf) => pairwise(rule, leaf, locals));
    const clear = await clearVerdicts(rule, locals, duck);
    return pairs.map((_, i) => {
      const values = leaves.map((leaf) => leaf?.[i] ?? null);
      const verdict = clear[i]!;
      if (!values.includes(null) && evaluate(rule.verdict, (leaf) => values[leaf]!) !== verdict)
        throw fault('internal', `the compiled rule and DuckDB disagree on example pair ${i + 1}`);
      return {
        verdict,
        comparisons: rule.leaves.map(({ describe }, leaf) => ({ text: describe, holds: values[leaf]! })),
        blocking: blocking.map(({ sql }, key) => ({ text: sql, agrees: together[key]![i] === 1 })),
        values: { a: shown(rule, 'a', locals.a, i), b: shown(rule, 'b', locals.b, i) },
      };
    });
  } finally {
    duck.close();
  }
}

/** The leaf for each pair, from the very vectors that a link multiplies; undefined where it is no bilinear form. */
function pairwise(rule: CompiledRule, leaf: number, locals: Record<'a' | 'b', LocalTable>): boolean[] | undefined {
  const { shape } = rule.leaves[leaf]!;
  if (shape === undefined) return undefined;
  const { inner, ring, constant } = shape;
  const [a, b] = [encodeLeaf(rule, leaf, 'a', locals.a), encodeLeaf(rule, leaf, 'b', locals.b)];
  const [x, y] = [new DataView(a.buffer, a.byteOffset, a.length), new DataView(b.buffer, b.byteOffset, b.length)];
  const word = (view: DataView, at: number): bigint => {
    if (ring === 16) return BigInt(view.getInt16(2 * at, true));
    return ring === 32 ? BigInt(view.getInt32(4 * at, true)) : view.getBigInt64(8 * at, true);
  };
  return Array.from({ length: locals.a.rows }, (_, row) => {
    let sum = constant;
    for (let i = row * inner; i < (row + 1) * inner; i++) sum += word(x, i) * word(y, i);
    return sum >= 0n;
  });
}

function shown(
  rule: CompiledRule,
  side: 'a' | 'b',
  { columns }: LocalTable,
  row: number,
): Record<string, string | null> {
  return Object.fromEntries(
    rule.locals[side].map(({ sql }, i) => {
      const value = columns[i]![row];
      return [sql, value === null || value === undefined ? null : String(value)];
    }),
  );
}
