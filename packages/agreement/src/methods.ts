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
/** One of {@link studyMethods}. */
export type StudyMethod = (typeof studyMethods)[number];
