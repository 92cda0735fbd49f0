import { availableParallelism } from 'node:os';
import { checkConfig, type Home, homePaths } from '@symbolon/service';
import { z } from 'zod';

/** `settings` of a compute server's `symbolon.json`: this is its manual. */
export const settingsSchema = z.strictObject({
  /** Ciphertexts that one owner may keep here, in bytes. */
  maxBytesPerOwner: z
    .int()
    .min(1)
    .default(64 * 2 ** 30),
  /** Tables of one owner. */
  maxTablesPerOwner: z.int().min(1).max(100_000).default(256),
  /** Questions of one owner that wait or run at once. */
  maxJobsPerOwner: z.int().min(1).max(1000).default(8),
  /** Processes that evaluate one question together; as many as the machine has cores, if absent. */
  processes: z
    .int()
    .min(1)
    .max(64)
    .default(() => availableParallelism()),
  /** Memory of such a process, in MiB; it is stopped where it takes more. */
  processMegabytes: z.int().min(256).max(65_536).default(1024),
  /** How long one question may be evaluated, in seconds. */
  jobSeconds: z.int().min(1).max(86_400).default(600),
  /** Requests that one owner may make in a minute, ciphertexts apart. */
  maxRequestsPerMinute: z.int().min(1).max(100_000).default(600),
});

/** See {@link settingsSchema}. */
export type Settings = z.output<typeof settingsSchema>;

/** The settings of a home, defaults filled in. */
export function settingsOf({ path, config }: Home): Settings {
  return checkConfig(settingsSchema, config.settings, homePaths(path).config);
}
