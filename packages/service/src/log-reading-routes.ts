import { base64url, fault, parseCanonical } from '@symbolon/crypto';
import { type ApiRoute, answer } from './api-route.ts';
import { numberCursor, pageFrom } from './contract.ts';
import type { Database } from './database.ts';
import type { Home } from './home.ts';
import { DatabaseLogStore, type ServerLog } from './log.ts';
import { disclosedLines, type LogSource, logHead, openArchive, tileContents } from './log-export.ts';
import * as api from './log-reading.ts';
import { type TimelineEntry, timeline } from './log-timeline.ts';

/** A server with a log. */
interface LogKeeper {
  readonly home: Home;
  readonly database: Database;
  readonly log: ServerLog;
}

/** Of one answer: some hundred kilobytes. */
const tilesAtOnce = 64;
const linesAtOnce = 256;

/** Answers what people read of this server's log, its ended epochs too. */
export function logReadingRoutes({ home, database, log }: LogKeeper): ApiRoute[] {
  const current: LogSource = {
    home,
    database,
    log,
    store: new DatabaseLogStore(database, log.epoch),
    checkpoint: () => log.checkpoint(),
  };
  const ended = new Map<number, Promise<LogSource>>();
  const sourceOf = async (epoch: number | undefined): Promise<LogSource> => {
    if (epoch === undefined || epoch === log.epoch) return current;
    // What was ended does not change.
    const known = ended.get(epoch) ?? endedEpoch(epoch);
    ended.set(epoch, known);
    known.catch(() => ended.delete(epoch));
    return known;
  };
  const endedEpoch = async (epoch: number): Promise<LogSource> => {
    const archive = await openArchive(home, database, epoch);
    return { ...archive, checkpoint: () => archive.log.checkpoint(home.logKey) };
  };
  return [
    answer(api.listLogEntries, async ({ query: { after, limit } }) => {
      const first = after === undefined ? 0 : numberCursor(after) + 1;
      const records = await log.store.entries(first, first + limit + 1);
      const entries = records.map(({ event }, i) => ({ index: first + i, event: eventOf(event) }));
      return pageFrom(entries, limit, ({ index }) => index);
    }),
    answer(api.getLogEntry, async ({ params: { index } }) => {
      await log.refresh();
      const { event, salt } = await log.store.entry(index);
      return {
        index,
        event: eventOf(event),
        document: event && base64url(event),
        salt: salt && base64url(salt),
        proof: log.inclusionProof(index).map(base64url),
        checkpoint: log.checkpoint(),
      };
    }),
    answer(api.getLogCheckpoint, async () => ({ checkpoint: log.checkpoint() })),
    answer(api.listTimeline, async ({ query: { after, limit, person, ...filter } }) => {
      const before = after === undefined ? log.size : numberCursor(after);
      const names = person === undefined ? undefined : [person];
      const found = await some<TimelineEntry>(timeline(current, { ...filter, names }, { before }), limit + 1);
      return pageFrom(found, limit, ({ index }) => index);
    }),
    answer(api.exportLogHead, async ({ query: { epoch } }) => logHead(await sourceOf(epoch))),
    answer(api.exportLogTiles, async ({ query: { epoch, entries, from } }) => {
      const source = await sourceOf(epoch);
      requireEntries(source, entries);
      const tiles = await some(tileContents(source, entries, from), tilesAtOnce);
      return { tiles: tiles.map(base64url) };
    }),
    answer(api.exportLogEvents, async ({ query: { epoch, entries, disclosed, from } }) => {
      const source = await sourceOf(epoch);
      requireEntries(source, entries);
      return { lines: await some(disclosedLines(source, entries, disclosed, from), linesAtOnce) };
    }),
  ];
}

function requireEntries({ log: { size } }: LogSource, entries: number): void {
  if (entries > size) throw fault('not-found', `the log has ${size} entries, not ${entries}`);
}

async function some<Item>(items: AsyncGenerator<Item>, most: number): Promise<Item[]> {
  const taken: Item[] = [];
  for await (const item of items) {
    taken.push(item);
    if (taken.length === most) break;
  }
  return taken;
}

function eventOf(event: Uint8Array | null): Record<string, unknown> | null {
  return event === null ? null : (parseCanonical(event) as Record<string, unknown>);
}
