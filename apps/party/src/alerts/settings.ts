import { z } from 'zod';
import { hookSettings } from './hook-settings.ts';
import { patientSettings, sourceSettings } from './source-settings.ts';

/** What an organisation sets up for alerts: its part of the `settings` in `symbolon.json`. */
export const alertSettings = z.strictObject({
  /** Where events come from; names are unique. */
  sources: z
    .array(sourceSettings)
    .max(16)
    .refine((all) => new Set(all.map(({ name }) => name)).size === all.length, 'two sources have the same name')
    .default([]),
  /** By own data set: the columns that name patients and say when they were born. */
  patients: patientSettings.default({}),
  /** Messages that wait for partners at most: then sources are asked to wait. */
  maxWaiting: z.int().min(1).max(10_000_000).default(100_000),
  /** Programs that are told of alerts that come; names are unique. */
  hooks: z
    .array(hookSettings)
    .max(16)
    .refine((hooks) => new Set(hooks.map(({ name }) => name)).size === hooks.length, 'two hooks have the same name')
    .default([]),
  /** Requests with alerts, of up to 64 each, that one partner may make in a minute. */
  maxRequestsPerMinute: z.int().min(1).max(100_000).default(6000),
});
