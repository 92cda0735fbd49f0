import { z } from 'zod';
import { identifierMask } from './screen/identifiers.ts';

/** What holds for the records of one module: part of its settings. */
export const recordSettings = z.strictObject({
  /** What the module's identifiers look like, as in 999-99-9999 (9: a digit, A: a letter): a record that has a text like it is refused. */
  identifierMasks: z.array(identifierMask).max(50).default([]),
  /** Fewest patients that stand behind a number of a study. */
  minPatients: z.int().min(3).max(10_000).default(10),
  /** People who approve a study before it runs, beside whoever asked for it. */
  studyApprovals: z.int().min(1).max(5).default(1),
  /** Records of others that a physician reads in a day before it can be an alarm; it is one where that is also four times the usual. */
  unusualReads: z.int().min(1).max(1_000_000).default(50),
});
/** See {@link recordSettings}. */
export type RecordSettings = z.output<typeof recordSettings>;
