import { keyName } from '@symbolon/consent';
import { checkConfig, type Home, homePaths } from '@symbolon/service';
import { z } from 'zod';

/** `settings` of an OPRF server's `symbolon.json`: this is its manual. */
export const settingsSchema = z.strictObject({
  /** Id of the module whose pseudonyms are made with the keys here; its card is among the partners. Nobody else gets anything. */
  module: z.string().min(1).max(31),
  /**
   * Names of keys; each is made at the first start that finds its name here. Two while pseudonyms change from one to the other; then take the old name out,
   * and destroy its file and backups: `keys/pseudonyms-NAME.seed`.
   */
  keys: z.array(keyName).min(1).max(2).default(['1']),
  /** Pseudonyms that may be made in a minute. */
  maxPerMinute: z.int().min(1).max(10_000_000).default(30_000),
  /** In a day: what a thief of the module could try. More is needed to import a large registry, and to change its keys. */
  maxPerDay: z.int().min(1).max(1_000_000_000).default(200_000),
});

/** See {@link settingsSchema}. */
export type Settings = z.output<typeof settingsSchema>;

/** The settings of a home, defaults filled in. */
export function settingsOf({ path, config }: Home): Settings {
  return checkConfig(settingsSchema, config.settings, homePaths(path).config);
}
