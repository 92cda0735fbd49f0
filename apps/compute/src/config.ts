import { availableParallelism } from 'node:os';
import { checkConfig, type Home, homePaths } from '@symbolon/service';
import { z } from 'zod';

/** `settings` of a compute server's `symbolon.json`: this is its manual. */
export const settingsSchema = z.strictObject({
  /** Ciphertexts that one owner may keep here, in bytes: tables, and results until their table is deleted. */
  maxBytesPerOwner: z
    .int()
    .min(1)
    .default(64 * 2 ** 30),
  /** Tables of one owner. */
  maxTablesPerOwner: z.int().min(1).max(100_000).default(256),
  /** Questions of one owner that wait or run at once. */
  maxJobsPerOwner: z.int().min(1).max(1000).default(8),
  /** Of the results of one question, in bytes: they are in memory at once. The scores of a million patients take 36 MB. */
  maxResultBytes: z
    .int()
    .min(1)
    .max(2 ** 29)
    .default(2 ** 28),
  /** Processes that evaluate one question together; as many as the machine has cores, if absent. */
  processes: z
    .int()
    .min(1)
    .max(64)
    .default(() => availableParallelism()),
  /** How many of them wait for the next question with SEAL loaded, so that it begins at once; each takes some 120 MiB meanwhile. */
  spareProcesses: z.int().min(0).max(64).default(4),
  /** Memory of such a process, in MiB; it is stopped where it takes more. */
  processMegabytes: z.int().min(256).max(65_536).default(1024),
  /** How long one question may be evaluated, in seconds. */
  jobSeconds: z.int().min(1).max(86_400).default(600),
  /** Models that nobody but this server knows, by the names that agreements give them: see docs/outsourcing.md. */
  models: z
    .record(
      z.string().max(63),
      z.strictObject({
        /** Who may ask, and of which table. */
        owner: z.string(),
        table: z.string(),
        /** By what the points are given: public. */
        columns: z.array(z.string()).min(1).max(32),
        /** Most points of a row: public. */
        most: z.int().min(1).max(100_000),
        /** Points of values and bands, like `treated=true` and `age in band 2`; 0 of those that are not here. Secret. */
        points: z.record(z.string(), z.int().min(0).max(100_000)),
        /** Totals that the owner may ever get: each is an equation about the points. */
        mostTotals: z.int().min(1).max(1_000_000),
      }),
    )
    .default({}),
  /** Requests that one owner may make in a minute, ciphertexts apart. */
  maxRequestsPerMinute: z.int().min(1).max(100_000).default(600),
});

/** See {@link settingsSchema}. */
export type Settings = z.output<typeof settingsSchema>;

/** The settings of a home, defaults filled in. */
export function settingsOf({ path, config }: Home): Settings {
  return checkConfig(settingsSchema, config.settings, homePaths(path).config);
}
