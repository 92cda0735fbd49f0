import type { LinkAgreement } from '@symbolon/agreement';
import { fault } from '@symbolon/crypto';
import type { CompiledRule } from '@symbolon/linkage';

/** Throws `agreement-invalid` where the best match is to be picked and the rule does not say which is better: it must be one weighted sum. */
export function requireScore(prefer: LinkAgreement['link']['prefer'] | undefined, { verdict }: CompiledRule): void {
  if (prefer !== 'best' || (typeof verdict === 'object' && 'score' in verdict)) return;
  throw fault('agreement-invalid', 'link.prefer: best needs a rule that is one weighted sum, held against a number', {
    culprit: 'link.prefer',
    hint: 'Take the first of several matches, or see weighted sums in docs/rules.md.',
  });
}
