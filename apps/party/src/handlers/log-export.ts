import { base64url, fault } from '@symbolon/crypto';
import {
  type ApiRoute,
  answer,
  DatabaseLogStore,
  disclosedLines,
  type LogSource,
  logHead,
  numberCursor,
  openArchive,
  pageFrom,
  type TimelineEntry,
  tileContents,
  timeline,
} from '@symbolon/service';
import { listTimeline } from '../api/log.ts';
import * as api from '../api/log-export.ts';
import type { PartyContext } from '../context.ts';

/** Of one answer: some hundred kilobytes. */
const tilesAtOnce = 64;
const linesAtOnce = 256;

export function logExportRoutes({ home, database, log }: PartyContext): ApiRoute[] {
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
    answer(listTimeline, async ({ query: { after, limit, person, ...filter } }) => {
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
