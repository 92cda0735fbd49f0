import { z } from 'zod';
import { contract, pageOf, pageQuery } from './contract.ts';

// What people can read of a server's log: by whom, each kind of server decides.

const event = z
  .record(z.string(), z.unknown())
  .nullable()
  .describe('What happened; null where it was erased, and its hash alone stays');
const entry = z.strictObject({ index: z.int(), event }).meta({ id: 'LogEntry' });
const fields = z.record(z.string(), z.unknown()).nullable();

export const listLogEntries = contract({
  name: 'listLogEntries',
  summary: 'What this organisation’s log says has happened, from the first entry on',
  action: 'log.list',
  method: 'GET',
  path: '/v1/log/entries',
  query: pageQuery,
  answer: pageOf(entry),
});

export const listTimeline = contract({
  name: 'listTimeline',
  summary: 'What the log says has happened, the newest first, with the times that are known of it',
  action: 'log.list',
  method: 'GET',
  path: '/v1/log/timeline',
  query: pageQuery.extend({
    kind: z.string().min(1).max(64).optional().describe('Entries of this kind alone'),
    agreement: z.string().min(4).max(64).optional().describe('Beginning of the hash of an agreement that they name'),
    person: z.string().min(1).max(64).optional().describe('Id of somebody, or of a partner, whom they name'),
    since: z.iso.datetime({ offset: true }).optional().describe('None that are known to be older'),
  }),
  answer: pageOf(
    z
      .strictObject({
        index: z.int(),
        erased: z.boolean(),
        event,
        document: fields.describe('What a signed document in the event says'),
        at: z.string().nullable().describe('When, as the event itself says'),
        seenAt: z.string().nullable().describe('When a witness had seen it first, by its clock'),
      })
      .meta({ id: 'TimelineEntry' }),
  ),
});

export const getLogEntry = contract({
  name: 'getLogEntry',
  summary: 'One entry, with the proof that it stands in the log',
  action: 'log.show',
  method: 'GET',
  path: '/v1/log/entries/:index',
  params: z.strictObject({ index: z.coerce.number().int().min(0) }),
  answer: z
    .strictObject({
      index: z.int(),
      event,
      document: z.base64url().nullable().describe('The event as it was hashed'),
      salt: z.base64url().nullable(),
      proof: z.array(z.base64url()).describe('Inclusion proof, RFC 9162 §2.1.3'),
      checkpoint: z.string().describe('Signed note that the proof is for'),
    })
    .meta({ id: 'ProvenEntry' }),
  errors: ['not-found'],
});

export const getLogCheckpoint = contract({
  name: 'getLogCheckpoint',
  summary: 'The newest checkpoint: a signed note of size and root',
  action: 'log.list',
  method: 'GET',
  path: '/v1/log/checkpoint',
  answer: z.strictObject({ checkpoint: z.string() }),
});

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

export const logReadingContracts = [
  listLogEntries,
  listTimeline,
  getLogEntry,
  getLogCheckpoint,
  exportLogHead,
  exportLogTiles,
  exportLogEvents,
];
