export { type Coached, type CohortOptions, coachedPatients, coachingTruth } from './coaching/cohort.ts';
export {
  type CoachingName,
  type CoachingTable,
  coachingTables,
  writeCoaching,
  writeCoachingTables,
} from './coaching/tables.ts';
export {
  efficacyTruth,
  isChosen,
  type TreatedPatient,
  treatedPatients,
  writeTreatedPatients,
} from './efficacy/patients.ts';
export { type FaultKind, injectFault, type SetFault, type WireFault } from './faults.ts';
export { type Network, type NetworkSetUp, type PartySetUp, type Server, startNetwork } from './network.ts';
export { type ErrorRates, usualErrors } from './people/errors.ts';
export { type FieldErrors, febrl4Errors, type RegisterErrors } from './people/febrl4.ts';
export { writePeople } from './people/files.ts';
export { type GeneratedPeople, generatePeople, type PeopleOptions, type PersonRow } from './people/generate.ts';
export { type RegisterOptions, type RegisterRow, registerRows, writeRegisters } from './people/registers.ts';
export { type RecordedStream, type Recorder, recordWires } from './recorder.ts';
export * from './smartcards.ts';
