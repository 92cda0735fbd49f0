import { accountSettings, checkConfig, type Home, homePaths, peopleServerSettings } from '@symbolon/service';
import { z } from 'zod';
import { authoritySettings } from '../common/authorities.ts';
import { recordSettings } from './records/settings.ts';

const hours = (most: number) => z.int().min(1).max(most);

/** What holds for the patients of one module. */
export const moduleSettings = z.strictObject({
  /** The module's id: that of its card. */
  id: z.string().min(1).max(31),
  /** Ed25519 keys that its tickets are signed with, two while it changes them; the signing key of its card if absent. */
  ticketKeys: z.array(z.base64url().length(43)).min(1).max(2).optional(),
  /** Confidentiality groups of records. */
  groups: z
    .array(z.string().regex(/^[a-z][a-z0-9-]{0,63}$/))
    .min(1)
    .max(100),
  /** How long a patient's consent lets a physician read, in hours. */
  windowHours: hours(24 * 366).default(24),
  /** How long a physician reads who came without the card, in an emergency. */
  breakGlassHours: hours(4).default(4),
  /** Within how many hours administrators look at such an access. */
  reviewHours: hours(72).default(72),
  /** Who confirms that a card was replaced, before the new one counts: a physician of another institution who sees it too, the module's administrators, or either. */
  replacement: z.enum(['physician', 'administrator', 'either']).default('either'),
  /** How long the patient's own view stays open, in minutes. */
  viewMinutes: z.int().min(1).max(240).default(30),
  /** Its records, and studies on them. */
  records: recordSettings.prefault({}),
});
/** See {@link moduleSettings}. */
export type ModuleSettings = z.output<typeof moduleSettings>;

/** `settings` of a central server's `symbolon.json`: this is its manual. */
export const settingsSchema = z.strictObject({
  /** The registries that keep their records here. */
  modules: z.array(moduleSettings).max(100).default([]),
  /** Whose health professionals' cards are believed. */
  physicians: authoritySettings.prefault({ folder: 'authorities/physicians' }),
  /** Logins that one installation of the client may begin in a minute. */
  maxLoginsPerMinute: z.int().min(1).max(10_000).default(30),
  /** Requests that one physician may make in a minute. */
  maxRequestsPerMinute: z.int().min(1).max(100_000).default(240),
  /** Answers of one physician that may be refused in an hour before it is an alarm. */
  maxFailuresPerHour: z.int().min(1).max(10_000).default(10),
  /** How long tickets and answers that were sealed to the key before count, in days. */
  keyOverlapDays: z.int().min(1).max(365).default(14),
  /** Where those who operate this server reach it; nowhere but on the socket in the folder, if absent. */
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
