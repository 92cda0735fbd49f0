import { demand, fields, isWithin } from '../fields.ts';
import { type Outcome, parseCardinality, parseLearners } from '../outcome.ts';
import type { PsiRows } from './shape.ts';

/** Between which tables, and what becomes known to whom. */
export interface PsiTerms extends Pick<Outcome, 'cardinality' | 'to'> {
  readonly rows: readonly [a: number, b: number];
}

/** A rule that is one equality: an intersection by key. What is revealed is pairs. */
export interface KeysProgram extends PsiTerms {
  readonly protocol: 'link-keys/1';
}

const mostRows = 2 ** 22;

export function parseKeys(value: unknown): KeysProgram {
  const [protocol, rows, cardinality, to] = fields(value, 'program', ['protocol', 'rows', 'cardinality', 'to']);
  demand(protocol === 'link-keys/1', 'protocol is link-keys/1');
  const valid = Array.isArray(rows) && rows.length === 2 && rows.every((n) => isWithin(n, 1, mostRows));
  demand(valid, `rows are two numbers of 1 to ${mostRows}`);
  return {
    protocol: 'link-keys/1',
    rows: rows as unknown as [number, number],
    cardinality: parseCardinality(cardinality),
    to: parseLearners(to),
  };
}

/** Place of the receiver: the one party that learns; p0 where both do. */
export function receiverOf({ to }: Pick<PsiTerms, 'to'>): 0 | 1 {
  return to[0] === 1 ? 1 : 0;
}

/** What belongs to p0 and p1 as the receiver's, then the sender's; and back. */
export function byRole<T>([x, y]: readonly [T, T], terms: Pick<PsiTerms, 'to'>): readonly [T, T] {
  return receiverOf(terms) === 0 ? [x, y] : [y, x];
}

export function rowsByRole(terms: PsiTerms): PsiRows {
  return byRole(terms.rows, terms);
}

/** Whether both learn: the sender is told what the receiver found. */
export function bothLearn({ to }: Pick<PsiTerms, 'to'>): boolean {
  return to.length === 2;
}

/**
 * Receiver, sender: whether rows that share a key with an earlier one of their table are in the result. Where one alone learns, none of the
 * sender's are: it does not know which met, and tells nothing of the others.
 */
export function sharing(terms: PsiTerms): readonly [receiver: boolean, sender: boolean] {
  const { cardinality } = terms;
  const [receiver, sender] = byRole([cardinality !== 'one-to-one', cardinality === 'many-to-many'], terms);
  return [receiver, sender && bothLearn(terms)];
}
