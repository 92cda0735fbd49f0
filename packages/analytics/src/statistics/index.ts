export type { Estimate, Interval, Note, NoteCode, Result, Test } from './result.ts';
