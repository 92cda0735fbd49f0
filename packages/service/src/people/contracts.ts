import { z } from 'zod';
import { contract, nothing, pageOf, pageQuery } from '../contract.ts';
import { bytes32 } from '../shapes.ts';
import { loginContracts } from './login-contracts.ts';
import { credentialId, registrationResponse } from './passkey-shapes.ts';
import {
  account,
  byId,
  displayName,
  loginErrors,
  passkey,
  password,
  session,
  setupCode,
  someRoles,
  userId,
  wantedRoles,
  webAuthnOptions,
} from './shapes.ts';

export * from './login-contracts.ts';

const anotherCode = 'Give the user another code: `symbolon user password --for ID`, or POST /v1/users/{id}/setup.';

export const logOut = contract({
  name: 'logOut',
  summary: 'End this session',
  action: 'self.manage',
  method: 'POST',
  path: '/v1/logout',
  answer: nothing,
  unkeyed: true,
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
});

export const listMyActions = contract({
  name: 'listMyActions',
  summary: 'What I may do here: the actions of operations that my roles permit, so that a page offers no others',
  action: 'self.show',
  method: 'GET',
  path: '/v1/me/actions',
  answer: z.array(z.string()),
});

export const changePassword = contract({
  name: 'changePassword',
  summary: 'Change my password; my other sessions end',
  action: 'self.manage',
  method: 'POST',
  path: '/v1/me/password',
  body: z.strictObject({ old: password, new: password }),
  answer: nothing,
  unkeyed: true,
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
  unkeyed: true,
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
  secretAnswer: anotherCode,
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
  secretAnswer: anotherCode,
  errors: ['not-found', 'conflict'],
});

/** Every operation around people; their handlers are in `routes.ts`. */
export const peopleContracts = [
  ...loginContracts,
  logOut,
  getMe,
  listMyActions,
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
