import { contract } from '@symbolon/service';
import { z } from 'zod';

const entries = z.coerce
  .number()
  .int()
  .min(0)
  .max(2 ** 48);
const epoch = z.coerce.number().int().min(1).optional().describe('One that was ended; the newest if absent');

/** Number of entries disclosed, or `all`. */
const disclosed = z
  .string()
  .max(65_536)
  .regex(/^(all|(\d{1,15}(,\d{1,15})*)?)$/, 'must be all, or numbers of entries with commas between them')
  .transform((text) => (text === 'all' ? text : text === '' ? [] : text.split(',').map(Number)));

export const exportLogHead = contract({
  name: 'exportLogHead',
  summary: 'A log as others verify it, but for its tiles and events: checkpoint, cosignatures and keys',
  action: 'log.export',
  method: 'GET',
  path: '/v1/log/export',
  query: z.strictObject({ epoch }),
  answer: z
    .strictObject({
      origin: z.string(),
      entries: z.int().min(0),
      checkpoint: z.string().describe('Signed note of so many entries, with the cosignatures on it'),
      keys: z.array(z.string()).describe('Verifier keys of the log and of all partners as witnesses'),
      cosigned: z.array(
        z.strictObject({
          // The name of a file where the log is written.
          witness: z.string().regex(/^[a-z][a-z0-9-]{0,30}$/),
          size: z.int(),
          note: z.string(),
        }),
      ),
    })
    .meta({ id: 'ExportedLog' }),
  errors: ['not-found'],
});

export const exportLogTiles = contract({
  name: 'exportLogTiles',
  summary:
    'Some tiles of a log of so many entries (C2SP tlog-tiles): bundles of entries, then each level, from left to right',
  action: 'log.export',
  method: 'GET',
  path: '/v1/log/export/tiles',
  query: z.strictObject({ epoch, entries, from: entries.default(0).describe('Number of the first tile') }),
  answer: z.strictObject({ tiles: z.array(z.base64url()).describe('None after the last') }),
  errors: ['not-found'],
});

export const exportLogEvents = contract({
  name: 'exportLogEvents',
  summary: 'Some events with their salts, as the lines of a file, from an entry on',
  action: 'log.export',
  method: 'GET',
  path: '/v1/log/export/events',
  query: z.strictObject({ epoch, entries, disclosed, from: entries.default(0).describe('Number of an entry') }),
  answer: z.strictObject({ lines: z.array(z.string()).describe('JSON: index, salt, event; none after the last') }),
  errors: ['not-found'],
});

export const logExportContracts = [exportLogHead, exportLogTiles, exportLogEvents];
