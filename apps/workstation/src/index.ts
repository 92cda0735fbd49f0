export { type Agent, startAgent } from './agent/server.ts';
export { driversFor } from './card/drivers.ts';
export { cardName, chooseCard, type FoundCard, findCards, type Wanted } from './card/find.ts';
export { listReaders, type OpenCard, openCard } from './card/open-card.ts';
export type { CardName, Reader, Token } from './card/requests.ts';
export { type Settings, serversOf, settingsOf } from './config.ts';
export { exerciseRight, exportAsPatient, type PatientAsks, viewAsPatient } from './visit/patient.ts';
export {
  type OpenPractice,
  type PatientCard,
  Practice,
  type ProfessionalCard,
  type Visit,
  type Visited,
  type VisitStep,
} from './visit/practice.ts';
export { addRecord, readRecords, type Written } from './visit/records.ts';
