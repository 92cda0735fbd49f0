import { z } from 'zod';
import { bytes32 } from '../shapes.ts';
import { isUserId, roles } from './person.ts';

export const userId = z
  .string()
  .max(31)
  .refine(isUserId, 'must be 2 to 31 small letters, digits, - and ., and no name that has a meaning here');
/** Also ids that only the server gives. */
export const anyUserId = z.string().regex(/^[a-z][a-z0-9.-]{1,63}$/, 'must be the id of a user');
export const displayName = z
  .string()
  .min(1)
  .max(64)
  .regex(/^[^\p{C}\p{Zl}\p{Zp}]+$/u, 'must be one line of text');
export const someRoles = z.array(z.enum(roles)).max(roles.length);
export const wantedRoles = someRoles
  .min(1)
  .refine((list) => new Set(list).size === list.length, 'must name each role once');
// Longer than anybody types; argon2id takes any length.
export const password = z.string().min(1).max(256);

export const account = z
  .strictObject({
    id: z.string(),
    name: z.string(),
    roles: someRoles,
    source: z.enum(['local', 'oidc']).describe('Has an account here, or comes from the identity provider'),
    disabled: z.boolean(),
    createdAt: z.iso.datetime(),
  })
  .meta({ id: 'User' });

export const session = z
  .strictObject({
    id: bytes32.describe('Not a secret: the hash of its token'),
    kind: z.enum(['cookie', 'token']),
    method: z.enum(['password', 'passkey', 'oidc']),
    createdAt: z.iso.datetime(),
    usedAt: z.iso.datetime(),
    expiresAt: z.iso.datetime().describe('When it ends at the latest'),
  })
  .meta({ id: 'Session' });

export const entered = z
  .strictObject({
    user: account,
    session,
    token: z.string().exactOptional().describe('To show as bearer token; not with a cookie'),
    csrf: z.string().exactOptional().describe('To send as x-csrf-token with whatever changes something; with a cookie'),
    device: z.string().exactOptional().describe('To send at the next login; with a cookie it is one too'),
  })
  .meta({ id: 'Entered' });

export const setupCode = z
  .strictObject({
    id: z.string(),
    code: z.string().describe('Sets a password, once'),
    expiresAt: z.iso.datetime(),
  })
  .meta({ id: 'SetupCode' });

export const passkey = z
  .strictObject({ id: z.string(), name: z.string(), createdAt: z.iso.datetime(), usedAt: z.iso.datetime().nullable() })
  .meta({ id: 'Passkey' });

export const webAuthnOptions = z.record(z.string(), z.unknown());
export const way = {
  session: z.enum(['cookie', 'token']).default('token').describe('How the token of the session travels'),
  device: bytes32.exactOptional().describe('What the last login from here gave'),
};
export const loginErrors = ['unauthenticated', 'too-many-requests'] as const;
export const byId = z.strictObject({ id: anyUserId });
