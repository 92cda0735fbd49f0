/** What a study may be: its SELECT of aggregates, or one of the statistical methods of `analytics`. */
export const studyMethods = [
  'select',
  'describe',
  'histogram',
  'crosstab',
  'risk',
  't-test',
  'correlation',
  'before-after',
  'difference-in-differences',
  'linear-regression',
  'logistic-regression',
  'survival',
] as const;
/** What an owner may have computed on its encrypted tables: studies, and a score of each patient, for its own eyes. */
export const sealedMethods = [...studyMethods, 'score'] as const;
/** One of {@link sealedMethods}. */
export type SealedMethod = (typeof sealedMethods)[number];
/** One of {@link studyMethods}. */
export type StudyMethod = (typeof studyMethods)[number];
