import type { Card, OrganisationRole } from '@symbolon/agreement';
import { fault } from '@symbolon/crypto';
import { checkConfig, type Home, homePaths } from '@symbolon/service';
import { z } from 'zod';

/** `settings` of a workstation's `symbolon.json`: this is its manual. */
export const settingsSchema = z.strictObject({
  /** Files of the drivers of the cards that are used here (PKCS#11 modules); OpenSC's where it is installed, if empty. */
  drivers: z.array(z.string().min(1).max(1000)).max(8).default([]),
  /** Words by which the health professional's card is told from patients': part of its label, serial number or reader. */
  professional: z.string().min(1).max(100).optional(),
  /** The module (registry) that is worked with; needed where this workstation knows more than one. */
  module: z.string().min(1).max(31).optional(),
  /** The centre that keeps its records; needed where this workstation knows more than one. */
  centre: z.string().min(1).max(31).optional(),
});

/** See {@link settingsSchema}. */
export type Settings = z.output<typeof settingsSchema>;

/** The settings of a home, defaults filled in. */
export function settingsOf({ path, config }: Pick<Home, 'path' | 'config'>): Settings {
  return checkConfig(settingsSchema, config.settings, homePaths(path).config);
}

/** The two servers of the registry that a workstation works with. Throws `config-invalid` naming what has to be said. */
export function serversOf(home: Home, { module, centre }: Settings): { module: Card; centre: Card } {
  requireWorkstation(home);
  return { module: partnerOf(home, 'module', module), centre: partnerOf(home, 'centre', centre) };
}

function requireWorkstation({ path, config }: Home): void {
  if (config.role === 'workstation') return;
  throw fault('config-invalid', `${path} is the folder of a ${config.role}, not of a workstation`, {
    culprit: path,
    hint: 'Make one with: symbolon init ID --role workstation --home FOLDER',
  });
}

function partnerOf(home: Home, role: OrganisationRole & ('module' | 'centre'), named: string | undefined): Card {
  const known = home.partners.list().filter((card) => card.role === role && (named === undefined || card.id === named));
  if (known.length === 1) return known[0]!;
  const which = named === undefined ? `a ${role}` : `the ${role} ${named}`;
  throw fault('config-invalid', `${known.length === 0 ? 'no' : 'more than one'} card of ${which} is known here`, {
    culprit: homePaths(home.path).config,
    hint:
      known.length === 0
        ? 'Import its card with: symbolon partner accept FILE'
        : `Name one of ${known.map(({ id }) => id).join(', ')} in settings: { "${role}": … }`,
  });
}
