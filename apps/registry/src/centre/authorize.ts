import type { Person } from '@symbolon/service';
import { authorizeRoles, logReaders, type RolesFor } from '../common/authorize.ts';

/** Who may do what with records; whoever operates the server does not thereby see what is in it. */
const rolesFor: RolesFor = {
  ...logReaders,
  'record-type.read': ['data-steward', 'analyst', 'privacy-officer', 'auditor', 'operator'],
  'record-type.add': ['data-steward'],
  'research.read': ['analyst', 'privacy-officer', 'auditor'],
  'research.ask': ['analyst'],
  'research.approve': ['privacy-officer'],
  'record.export': ['privacy-officer'],
  'alarm.read': ['operator', 'privacy-officer', 'auditor'],
  'alarm.see': ['operator', 'privacy-officer'],
};

/** Throws `forbidden`. @param action as in a contract; what is neither about records nor the log is an operator's */
export function authorizeCentre(person: Person, action: string): void {
  authorizeRoles(rolesFor, person, action);
}
