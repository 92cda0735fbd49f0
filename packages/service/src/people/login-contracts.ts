import { z } from 'zod';
import { contract, nothing } from '../contract.ts';
import { bytes32 } from '../shapes.ts';
import { assertionResponse } from './passkey-shapes.ts';
import { entered, loginErrors, password, way, webAuthnOptions } from './shapes.ts';

export const logIn = contract({
  name: 'logIn',
  summary: 'Log in with a password',
  action: null,
  method: 'POST',
  path: '/v1/login',
  body: z.strictObject({ user: z.string().min(1).max(64), password, ...way }),
  answer: entered,
  unkeyed: true,
  errors: loginErrors,
});

export const listWaysIn = contract({
  name: 'listWaysIn',
  summary: 'How people log in here beside passwords',
  action: null,
  method: 'GET',
  path: '/v1/login/ways',
  answer: z.strictObject({ passkeys: z.boolean(), provider: z.boolean() }),
});

export const passkeyLoginOptions = contract({
  name: 'passkeyLoginOptions',
  summary: 'What a browser needs to ask for a passkey (PublicKeyCredentialRequestOptionsJSON)',
  action: null,
  method: 'POST',
  path: '/v1/login/passkey/options',
  answer: webAuthnOptions,
  unkeyed: true,
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
  unkeyed: true,
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
  unkeyed: true,
  errors: [...loginErrors, 'password-weak'],
});

/** What is asked before somebody is logged in. */
export const loginContracts = [
  logIn,
  listWaysIn,
  passkeyLoginOptions,
  logInWithPasskey,
  leaveForProvider,
  arriveFromProvider,
  setUpPassword,
];
