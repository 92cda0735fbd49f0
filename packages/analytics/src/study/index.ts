export { bindMethod, methodHash } from './bind-method.ts';
export type { BoundMethod, BoundRows, Named, Reduction, RowMethod } from './bound-method.ts';
export { largestRelativeDifference } from './difference.ts';
export { explainMethod } from './explain-method.ts';
export { finishMethod } from './finish.ts';
export { runMethodClear } from './method-clear.ts';
export { type Method, type MethodName, methodNames } from './methods.ts';
export { checkStudy, parseStudyFile, type Study, studyTextHash } from './study.ts';
export { type FileText, type FileValue, readYaml } from './yaml.ts';
