export { expectedSeconds, type StudyCost, type StudyPad } from './cost.ts';
export type { EntryColumns, EntryTools, MeetEntries, SpokeEntries, StudyInput } from './input.ts';
export { type MeetShares, meetInputs, meetParts, meetWires, rowLayout, where } from './meet.ts';
export { meetLimits } from './parse.ts';
export { binsOf, leastHubEntries, type Meet, type MeetColumn, type StudyProgram } from './program.ts';
export { studyProtocol } from './protocol.ts';
export type { StudyOptions, StudySession, StudyYield } from './session.ts';
