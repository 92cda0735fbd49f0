import type { Agreement } from '@symbolon/agreement';

type Purpose = NonNullable<Agreement['purpose']>;

/** Why Fred and Sally link. The assessment in docs/threat-model.md says the same. */
export const linkPurpose: Purpose = {
  text: 'Fred learns which of his members are patients of Sally, and is told of their emergencies, to help them soon',
  uses: ['CAREMGT'],
  legalBasis: ['GDPR 6(1)(b)', 'GDPR 9(2)(h)'],
};

/** Why the institute asks. */
export const coachingPurpose: Purpose = {
  text: 'Whether patients with a coaching app see specialists less often: averages by group, for the institute alone',
  uses: ['HRESCH'],
  legalBasis: ['GDPR 6(1)(e)', 'GDPR 9(2)(j)'],
};
