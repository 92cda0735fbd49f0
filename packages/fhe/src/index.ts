export {
  type Bounds,
  type Branch,
  type Circuit,
  columnsOf,
  mostNodes,
  type Node,
  type Proven,
  proveCircuit,
  secretOutputs,
} from './circuit/circuit.ts';
export { circuitSchema } from './circuit/schema.ts';
export { decryptSlots, type Result, resultKey } from './decrypt/decrypt.ts';
export { clearNodes, openTotals, type Part } from './open.ts';
export {
  freshPrimes,
  mostDepth,
  mostSecretDepth,
  parametersId,
  plainModulus,
  primes,
  resultPrime,
  slotCount,
} from './parameters.ts';
export { aggregatesOf } from './question/aggregates.ts';
export { answer, cellTotals } from './question/answer.ts';
export { type Domain, domainOf, type EncryptedColumn, featureOf, specOf } from './question/domains.ts';
export { type CellPlan, type Linear, type Translated, translate } from './question/translate.ts';
export { ScoreChecks } from './score/checks.ts';
export { ScoreEvaluator } from './score/evaluator.ts';
export { type FeatureColumn, featuresOfRow } from './score/feature.ts';
export {
  clearScore,
  type Feature,
  isModel,
  layOutScores,
  linearForm,
  proveModel,
  type ScoreBounds,
  type ScoreLayout,
  type ScoreModel,
  scoreChecks,
  scoreModelSchema,
} from './score/model.ts';
export { openScores, Scores } from './score/open.ts';
export { generateScoreKey, ScoreCipher, scoreResultKey } from './score/owner.ts';
export { scoreParametersId, scoreResultBytes, scoreSlots } from './score/parameters.ts';
export { CircuitEvaluator, type ColumnSource } from './seal/evaluator.ts';
export { generateKeys, SlotCipher, type TableKeys } from './seal/owner.ts';
export { type SecretModel, type Secrets, uniform } from './seal/private-inputs.ts';
export { Checks, missedWith } from './table/checks.ts';
export { encodeChunk, moveChunk, type Row } from './table/encode.ts';
export {
  bandId,
  bandsOf,
  type ColumnSpec,
  checkSlots,
  countedId,
  digitId,
  digitsOf,
  type EncodedColumn,
  type Layout,
  layOut,
  unknownId,
  type Value,
  validId,
  valueId,
} from './table/layout.ts';
export {
  boundsOf,
  type FeatureManifest,
  featuresOf,
  keyIdOf,
  kindOf,
  type Manifest,
  signManifest,
  type TableKind,
  type TableManifest,
  verifyManifest,
} from './upload/manifest.ts';
export {
  type Place,
  type RecordForm,
  readRecord,
  readResults,
  recordBytes,
  recordForms,
  resultsBytes,
  signatureBytes,
  signRecord,
  signStored,
  uploadBytes,
  verifyRecord,
  writeRecord,
  writeResults,
} from './upload/records.ts';
export { type LastCiphertext, relinBytes, type SeededCiphertext } from './wire/seal-format.ts';
export { packedBytes, packWords, unpackWords } from './wire/words.ts';
