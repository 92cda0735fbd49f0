export type { BoundMethod, BoundRows, Named, Reduction, RowMethod } from './bound-method.ts';
export { type Method, type MethodName, methodNames } from './methods.ts';
export { checkStudy, parseStudyFile, type Study, studyTextHash } from './study.ts';
