import { z } from 'zod';
import { hookSettings } from './hook-settings.ts';

/** What an organisation sets up for alerts: its part of the `settings` in `symbolon.json`. */
export const alertSettings = z.strictObject({
  /** Programs that are told of alerts that come; names are unique. */
  hooks: z
    .array(hookSettings)
    .max(16)
    .refine((hooks) => new Set(hooks.map(({ name }) => name)).size === hooks.length, 'two hooks have the same name')
    .default([]),
  /** Requests with alerts, of up to 64 each, that one partner may make in a minute. */
  maxRequestsPerMinute: z.int().min(1).max(100_000).default(6000),
});
