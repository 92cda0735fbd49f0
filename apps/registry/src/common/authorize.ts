import { fault } from '@symbolon/crypto';
import { authorizeOperator, hasRole, type Person, type Role } from '@symbolon/service';

/** Roles of which one is enough, by action. */
export type RolesFor = Readonly<Record<string, readonly Role[]>>;

/** Those who read a server's log: it says which physician had to do with whom, by number, and is no operator's to read. */
export const logReaders: RolesFor = {
  'log.list': ['auditor', 'privacy-officer'],
  'log.show': ['auditor', 'privacy-officer'],
  'log.export': ['auditor', 'privacy-officer'],
};

/** Throws `forbidden`. @param action as in a contract; what `rolesFor` does not name is an operator's */
export function authorizeRoles(rolesFor: RolesFor, person: Person, action: string): void {
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
