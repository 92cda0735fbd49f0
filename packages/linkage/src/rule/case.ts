import { list, type Node, node, printCase, zero } from '@symbolon/sql';
import { bothTables, local, made, truthOf } from './expression.ts';
import { merged } from './functions.ts';
import { predicate } from './predicate.ts';
import type { Scope } from './scope.ts';
import { constantOf, type Score } from './score.ts';
import type { Value } from './value.ts';

/** CASE as a value: of one table, or a weight that conditions on a pair decide. */
export function chooseValue(of: Node, scope: Scope): Value {
  const checks = list(of.case_checks).map(node);
  const whens = checks.map((check) => predicate(node(check.when_expr), scope));
  const values = [...checks.map((check) => local(node(check.then_expr), scope)), local(node(of.else_expr), scope)];
  const type = merged(values);
  if (typeof type === 'string') throw scope.refuse(of, `CASE: ${type}`);
  const weights = values.map(constantOf).filter((weight) => weight !== undefined);
  const arms = whens.map((when, i) => [when, weights[i]!] as const);
  const score: Score | undefined =
    weights.length < values.length
      ? undefined
      : { terms: [{ kind: 'case', arms, otherwise: weights.at(-1)! }], constant: zero };
  const truths = whens.map((when) => truthOf(when, of, scope)).filter((truth) => truth !== undefined);
  const own = [...truths, ...values];
  if (
    truths.length === whens.length &&
    new Set(own.map(({ side }) => side).filter((side) => side !== undefined)).size <= 1
  ) {
    const sql = printCase(
      truths.map((truth, i) => [truth.sql, values[i]!.sql]),
      values.at(-1)!.sql,
    );
    return { ...made(sql, type, own, of, scope), score };
  }
  if (score !== undefined) return { kind: 'score', score };
  if (type.kind !== 'number') throw scope.refuse(of, bothTables);
  throw scope.refuse(
    of,
    values.some((value) => value.type.kind === 'null')
      ? 'a CASE over both tables needs an ELSE with a constant; without one the whole sum is NULL'
      : 'behind THEN and ELSE of a CASE over both tables stand weights: constants',
  );
}
