import { fault } from '@symbolon/crypto';
import { authorizeOperator, hasRole, type Person, type Role } from '@symbolon/service';

/** Who may do what with records; whoever operates the server does not thereby see what is in it. */
const rolesFor: Readonly<Record<string, readonly Role[]>> = {
  'record-type.read': ['data-steward', 'analyst', 'privacy-officer', 'auditor', 'operator'],
  'record-type.add': ['data-steward'],
  'research.read': ['analyst', 'privacy-officer', 'auditor'],
  'research.ask': ['analyst'],
  'research.approve': ['privacy-officer'],
  'record.export': ['privacy-officer'],
  'alarm.read': ['operator', 'privacy-officer', 'auditor'],
  'alarm.see': ['operator', 'privacy-officer'],
};

/** Throws `forbidden`. @param action as in a contract; what is not about records is an operator's */
export function authorizeCentre(person: Person, action: string): void {
  const wanted = Object.hasOwn(rolesFor, action) ? rolesFor[action] : undefined;
  if (wanted === undefined) {
    authorizeOperator(person, action);
    return;
  }
  if (wanted.some((role) => hasRole(person, role))) return;
  throw fault('forbidden', `${person.id} may not do this: ${action}`, {
    culprit: person.id,
    hint: `It takes one of the roles ${wanted.join(', ')}. Ask whoever manages users.`,
  });
}
