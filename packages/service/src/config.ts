import { organisationRoles } from '@symbolon/agreement';
import { fault } from '@symbolon/crypto';
import { z } from 'zod';

const seconds = (most: number) => z.int().min(1).max(most);

/** The shape of `symbolon.json`: this is its manual. A field that stands here without a default is written by `symbolon init`. */
export const homeConfigSchema = z.strictObject({
  /** Version of this file's format. */
  version: z.literal(1),
  /** The organisation's short name, as in its card. */
  id: z.string().max(31),
  /** The organisation's name, as in its card. */
  name: z.string().max(64),
  /** What runs here: an organisation that holds data, the service that hands out one-time keys, or one that computes on encrypted tables. */
  role: z.enum(organisationRoles),
  /** Where the server for other organisations listens. */
  listen: z.strictObject({
    /** Address of the network interface, or a name for it; 0.0.0.0 is all of IPv4. */
    host: z.string().min(1).max(255),
    /** TCP port; the one in the card unless something in between forwards it. */
    port: z.int().min(1).max(65_535),
  }),
  /** Names and addresses that the TLS certificate is made for; the card's must be among them. */
  hosts: z.array(z.string().min(1).max(255)).min(1).max(16),
  /** What is logged: nothing below this level. */
  logLevel: z.enum(['debug', 'info', 'warn', 'error', 'silent']).default('info'),
  /** How long a connection to another organisation may take to stand, in seconds. */
  connectSeconds: seconds(120).default(10),
  /** How long another organisation may stay silent before an attempt is given up, in seconds. */
  peerSeconds: seconds(3600).default(120),
  /** Longest request body that other organisations may send, in bytes, where a route does not set less. */
  maxBodyBytes: z.int().min(1024).max(16_777_216).default(262_144),
  /** Connections that other organisations may hold open together. */
  maxConnections: z.int().min(1).max(65_535).default(256),
  /** Of these, how many one organisation may hold. */
  maxConnectionsPerPartner: z.int().min(1).max(65_535).default(64),
  /**
   * Where the database is. If absent: in PostgreSQL where the environment variable DATABASE_URL names one, else embedded, in the file
   * symbolon.db beside this one. The URL holds a password, so it stands in the environment only, under this name if it is another.
   */
  database: z
    .union([
      z.literal('embedded'),
      z.strictObject({ environment: z.string().regex(/^[A-Z_][A-Z0-9_]{0,63}$/, 'must be like FRED_DATABASE_URL') }),
    ])
    .optional(),
  /** How often partners are asked to witness what is new in the log, in seconds; one that does not is asked ever less often. */
  witnessSeconds: seconds(3600).default(60),
  /** After how long an entry that a partner has not witnessed is an alarm, in seconds. */
  witnessAlarmSeconds: seconds(2_592_000).default(86_400),
  /** Settings of the app that runs here; its own `config.ts` is their manual. */
  settings: z.record(z.string().max(64), z.json()).default({}),
});

/** What `symbolon.json` says, defaults filled in. */
export type HomeConfig = z.output<typeof homeConfigSchema>;

/** Reads a configuration; throws `config-invalid` naming `file` and the field at fault. */
export function parseConfig<Schema extends z.ZodType>(schema: Schema, text: string, file: string): z.output<Schema> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw fault('config-invalid', `${file} is not JSON`, { culprit: file });
  }
  return checkConfig(schema, value, file);
}

/** {@link parseConfig} for a part that has been read already, for example `settings`. */
export function checkConfig<Schema extends z.ZodType>(schema: Schema, value: unknown, file: string): z.output<Schema> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const field = issue!.path.map(String).join('.');
  throw fault('config-invalid', `${file}: ${field === '' ? '' : `${field}: `}${issue!.message}`, { culprit: file });
}
