// The server's side alone: what a process that evaluates has to load.
export type { Circuit } from './circuit/circuit.ts';
export { CircuitEvaluator } from './seal/evaluator.ts';
export { readRecord, recordBytes, writeResults } from './upload/records.ts';
