import { fault } from '@symbolon/crypto';
import type { Kernels } from '@symbolon/kernels';
import {
  type CompiledRule,
  encodeKeys,
  encodeParts,
  keyEquality,
  outsideAlphabet,
  type PsiKeys,
  type Side,
} from '@symbolon/linkage';
import { quoteName, type SqlParser } from '@symbolon/sql';
import { type CompiledJoin, compileJoin } from '../sql/index.ts';
import type { Rows } from './columns.ts';
import { ruleJoins } from './matched.ts';

/** An own table as a join by a match rule takes it, row by row. In memory that threads share; it holds records. */
export interface OwnRule {
  /** Of each blocking key. */
  readonly keys: readonly PsiKeys[];
  /** Of the parts of the rule's comparisons, as `encodeParts`. */
  readonly parts: readonly Uint8Array[];
  /** Texts with characters outside their alphabet, and how many: these agree with nothing. For the owner only. */
  readonly outside: readonly { readonly columns: readonly string[]; readonly characters: number }[];
}

/** The rules of joins, compiled, by the alias of their spoke. */
export type CompiledJoins = ReadonlyMap<string, CompiledJoin>;

/** What encodes an own table for match rules. */
export interface RuleMeans {
  readonly compiled: CompiledJoins;
  readonly kernels: Kernels;
}

/** Compiles the rules of a study's joins as they are bound; every owner needs them for `readOwn`. */
export async function compileJoins(rows: Pick<Rows, 'joins'>, parser: SqlParser): Promise<CompiledJoins> {
  const compiled = new Map<string, CompiledJoin>();
  for (const join of ruleJoins(rows)) compiled.set(join.spoke, await compileJoin(join, parser));
  return compiled;
}

/** An expression of a rule over an own table, and what its column is called. */
export interface RuleLocal {
  readonly side: Side;
  readonly sql: string;
  readonly name: string;
}

/** What the joins by a rule ask of a table. */
export function ruleLocals(rows: Pick<Rows, 'joins' | 'tables'>, alias: string): RuleLocal[] {
  return joinsOf(rows, alias)
    .flatMap(({ side, join }) => join.locals[side].map((sql) => ({ side, sql })))
    .map((local, i) => ({ ...local, name: quoteName(`symbolon rule ${i}`) }));
}

/** The relation with these expressions beside its columns. Rules call it a or b, and the study something else. */
export function withLocals(relation: string, locals: readonly RuleLocal[]): string {
  const [first] = locals;
  if (first === undefined) return relation;
  const selected = locals.map(({ sql, name }) => `${sql} AS ${name}`);
  return `(SELECT *, ${selected.join(', ')} FROM ${relation} AS ${first.side})`;
}

/**
 * Encodes what `withLocals` gave, from place `at` of each row. Runs at: the owner.
 *
 * @throws SymbolonError `data-out-of-range` naming row and column, never the value
 */
export function encodeRules(
  rows: Pick<Rows, 'joins' | 'tables'>,
  alias: string,
  result: readonly (readonly unknown[])[],
  at: number,
  means: RuleMeans | undefined,
): Map<string, OwnRule> {
  let next = at;
  return new Map(
    joinsOf(rows, alias).map(({ side, join: { spoke } }) => {
      const compiled = means?.compiled.get(spoke);
      if (compiled === undefined) throw fault('internal', `the rule of the join with ${spoke} is not compiled`);
      const take = (rule: CompiledRule) => {
        const columns = rule.locals[side].map(() => column(result, next++));
        return { rows: result.length, columns };
      };
      const { rule, keys } = compiled;
      const table = take(rule);
      const parts = rule.leaves.flatMap((_, leaf) => encodeParts(rule, leaf, side, table, means!.kernels));
      const encoded = keys.map((key) => encodeKeys(key, keyEquality(key)!, side, take(key)));
      const outside = outsideAlphabet(rule, side, table).filter(({ characters }) => characters > 0);
      return [spoke, { keys: encoded.map(sharedKeys), parts: parts.map(shared), outside }] as const;
    }),
  );
}

function column(result: readonly (readonly unknown[])[], place: number): unknown[] {
  return result.map((row) => row[place]);
}

/** The joins by a rule in which a table takes part, and as which side. */
function joinsOf(rows: Pick<Rows, 'joins' | 'tables'>, alias: string) {
  const side: Side = alias === rows.tables[0]!.alias ? 'a' : 'b';
  return ruleJoins(rows)
    .filter(({ spoke }) => side === 'a' || spoke === alias)
    .map((join) => ({ side, join }));
}

function shared(bytes: Uint8Array): Uint8Array {
  const copy = new Uint8Array(new SharedArrayBuffer(bytes.length));
  copy.set(bytes);
  return copy;
}

function sharedKeys({ data, offsets, present }: PsiKeys): PsiKeys {
  const ends = new Uint32Array(new SharedArrayBuffer(offsets.byteLength));
  ends.set(offsets);
  return { data: shared(data), offsets: ends, present: shared(present) };
}
