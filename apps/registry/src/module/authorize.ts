import type { Person } from '@symbolon/service';
import { authorizeRoles, logReaders } from '../common/authorize.ts';

/** Operators do all at a module, but read its log. Throws `forbidden`. @param action as in a contract */
export function authorizeModule(person: Person, action: string): void {
  authorizeRoles(logReaders, person, action);
}
