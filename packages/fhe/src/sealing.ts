// The owner's side alone: what a process that encrypts has to load.
export type { Circuit } from './circuit/circuit.ts';
export { clearNodes } from './open.ts';
export { generateKeys, SlotDecryptor, SlotEncryptor, type TableKeys } from './seal/owner.ts';
export { Checks } from './table/checks.ts';
export { encodeChunk, moveChunk, type Row } from './table/encode.ts';
export { type ColumnSpec, type Layout, layOut } from './table/layout.ts';
export { readRecord, recordBytes, writeRecord } from './upload/records.ts';
