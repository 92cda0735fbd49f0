import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { fault } from '@symbolon/crypto';
import { safeUrl } from '@symbolon/service';
import { z } from 'zod';

/** Where a secret is: in an environment variable, or in a file, beside `symbolon.json` if it is named without a folder. */
const secretPlace = z.union([
  z.strictObject({ environment: z.string().regex(/^[A-Z_][A-Z0-9_]{0,63}$/, 'must be like ALERT_SECRET') }),
  z.strictObject({ file: z.string().min(1).max(4096) }),
]);

const name = z.string().regex(/^[a-z][a-z0-9-]{0,30}$/, 'must be lower-case letters, digits and -');

/** A program of the organisation that is told of alerts. */
export const hookSettings = z.discriminatedUnion('kind', [
  /** A POST of JSON, with a signature (HMAC-SHA-256) that proves where it comes from and when. */
  z.strictObject({ kind: z.literal('webhook'), name, url: safeUrl, secret: secretPlace }),
  /** A POST of the FHIR Bundle, as a rest-hook subscription of FHIR R4 does. */
  z.strictObject({
    kind: z.literal('rest-hook'),
    name,
    url: safeUrl,
    /** Sent as a bearer token. */
    token: secretPlace.optional(),
  }),
]);

/** {@link hookSettings}. */
export type HookSettings = z.output<typeof hookSettings>;

const leastSecret = 16;

/** Reads a secret. Throws `config-invalid` where it is not there, or so short that it can be guessed. */
export function readSecret(
  place: z.output<typeof secretPlace>,
  folder: string,
  environment: Readonly<Record<string, string | undefined>>,
): string {
  const where = 'file' in place ? place.file : place.environment;
  const secret = 'file' in place ? fileText(resolve(folder, place.file)) : environment[place.environment];
  if (secret !== undefined && secret.trim().length >= leastSecret) return secret.trim();
  throw fault('config-invalid', `${where} holds no secret of ${leastSecret} characters or more`, {
    culprit: where,
    hint: 'Make one with: openssl rand -base64 32',
  });
}

function fileText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
