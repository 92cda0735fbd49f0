export { type MeetShares, meetInputs, meetWires } from './meet.ts';
export { binsOf, leastHubEntries, type Meet, type MeetColumn, type StudyProgram } from './program.ts';
