import { type LinkAgreement, linkTerms } from '@symbolon/agreement';
import { SymbolonError } from '@symbolon/crypto';
import { type PlanCost, planCostOf, planLink } from '@symbolon/linkage';
import type { DuckDb } from '@symbolon/service';
import { learners } from '../authorize.ts';
import { compileRules } from '../link/input.ts';

/** What a link costs, from public sizes alone. */
export interface BlockingCost {
  /** The way that it would run: with keys, all pairs may still be cheaper. */
  readonly kind: PlanCost['kind'];
  readonly sessions: number;
  /** Payload that both parties and the key service send, together. */
  readonly bytes: number;
  /** About, on a machine like that of the benches. */
  readonly seconds: number;
}

/** The rest of what a link costs beside its keys. */
export interface CostParams {
  readonly agreement: LinkAgreement;
  /** Rows of a, of b. */
  readonly rows: readonly [a: number, b: number];
  readonly shardEntries: number;
  readonly duck: DuckDb;
}

/** What the link of an agreement would cost with other blocking keys, or with none; null where it could not run so. */
export async function costOf(
  blocking: { readonly keys: readonly string[]; readonly cap: number } | undefined,
  { agreement, rows, shardEntries, duck }: CostParams,
): Promise<BlockingCost | null> {
  const { blocking: _, ...link } = agreement.link;
  const changed: LinkAgreement = { ...agreement, link: { ...link, ...(blocking === undefined ? {} : { blocking }) } };
  const rules = await compileRules(changed, duck);
  try {
    const plan = planLink(rules, { ...linkTerms(changed), to: learners(changed) }, rows, shardEntries);
    const { kind, sessions, sentBytes, answerKeyBytes, seconds } = planCostOf(plan);
    return { kind, sessions, bytes: sentBytes[0] + sentBytes[1] + answerKeyBytes, seconds };
  } catch (error) {
    if (error instanceof SymbolonError && error.code === 'plan-invalid') return null;
    throw error;
  }
}
