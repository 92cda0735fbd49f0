import { availableParallelism } from 'node:os';
import { accountSettings, peopleServerSettings } from '@symbolon/service';
import { z } from 'zod';
import { alertSettings } from './alerts/settings.ts';
import { demoSettings } from './demo.ts';

/** The `settings` of an organisation that holds data, in its `symbolon.json`: this is their manual. */
export const partySettings = z.strictObject({
  /** Memory that DuckDB may use to compute a rule's local expressions, as DuckDB writes it. */
  duckdbMemory: z
    .string()
    .regex(/^\d{1,6}(MB|GB)$/, 'must be like 512MB')
    .default('1GB'),
  /** How long DuckDB may compute one of them for the whole table, in seconds. */
  duckdbSeconds: z.int().min(1).max(86_400).default(300),
  /** Requests (agreements, proposals of links) that one partner may make in a minute. */
  maxRequestsPerMinute: z.int().min(1).max(100_000).default(120),
  /** Threads that compute, and shards of a link at a time; as many as the machine has cores, if absent. */
  threads: z
    .int()
    .min(1)
    .max(256)
    .default(() => availableParallelism()),
  /** Entries of a shard, about; both parties must set the same. */
  shardEntries: z
    .int()
    .min(4096)
    .max(2 ** 18)
    .default(2 ** 17),
  /** Where people and programs of this organisation reach the server; nowhere but on the socket in the folder, if absent. */
  people: peopleServerSettings.optional(),
  /** Folders of this machine whose files people may name as data sets over the network; whoever opens the socket names any source. */
  dataFolders: z.array(z.string().min(1).max(4096)).max(64).default([]),
  /** Largest file that they may send to the server as a data set by a browser, in megabytes; 0: none. It is kept in the folder of the organisation. */
  uploadMegabytes: z.int().min(0).max(1_000_000).default(1000),
  /** Databases whose tables they may name: postgres:// URLs by the names that people see. */
  databases: z.record(z.string().regex(/^[a-z][a-z0-9_-]{0,62}$/), z.string().min(1).max(2048)).default({}),
  /** Of a server that partners cannot reach: how often it asks them for agreements and notices, in seconds. */
  fetchSeconds: z.int().min(1).max(86_400).default(30),
  /** Alerts of medical events: what is told of those that come. */
  alerts: alertSettings.prefault({}),
  /** Of encrypted tables: how long the server holds an opened key that nobody uses, in minutes. */
  sealMinutes: z.int().min(1).max(1440).default(15),
  /** How they log in. */
  accounts: accountSettings.prefault({}),
  /** Of a server of `symbolon demo` alone: what its pages tell of the others. */
  demo: demoSettings.optional(),
});

/** {@link partySettings}, defaults filled in. */
export type PartySettings = z.output<typeof partySettings>;
