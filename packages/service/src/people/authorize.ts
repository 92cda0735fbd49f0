import { fault } from '@symbolon/crypto';
import { hasRole, type Person } from './person.ts';

/**
 * Who may do what on a server that only its operators use: everybody sees to their own account, operators do the rest. Throws `forbidden`.
 * @param action as in a contract; those on the caller's own account begin with `self.`
 */
export function authorizeOperator(person: Person, action: string): void {
  if (action.startsWith('self.') || hasRole(person, 'operator')) return;
  throw fault('forbidden', `${person.id} may not do this: ${action}`, {
    culprit: person.id,
    hint: 'It takes the role operator. Ask whoever manages users.',
  });
}
