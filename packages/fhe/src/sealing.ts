// The owner's side alone: what processes that encrypt, and that hold a secret key, have to load.
export type { Circuit } from './circuit/circuit.ts';
export { resultKey } from './decrypt/decrypt.ts';
export { clearNodes, openTotals, type Part } from './open.ts';
export { ScoreChecks } from './score/checks.ts';
export { type FeatureColumn, featuresOfRow } from './score/feature.ts';
export { clearScore, layOutScores, linearForm, proveModel, type ScoreModel, scoreOf } from './score/model.ts';
export { openScores } from './score/open.ts';
export { generateScoreKey, ScoreCipher, scoreResultKey } from './score/owner.ts';
export { generateKeys, SlotCipher, type TableKeys } from './seal/owner.ts';
export { Checks } from './table/checks.ts';
export { encodeChunk, moveChunk, type Row } from './table/encode.ts';
export { type ColumnSpec, type Layout, layOut } from './table/layout.ts';
export { keyIdOf, type TableKind } from './upload/manifest.ts';
export { type RecordForm, recordForms } from './upload/records.ts';
export type { SeededCiphertext } from './wire/seal-format.ts';
