import { hashLabelled, utf8 } from '@symbolon/crypto';
import { z } from 'zod';
import type { Registry } from '../pair/envelope.ts';
import { bytesOf, cardSignature, chainSchema, milliseconds } from './shapes.ts';

// A physician logs in at module and centre in the same way, each time from one installation of the client, which is known by its TLS certificate:
//
// client → server    POST /v1/logins { module }                      server → client    { login, nonce }
// client → server    POST /v1/logins/:login { chain, signature }     server → client    { token, physician, expires }
//
// The health professional's card signs `loginText`. The token goes into the header `authorization: Bearer …`; it holds for this installation alone.

/** What a login is for: at a module, its own id. */
export const loginRequest = z.strictObject({ module: z.string().min(1).max(100) });

/** Answer: what the card has to sign, once, within two minutes. */
export const loginBegun = z.strictObject({ login: bytesOf(16), nonce: bytesOf(32) });

/** Path parameter of the second request. */
export const loginParams = z.strictObject({ login: bytesOf(16) });

/** The health professional's certificate with those above it, and the card's signature over {@link loginText}. */
export const loginProof = z.strictObject({ chain: chainSchema, signature: cardSignature });
export type LoginProof = z.output<typeof loginProof>;

/** A physician as a module names one. */
export const physicianId = bytesOf(16);

/** Answer: over 15 minutes after the last request, and at `expires` at the latest. */
export const loginDone = z.strictObject({ token: bytesOf(32), physician: physicianId, expires: milliseconds });
export type LoginDone = z.output<typeof loginDone>;

/** What is signed to log in, and to apply as a physician. @param exporter of the TLS connection that the signature goes through: `exporterLabel` */
export function loginText(params: {
  /** Id of the server that is asked: that of the module, or of the centre. */
  readonly at: string;
  readonly registry: Registry;
  /** Id of the client's installation. */
  readonly installation: string;
  readonly nonce: Uint8Array;
  readonly exporter: Uint8Array;
}): Uint8Array {
  const { at, registry, installation, nonce, exporter } = params;
  const names = [at, registry.server, registry.module, installation].map(utf8);
  return hashLabelled('symbolon consent login', ...names, nonce, exporter);
}
