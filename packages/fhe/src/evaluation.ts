// The server's side alone: what a process that evaluates has to load.
export type { Circuit } from './circuit/circuit.ts';
export { ScoreEvaluator } from './score/evaluator.ts';
export type { Feature, ScoreModel } from './score/model.ts';
export { CircuitEvaluator, type ColumnSource } from './seal/evaluator.ts';
export { warmUp } from './seal/library.ts';
export type { SecretModel } from './seal/private-inputs.ts';
export type { TableKind } from './upload/manifest.ts';
export { recordForms, writeResults } from './upload/records.ts';
