export { type LogVerdict, verifyLog } from './audit.ts';
export { type Checkpoint, parseCheckpoint, signCheckpoint } from './checkpoint.ts';
export { entryHash, Log } from './log.ts';
export { noteKeyId, openNote, signNote } from './note.ts';
export { emptyRoot, leafHash, nodeHash, verifyConsistency, verifyInclusion } from './proofs.ts';
export { type LogRecord, type LogStore, MemoryLogStore } from './store.ts';
export { HashTree } from './tree.ts';
