import { type Card, type LoginDone, loginBegun, loginDone, loginText, type Registry } from '@symbolon/consent';
import { base64url, fromBase64url } from '@symbolon/crypto';
import type { z } from 'zod';
import type { Line } from './line.ts';

/** The health professional's card, open. */
export interface Professional extends Card {
  readonly chain: readonly Uint8Array[];
}

/** From where, and for which registry. */
export interface LoginAt {
  readonly registry: Registry;
  /** Id of the client's installation: that of its home. */
  readonly installation: string;
}

/** Logs in with the health professional's card. */
export async function logIn(line: Line, at: LoginAt, professional: Professional): Promise<LoginDone> {
  const proof = await proveCard(line, at, professional, (login) => ({
    path: `/v1/logins/${login}`,
    answer: loginDone,
  }));
  line.loggedIn(proof.token);
  return proof;
}

/**
 * Shows a server the health professional's card: each login is good for one proof, so another is begun where a connection broke.
 * @param to what is asked with the proof of this login
 */
export async function proveCard<Schema extends z.ZodType>(
  line: Line,
  { registry, installation }: LoginAt,
  professional: Professional,
  to: (login: string) => { path: string; answer: Schema; body?: object },
): Promise<z.output<Schema>> {
  const { login, nonce } = await line.ask('POST', '/v1/logins', {
    body: { module: registry.module },
    answer: loginBegun,
  });
  const { path, answer, body } = to(login);
  const at = { at: line.who, registry, installation, nonce: fromBase64url(nonce) };
  return line.askSigned(path, answer, {
    open: () => line.ask('POST', '/v1/logins', { body: { module: registry.module }, answer: loginBegun }),
    sign: async (exporter) => ({
      ...body,
      chain: professional.chain.map(base64url),
      signature: base64url(await professional.sign(loginText({ ...at, exporter }))),
    }),
  });
}
