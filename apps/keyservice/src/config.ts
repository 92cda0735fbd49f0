import { availableParallelism } from 'node:os';
import { accountSettings, checkConfig, type Home, homePaths, peopleServerSettings } from '@symbolon/service';
import { z } from 'zod';

/** `settings` of a key service's `symbolon.json`: this is its manual. */
export const settingsSchema = z.strictObject({
  /** How long a party that asked for a session waits for the others, in seconds. */
  waitSeconds: z.int().min(1).max(600).default(60),
  /** How long a session may stay open without progress before its secrets are wiped, in seconds. */
  sessionSeconds: z.int().min(1).max(86_400).default(600),
  /** Sessions that may be open or waited for at once. */
  maxSessions: z.int().min(1).max(10_000).default(64),
  /** The same for one organisation. */
  maxSessionsPerPartner: z.int().min(1).max(10_000).default(16),
  /** Requests about sessions that one organisation may make in a minute. */
  maxRequestsPerMinute: z.int().min(1).max(100_000).default(240),
  /** Longest answer key of one session, in bytes. */
  maxAnswerBytes: z
    .int()
    .min(1)
    .default(64 * 2 ** 30),
  /** Full-length pads of one session, and of all that are open together, in bytes; they are held in memory until the answer key is out. */
  maxPadBytes: z
    .int()
    .min(1)
    .default(2 ** 30),
  /** Threads that deal answer keys; as many as the machine has cores, if absent. */
  threads: z
    .int()
    .min(1)
    .max(256)
    .default(() => availableParallelism()),
  /** Where those who operate this service reach it; nowhere but on the socket in the folder, if absent. */
  people: peopleServerSettings.optional(),
  /** How they log in. */
  accounts: accountSettings.prefault({}),
});

/** See {@link settingsSchema}. */
export type Settings = z.output<typeof settingsSchema>;

/** The settings of a home, defaults filled in. */
export function settingsOf({ path, config }: Home): Settings {
  return checkConfig(settingsSchema, config.settings, homePaths(path).config);
}
