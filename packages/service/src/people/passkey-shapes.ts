import { z } from 'zod';

const bytes = (most: number) =>
  z
    .string()
    .min(1)
    .max(Math.ceil((most * 4) / 3))
    .regex(/^[A-Za-z0-9_-]+$/, 'must be base64url');
/** Credential ids have at most 1023 bytes (Web Authentication §4). */
export const credentialId = bytes(1023);

// Browsers add fields as the standard grows: what is not read here is dropped, not refused.
const common = { id: credentialId, rawId: credentialId, type: z.literal('public-key') };
const extensions = { clientExtensionResults: z.record(z.string(), z.unknown()).default({}) };

/** RegistrationResponseJSON, as far as it is read. */
export const registrationResponse = z.object({
  ...common,
  ...extensions,
  response: z.object({ clientDataJSON: bytes(2048), attestationObject: bytes(16_384) }),
});
/** What {@link registrationResponse} reads. */
export type RegistrationResponse = z.output<typeof registrationResponse>;

/** AuthenticationResponseJSON, as far as it is read. */
export const assertionResponse = z.object({
  ...common,
  ...extensions,
  response: z.object({
    clientDataJSON: bytes(2048),
    authenticatorData: bytes(4096),
    signature: bytes(1024),
    userHandle: bytes(64).nullish(),
  }),
});
/** What {@link assertionResponse} reads. */
export type AssertionResponse = z.output<typeof assertionResponse>;
