import { type Role, roles } from '@symbolon/agreement';

export { type Role, roles };

/** What each role is for, in words. */
export const roleWords: Readonly<Record<Role, string>> = {
  'data-steward': 'keeps data sets and says what each column may be used for',
  'privacy-officer': 'signs agreements and approves what others want to run',
  analyst: 'writes links and studies, runs them, and reads their results',
  operator: 'keeps the server: users, partners, settings',
  auditor: 'reads the log and what stands behind it, and changes nothing',
};

/**
 * Somebody of this organisation who asks its server for something. The owner is whoever can open the socket in the organisation's folder;
 * a user has an account on the server, or comes from the organisation's identity provider.
 */
export interface Person {
  readonly kind: 'owner' | 'user';
  /** `owner`, or the user's id. */
  readonly id: string;
  readonly roles: readonly Role[];
}

/** The owner's id; no user can have it. */
export const ownerId = 'owner';
/** Who makes users that log in over an identity provider, in the log; no user can have it. */
export const identityProvider = 'identity-provider';
/** What the ids of such users begin with; no other user's does. */
export const providedPrefix = 'sso-';

/** Whether a user of this server may be called so. */
export function isUserId(id: string): boolean {
  return (
    /^[a-z][a-z0-9.-]{1,30}$/.test(id) && id !== ownerId && id !== identityProvider && !id.startsWith(providedPrefix)
  );
}

/** Who opens the socket: everything, as long as the server has no users; an operator from then on. */
export function owner(usersExist: boolean): Person {
  return { kind: 'owner', id: ownerId, roles: usersExist ? ['operator'] : roles };
}

/** Whether somebody has a role. */
export function hasRole(person: Person, role: Role): boolean {
  return person.roles.includes(role);
}

/**
 * Who of those that approved something counts where two people are required: each once, and not who asked for it. Nobody approves their
 * own request; the owner is one person like any other.
 */
export function independentApprovers(askedBy: string, approvers: readonly string[]): string[] {
  return [...new Set(approvers)].filter((id) => id !== askedBy);
}
