export {
  type Bounds,
  type Branch,
  type Circuit,
  columnsOf,
  mostNodes,
  type Node,
  type Proven,
  proveCircuit,
} from './circuit/circuit.ts';
export { circuitSchema } from './circuit/schema.ts';
export { decryptSlots, type Result } from './decrypt/decrypt.ts';
export { clearNodes, openTotals, type Part } from './open.ts';
export { freshPrimes, mostDepth, parametersId, plainModulus, primes, resultPrime, slotCount } from './parameters.ts';
export { aggregatesOf } from './question/aggregates.ts';
export { answer, cellTotals } from './question/answer.ts';
export { type Domain, domainOf, type EncryptedColumn, specOf } from './question/domains.ts';
export { type CellPlan, type Linear, type Translated, translate } from './question/translate.ts';
export { ScoreChecks } from './score/checks.ts';
export { ScoreEvaluator } from './score/evaluator.ts';
export {
  clearScore,
  type Feature,
  layOutScores,
  proveModel,
  type ScoreBounds,
  type ScoreLayout,
  type ScoreModel,
  scoreChecks,
} from './score/model.ts';
export { openScores, Scores, scoreResultBytes } from './score/open.ts';
export { generateScoreKey, ScoreEncryptor, scoreResultKey } from './score/owner.ts';
export { scoreParametersId, scoreSlots } from './score/parameters.ts';
export { CircuitEvaluator, type ColumnSource } from './seal/evaluator.ts';
export { generateKeys, resultKey, SlotDecryptor, SlotEncryptor, type TableKeys } from './seal/owner.ts';
export { Checks, missedWith } from './table/checks.ts';
export { encodeChunk, moveChunk, type Row } from './table/encode.ts';
export {
  bandId,
  bandsOf,
  type ColumnSpec,
  checkSlots,
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
export { boundsOf, keyIdOf, type Manifest, signManifest, verifyManifest } from './upload/manifest.ts';
export {
  type Place,
  readRecord,
  readResults,
  recordBytes,
  resultsBytes,
  signRecord,
  signStored,
  uploadBytes,
  verifyRecord,
  writeRecord,
  writeResults,
} from './upload/records.ts';
export { type LastCiphertext, relinBytes, type SeededCiphertext } from './wire/seal-format.ts';
export { packedBytes, packWords, unpackWords } from './wire/words.ts';
