import { fault } from '@symbolon/crypto';
import type { PartyContext } from '../context.ts';
import type { SourceSettings } from './source-settings.ts';

/** What the settings say of a source. Throws `not-found`. */
export function sourceNamed({ settings }: Pick<PartyContext, 'settings'>, name: string): SourceSettings {
  const known = settings.alerts.sources.find((source) => source.name === name);
  if (known !== undefined) return known;
  throw fault('not-found', `there is no source '${name}' here`, {
    culprit: name,
    hint: 'Sources stand in settings.alerts.sources of symbolon.json.',
  });
}
