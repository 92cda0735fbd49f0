export { type LogVerdict, verifyLog } from './audit.ts';
export { type Checkpoint, parseCheckpoint, signCheckpoint } from './checkpoint.ts';
export { entryHash, Log } from './log.ts';
export { noteKeyId, openNote, signNote } from './note.ts';
export { emptyRoot, leafHash, nodeHash, verifyConsistency, verifyInclusion } from './proofs.ts';
export { type Addition, type LogReader, type LogRecord, type LogStore, MemoryLogStore, type Outcome } from './store.ts';
export { HashTree } from './tree.ts';
