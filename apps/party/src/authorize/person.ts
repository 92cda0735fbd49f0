import { type Role, roles } from '@symbolon/agreement';
import { fault } from '@symbolon/crypto';
import type { Person } from '@symbolon/service';
import { peoplePolicies, reference, type Verdict } from './cedar.ts';

/**
 * Whether somebody of this organisation may do what a contract's `action` says. @throws SymbolonError `forbidden`, with the roles that may
 * and the policy in words
 */
export function authorizePerson({ kind, id, roles: held }: Person, action: string): void {
  if (decide(held, action).permitted) return;
  const allowing = roles.filter((role) => decide([role], action).permitted);
  const words = new Set(allowing.flatMap((role) => decide([role], action).policies.map((policy) => policy.words)));
  const has = held.length === 0 ? 'no role' : `the role${held.length === 1 ? '' : 's'} ${held.join(', ')}`;
  throw fault('forbidden', `${id} has ${has} here, and that is not enough to do this: ${action}`, {
    culprit: id,
    hint:
      allowing.length === 0
        ? 'No policy permits this to anybody.'
        : `${[...words].join(' ')} ${kind === 'owner' ? toOwner : 'An operator gives roles: symbolon user roles'}`,
  });
}

const toOwner = 'As there are users, one of them does it, logged in: symbolon login USER';

/** What each role may do, as the policies say. @param actions those to list */
export function allowedTo(role: Role, actions: readonly string[]): string[] {
  return actions.filter((action) => decide([role], action).permitted);
}

function decide(held: readonly Role[], action: string): Verdict {
  // Policies look at roles alone: which user it is makes no difference, and no id can.
  const uid = { type: 'User', id: 'somebody' };
  return peoplePolicies.decide({
    principal: uid,
    action,
    resource: { type: 'Organisation', id: 'here' },
    entities: [{ uid, attrs: { roles: held.map((role) => reference('Role', role)) } }],
  });
}
