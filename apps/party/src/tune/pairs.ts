import type { LinkAgreement } from '@symbolon/agreement';
import { fault } from '@symbolon/crypto';
import {
  type CompiledRule,
  type Draw,
  type ErrorLevel,
  errorLevels,
  type LocalTable,
  seededDraw,
} from '@symbolon/linkage';
import type { DuckDb } from '@symbolon/service';
import { localTables } from '../agreements/blocking.ts';
import { clearVerdicts, type ExamplePair, exampleTable } from '../agreements/examples.ts';
import type { Table } from '../data/table.ts';
import { syntheticPairs } from './synthetic.ts';

/** Pairs that the rule matches, row i of a with row i of b: those that blocking should not miss. */
export interface PairTables {
  readonly count: number;
  readonly a: Table;
  readonly b: Table;
  /** The rule's local expressions of the own side. */
  readonly own: LocalTable;
}

/** Where the pairs came from. */
export interface Tried {
  readonly source: 'labelled' | 'synthetic';
  /** Of synthetic ones. */
  readonly errors: ErrorLevel | null;
  /** How many there were, and how many of them the rule matches in the clear. */
  readonly tried: number;
  readonly matching: number;
  readonly pairs: PairTables;
}

const mostPairs = 200_000;

/** The pairs that are given, or made from own records, as far as the rule matches them. Throws `request-invalid` where it matches none. */
export async function matchingPairs(params: {
  agreement: LinkAgreement;
  rule: CompiledRule;
  side: 'a' | 'b';
  table: Table;
  duck: DuckDb;
  pairs?: readonly ExamplePair[] | undefined;
  errors?: ErrorLevel | undefined;
  sample?: number | undefined;
  seed?: number | undefined;
}): Promise<Tried> {
  const { agreement, rule, side, table, duck, pairs, errors = 'usual', sample = 10_000, seed = 1 } = params;
  const draw = seededDraw(seed);
  const rates = errorLevels[errors];
  const all =
    pairs ?? syntheticPairs({ agreement, rule, side, table, rows: someRows(table.rows, sample, draw), rates, draw });
  if (all.length > mostPairs) throw fault('request-invalid', `there are more than ${mostPairs} pairs`);
  const read = async (of: readonly ExamplePair[]) => {
    const tableOf = (name: 'a' | 'b') =>
      exampleTable(
        name,
        agreement.tables[name],
        of.map((pair) => pair[name]),
      );
    const [a, b] = [tableOf('a'), tableOf('b')];
    const locals = {
      a: (await localTables(a, 'a', [rule], duck))[0]!,
      b: (await localTables(b, 'b', [rule], duck))[0]!,
    };
    return { a, b, locals };
  };
  const verdicts = await clearVerdicts(rule, (await read(all)).locals, duck);
  const matching = all.filter((_, i) => verdicts[i]);
  if (matching.length === 0) {
    throw fault('request-invalid', `the rule matches none of the ${all.length} pairs`, {
      hint: 'Look at some of them with: symbolon agreement try',
    });
  }
  const { a, b, locals } = await read(matching);
  return {
    source: pairs === undefined ? 'synthetic' : 'labelled',
    errors: pairs === undefined ? errors : null,
    tried: all.length,
    matching: matching.length,
    pairs: { count: matching.length, a, b, own: locals[side] },
  };
}

/** Different row numbers, at random (Fisher–Yates, stopped early). */
function someRows(rows: number, count: number, draw: Draw): Uint32Array {
  const order = Uint32Array.from({ length: rows }, (_, row) => row);
  const wanted = Math.min(rows, count);
  for (let i = 0; i < wanted; i++) {
    const j = i + draw(rows - i);
    [order[i], order[j]] = [order[j]!, order[i]!];
  }
  return order.subarray(0, wanted);
}
