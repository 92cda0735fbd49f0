import { type StudyCost, type StudyPad, studyCost, studyPads } from './cost.ts';
import { dealStudy } from './dealer.ts';
import { parseStudyProgram } from './parse.ts';
import type { StudyProgram } from './program.ts';
import { type StudyOptions, StudySession } from './session.ts';

/** What every role derives from a program. */
export const studyProtocol: {
  /** Strict; throws `plan-invalid` with the rule that is broken. */
  parse(value: unknown): StudyProgram;
  cost(program: StudyProgram): StudyCost;
  /** How the full-length pads of a party are laid out in the stream that it gets. */
  pads(program: StudyProgram, owner: number): StudyPad[];
  /** The answer key, chunk by chunk, all for p0. Runs at: the key service. Learns: nothing. */
  deal: typeof dealStudy;
  open(options: StudyOptions): StudySession;
} = {
  parse: parseStudyProgram,
  cost: studyCost,
  pads: studyPads,
  deal: dealStudy,
  open: (options) => new StudySession(options),
};
