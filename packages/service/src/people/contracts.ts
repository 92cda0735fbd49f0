import { z } from 'zod';
import { contract, nothing, pageOf, pageQuery } from '../contract.ts';
import { bytes32 } from '../shapes.ts';
import { assertionResponse, credentialId, registrationResponse } from './passkey-shapes.ts';
import { isUserId, roles } from './person.ts';

const userId = z
  .string()
  .max(31)
  .refine(isUserId, 'must be 2 to 31 small letters, digits, - and ., and no name that has a meaning here');
/** Also ids that only the server gives. */
const anyUserId = z.string().regex(/^[a-z][a-z0-9.-]{1,63}$/, 'must be the id of a user');
const displayName = z
  .string()
  .min(1)
  .max(64)
  .regex(/^[^\p{C}\p{Zl}\p{Zp}]+$/u, 'must be one line of text');
const someRoles = z.array(z.enum(roles)).max(roles.length);
const wantedRoles = someRoles.min(1).refine((list) => new Set(list).size === list.length, 'must name each role once');
// Longer than anybody types; argon2id takes any length.
const password = z.string().min(1).max(256);

const account = z
  .strictObject({
    id: z.string(),
    name: z.string(),
    roles: someRoles,
    source: z.enum(['local', 'oidc']).describe('Has an account here, or comes from the identity provider'),
    disabled: z.boolean(),
    createdAt: z.iso.datetime(),
  })
  .meta({ id: 'User' });

const session = z
  .strictObject({
    id: bytes32.describe('Not a secret: the hash of its token'),
    kind: z.enum(['cookie', 'token']),
    method: z.enum(['password', 'passkey', 'oidc']),
    createdAt: z.iso.datetime(),
    usedAt: z.iso.datetime(),
    expiresAt: z.iso.datetime().describe('When it ends at the latest'),
  })
  .meta({ id: 'Session' });

const entered = z
  .strictObject({
    user: account,
    session,
    token: z.string().exactOptional().describe('To show as bearer token; not with a cookie'),
    csrf: z.string().exactOptional().describe('To send as x-csrf-token with whatever changes something; with a cookie'),
    device: z.string().exactOptional().describe('To send at the next login; with a cookie it is one too'),
  })
  .meta({ id: 'Entered' });

const setupCode = z
  .strictObject({
    id: z.string(),
    code: z.string().describe('Sets a password, once'),
    expiresAt: z.iso.datetime(),
  })
  .meta({ id: 'SetupCode' });

const passkey = z
  .strictObject({ id: z.string(), name: z.string(), createdAt: z.iso.datetime(), usedAt: z.iso.datetime().nullable() })
  .meta({ id: 'Passkey' });

const webAuthnOptions = z.record(z.string(), z.unknown());
const way = {
  session: z.enum(['cookie', 'token']).default('token').describe('How the token of the session travels'),
  device: bytes32.exactOptional().describe('What the last login from here gave'),
};
const loginErrors = ['unauthenticated', 'too-many-requests'] as const;
const byId = z.strictObject({ id: anyUserId });

export const logIn = contract({
  name: 'logIn',
  summary: 'Log in with a password',
  action: null,
  method: 'POST',
  path: '/v1/login',
  body: z.strictObject({ user: z.string().min(1).max(64), password, ...way }),
  answer: entered,
  secret: true,
  errors: loginErrors,
});

export const passkeyLoginOptions = contract({
  name: 'passkeyLoginOptions',
  summary: 'What a browser needs to ask for a passkey (PublicKeyCredentialRequestOptionsJSON)',
  action: null,
  method: 'POST',
  path: '/v1/login/passkey/options',
  answer: webAuthnOptions,
  secret: true,
  errors: ['conflict'],
});

export const logInWithPasskey = contract({
  name: 'logInWithPasskey',
  summary: 'Log in with a passkey',
  action: null,
  method: 'POST',
  path: '/v1/login/passkey',
  body: z.strictObject({ response: assertionResponse, ...way }),
  answer: entered,
  secret: true,
  errors: loginErrors,
});

export const leaveForProvider = contract({
  name: 'leaveForProvider',
  summary: 'Sends a browser to the identity provider of the organisation',
  action: null,
  method: 'GET',
  path: '/v1/login/provider',
  answer: nothing,
  errors: ['not-found', 'peer-gone'],
});

export const arriveFromProvider = contract({
  name: 'arriveFromProvider',
  summary: 'Where the identity provider sends browsers back to; sets the cookie of a session',
  action: null,
  method: 'GET',
  path: '/v1/login/provider/callback',
  query: z.record(z.string().max(64), z.string().max(4096)),
  answer: nothing,
  errors: [...loginErrors, 'forbidden', 'not-found'],
});

export const setUpPassword = contract({
  name: 'setUpPassword',
  summary: 'Set a password with the code that whoever manages users gave you; it works once',
  action: null,
  method: 'POST',
  path: '/v1/setup',
  body: z.strictObject({ code: bytes32, password }),
  answer: z.strictObject({ user: z.string() }),
  secret: true,
  errors: [...loginErrors, 'password-weak'],
});

export const logOut = contract({
  name: 'logOut',
  summary: 'End this session',
  action: 'self.manage',
  method: 'POST',
  path: '/v1/logout',
  answer: nothing,
  secret: true,
});

export const getMe = contract({
  name: 'getMe',
  summary: 'Who I am here',
  action: 'self.show',
  method: 'GET',
  path: '/v1/me',
  answer: z.strictObject({
    kind: z.enum(['owner', 'user']),
    id: z.string(),
    name: z.string(),
    roles: someRoles,
    session: session.exactOptional(),
    csrf: z.string().exactOptional(),
  }),
  secret: true,
});

export const changePassword = contract({
  name: 'changePassword',
  summary: 'Change my password; my other sessions end',
  action: 'self.manage',
  method: 'POST',
  path: '/v1/me/password',
  body: z.strictObject({ old: password, new: password }),
  answer: nothing,
  secret: true,
  errors: [...loginErrors, 'password-weak'],
});

export const listSessions = contract({
  name: 'listSessions',
  summary: 'Where I am logged in, newest first',
  action: 'self.show',
  method: 'GET',
  path: '/v1/me/sessions',
  answer: z.array(session),
});

export const endSession = contract({
  name: 'endSession',
  summary: 'End one of my sessions',
  action: 'self.manage',
  method: 'DELETE',
  path: '/v1/me/sessions/:id',
  params: z.strictObject({ id: bytes32 }),
  answer: nothing,
  errors: ['not-found'],
});

export const listPasskeys = contract({
  name: 'listPasskeys',
  summary: 'My passkeys, oldest first',
  action: 'self.show',
  method: 'GET',
  path: '/v1/me/passkeys',
  answer: z.array(passkey),
});

export const passkeyOptions = contract({
  name: 'passkeyOptions',
  summary: 'What a browser needs to make a passkey (PublicKeyCredentialCreationOptionsJSON)',
  action: 'self.manage',
  method: 'POST',
  path: '/v1/me/passkeys/options',
  answer: webAuthnOptions,
  secret: true,
  errors: ['conflict', 'unauthenticated'],
});

export const addPasskey = contract({
  name: 'addPasskey',
  summary: 'Keep a passkey that the browser made',
  action: 'self.manage',
  method: 'POST',
  path: '/v1/me/passkeys',
  body: z.strictObject({ name: displayName, response: registrationResponse }),
  answer: passkey,
  secret: true,
  errors: ['conflict', 'unauthenticated'],
});

export const removePasskey = contract({
  name: 'removePasskey',
  summary: 'Remove one of my passkeys',
  action: 'self.manage',
  method: 'DELETE',
  path: '/v1/me/passkeys/:id',
  params: z.strictObject({ id: credentialId }),
  answer: nothing,
  errors: ['not-found'],
});

export const listUsers = contract({
  name: 'listUsers',
  summary: 'The users of this server, by id',
  action: 'user.list',
  method: 'GET',
  path: '/v1/users',
  query: pageQuery,
  answer: pageOf(account),
});

export const getUser = contract({
  name: 'getUser',
  summary: 'One user',
  action: 'user.list',
  method: 'GET',
  path: '/v1/users/:id',
  params: byId,
  answer: account,
  errors: ['not-found'],
});

export const addUser = contract({
  name: 'addUser',
  summary: 'Make a user; the answer has the code with which that user sets a password',
  action: 'user.add',
  method: 'POST',
  path: '/v1/users',
  body: z.strictObject({ id: userId, name: displayName, roles: wantedRoles }),
  answer: setupCode,
  secret: true,
  errors: ['conflict'],
});

export const setUserRoles = contract({
  name: 'setUserRoles',
  summary: 'Give a user these roles and no others; that user is logged out',
  action: 'user.change',
  method: 'POST',
  path: '/v1/users/:id/roles',
  params: byId,
  body: z.strictObject({ roles: wantedRoles }),
  answer: account,
  errors: ['not-found', 'conflict'],
});

export const setUserDisabled = contract({
  name: 'setUserDisabled',
  summary: 'Disable a user, who is logged out at once, or enable one again',
  action: 'user.change',
  method: 'POST',
  path: '/v1/users/:id/disabled',
  params: byId,
  body: z.strictObject({ disabled: z.boolean() }),
  answer: account,
  errors: ['not-found', 'conflict'],
});

export const renewSetupCode = contract({
  name: 'renewSetupCode',
  summary: 'A new code for a user who lost the password; the old password holds until it is used',
  action: 'user.change',
  method: 'POST',
  path: '/v1/users/:id/setup',
  params: byId,
  answer: setupCode,
  secret: true,
  errors: ['not-found', 'conflict'],
});

/** Every operation around people; their handlers are in `routes.ts`. */
export const peopleContracts = [
  logIn,
  passkeyLoginOptions,
  logInWithPasskey,
  leaveForProvider,
  arriveFromProvider,
  setUpPassword,
  logOut,
  getMe,
  changePassword,
  listSessions,
  endSession,
  listPasskeys,
  passkeyOptions,
  addPasskey,
  removePasskey,
  listUsers,
  getUser,
  addUser,
  setUserRoles,
  setUserDisabled,
  renewSetupCode,
];
