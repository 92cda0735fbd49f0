import { fault, type SymbolonError } from '@symbolon/crypto';

/** What a source told cannot be read. `where` is a field, `rule` what it must be; neither quotes what was there. */
export function unreadable(where: string, rule: string): SymbolonError {
  return fault('alert-event', `${where}: ${rule}`, { culprit: where });
}
