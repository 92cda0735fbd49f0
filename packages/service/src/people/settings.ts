import { z } from 'zod';
import { roles } from './person.ts';

const loopback = ['127.0.0.1', '[::1]', 'localhost'];
/** https, or http on this machine: passwords, tokens and codes go over it. */
export const safeUrl = z
  .url()
  .max(255)
  .refine(
    (text) => text.startsWith('https:') || (text.startsWith('http:') && loopback.includes(new URL(text).hostname)),
    'must be https, or http on this machine',
  );
const minutes = (most: number) => z.int().min(1).max(most);

/** How people log in, and for how long. */
export const accountSettings = z.strictObject({
  /** Where people's browsers find this server: scheme, host and port, nothing more. Passkeys and an identity provider need it. */
  origin: safeUrl
    .refine((text) => new URL(text).origin === text, 'must be a scheme, a host and a port, nothing more')
    .optional(),
  /** A session ends when it was not used for so long, in minutes. */
  idleMinutes: minutes(1440).default(30),
  /** A session ends after so many hours, used or not. */
  sessionHours: z.int().min(1).max(168).default(12),
  /** Which identity provider may log people in; none unless told. */
  oidc: z
    .strictObject({
      /** As the provider calls itself in its metadata. */
      issuer: safeUrl,
      /** What the provider calls this server. */
      clientId: z.string().min(1).max(255),
      /** Environment variable that holds the client secret, if the provider gave one. */
      secretVariable: z.string().min(1).max(64).optional(),
      /** Asked of the provider beside `openid`. */
      scopes: z.array(z.string().min(1).max(64)).max(16).default(['profile']),
      /** Claim of the ID token that says what somebody does: a text, or a list of texts. */
      roleClaim: z.string().min(1).max(128).default('groups'),
      /** Which value of that claim gives which roles. Who has none of them is refused. */
      roles: z.record(z.string().min(1).max(255), z.array(z.enum(roles)).min(1)),
    })
    .optional(),
});

/** What {@link accountSettings} says, defaults filled in. */
export type AccountSettings = z.output<typeof accountSettings>;
/** Its part on the identity provider. */
export type OidcSettings = NonNullable<AccountSettings['oidc']>;
