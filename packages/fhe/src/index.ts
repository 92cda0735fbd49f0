export {
  type Bounds,
  type Circuit,
  columnsOf,
  mostNodes,
  type Node,
  type Proven,
  proveCircuit,
} from './circuit/circuit.ts';
export { decryptSlots, type Result } from './decrypt/decrypt.ts';
export { clearNodes, openTotals, type Part } from './open.ts';
export { freshPrimes, mostDepth, parametersId, plainModulus, primes, resultPrime, slotCount } from './parameters.ts';
export { CircuitEvaluator, type ColumnSource } from './seal/evaluator.ts';
export { generateKeys, resultKey, SlotEncryptor, type TableKeys } from './seal/owner.ts';
export { Checks, missedWith } from './table/checks.ts';
export { encodeChunk, type Row } from './table/encode.ts';
export {
  bandId,
  type ColumnSpec,
  checkSlots,
  digitId,
  digitsOf,
  type EncodedColumn,
  knownId,
  type Layout,
  layOut,
  type Value,
  validId,
  valueId,
} from './table/layout.ts';
export { type LastCiphertext, relinBytes, type SeededCiphertext } from './wire/seal-format.ts';
export { packedBytes, packWords, unpackWords } from './wire/words.ts';
