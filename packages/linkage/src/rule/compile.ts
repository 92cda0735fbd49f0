import { SymbolonError } from '@symbolon/crypto';
import type { SqlParser } from '@symbolon/sql';
import type { Columns } from '../columns.ts';
import { depthOf, type Formula, formulaLimits, leavesOf, renumber, sizeOf } from '../verdict/formula.ts';
import { parseRule } from './ast.ts';
import { tooLong } from './draft.ts';
import type { Leaf } from './leaf.ts';
import { Leaves } from './leaves.ts';
import type { Operand } from './operand.ts';
import { type Predicate, predicate, within } from './predicate.ts';
import { Scope } from './scope.ts';
import { scaleOfScore } from './score.ts';
import type { Side } from './value.ts';

/** What an owner computes for each of its records with its own DuckDB: `SELECT ${sql} AS ${name} … FROM its normalised table AS a (or b)`. */
export interface Local extends Operand {
  readonly name: string;
  /** DuckDB type of the result. */
  readonly sqlType: 'BIGINT' | 'VARCHAR' | 'BOOLEAN';
}

/** A match rule, ready to encode records for it. A pair matches where `verdict` over the leaves is true, which is where the rule is TRUE. */
export interface CompiledRule {
  readonly sql: string;
  readonly locals: Readonly<Record<Side, readonly Local[]>>;
  readonly leaves: readonly Leaf[];
  readonly verdict: Formula;
  /** Weights in the verdict's gates are the rule's times 10^scale. */
  readonly scale: number;
  /** The rule as it was written, for the clear run. */
  readonly condition: Predicate;
  /** The local that an operand of `condition` stands for. */
  localOf(operand: Operand): Local;
}

const maxLeaves = 32;

/**
 * Compiles a match rule: a SQL condition over the tables a and b.
 * Throws `rule-syntax`, `rule-unknown-column`, `rule-unsupported`, or `plan-range` where the columns' ranges are too wide.
 */
export async function compileRule(
  sql: string,
  columns: Readonly<Record<Side, Columns>>,
  parser: SqlParser,
): Promise<CompiledRule> {
  const source = await parseRule(sql, parser);
  const condition = predicate(source.expression, new Scope(columns, source));
  const scores = [...within(condition)].filter((part) => part.kind === 'score');
  const scale = Math.max(0, ...scores.map(scaleOfScore));
  const leaves = new Leaves(scale);
  const verdict = leaves.formula(condition, true);
  leaves.register(condition);
  if (typeof verdict === 'boolean')
    throw new SymbolonError('rule-unsupported', `the rule is ${verdict ? 'true for every pair' : 'never true'}`);
  const used = leavesOf(verdict);
  if (used.length > maxLeaves)
    throw new SymbolonError('rule-unsupported', `the rule has more than ${maxLeaves} comparisons`);
  if (depthOf(verdict) > formulaLimits.depth || sizeOf(verdict) > formulaLimits.size) throw tooLong();
  const locals = { a: leaves.operands.a.map(named), b: leaves.operands.b.map(named) };
  return {
    sql,
    locals,
    leaves: used.map((leaf) => leaves.all[leaf]!),
    verdict: renumber(verdict, (leaf) => used.indexOf(leaf)),
    scale,
    condition,
    localOf: (operand) => locals[operand.side][leaves.indexOf(operand)!]!,
  };
}

function named(operand: Operand, index: number): Local {
  const sqlType = operand.as === 'integer' ? 'BIGINT' : operand.as === 'boolean' ? 'BOOLEAN' : 'VARCHAR';
  return { ...operand, name: `${operand.side}${index}`, sqlType };
}
