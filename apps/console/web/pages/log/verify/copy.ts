import { type ExportedFiles, tilePath, tilesOf } from '@symbolon/ledger';
import { call } from '../../../api/call.ts';
import type { Answer } from '../../../api/operations.ts';
import { bytesOf } from '../../../parts/base64url.ts';

/** A copy of the log in this browser. */
export interface Copy {
  readonly head: Answer<'exportLogHead'>;
  /** By path. */
  readonly tiles: ReadonlyMap<string, Uint8Array>;
  /** Lines of events: JSON with index, salt and event. */
  readonly lines: readonly string[];
}

const linesAtOnce = 256;

/** Fetches the whole log. @param progress told entries so far, and of how many */
export async function fetchCopy(progress: (done: number, of: number) => void): Promise<Copy> {
  const head = await call('exportLogHead', { query: {} });
  const { entries } = head;
  const names = [...tilesOf(entries)].map(tilePath);
  const tiles = new Map<string, Uint8Array>();
  while (tiles.size < names.length) {
    const { tiles: some } = await call('exportLogTiles', { query: { entries, from: tiles.size } });
    if (some.length === 0) break;
    for (const tile of some) tiles.set(names[tiles.size] ?? '', bytesOf(tile));
  }
  const lines: string[] = [];
  for (let from = 0; ; ) {
    progress(from, entries);
    const { lines: some } = await call('exportLogEvents', { query: { entries, disclosed: 'all', from } });
    if (some.length === 0) break;
    lines.push(...some);
    from = (JSON.parse(some.at(-1)!) as { index: number }).index + 1;
  }
  return { head, tiles, lines };
}

/** As `verifyExport` reads it. */
export function filesOf({ head, tiles, lines }: Copy): ExportedFiles {
  return {
    checkpoint: head.checkpoint,
    cosigned: head.cosigned.map(({ note }) => note),
    tile: (name) => tiles.get(tilePath(name)),
    async *events() {
      for (let at = 0; at < lines.length; at += linesAtOnce) yield lines.slice(at, at + linesAtOnce);
    },
  };
}

/** What was changed in a copy. */
export interface Tampered {
  readonly entry: number;
  readonly before: string;
  readonly after: string;
}

/** A copy in which one character of one event is another. @param random 32 bits; of three that are drawn, which entry, where, and what stands there then */
export function tamper(copy: Copy, random: () => number): { copy: Copy; tampered: Tampered } {
  const number = random() % copy.lines.length;
  const line = JSON.parse(copy.lines[number]!) as { index: number; salt: string; event: string };
  // Letters and digits alone, so that it stays readable; each event names its kind.
  const places = [...line.event.matchAll(/[a-z0-9]/g)].map(({ index }) => index);
  const place = places[random() % places.length]!;
  const present = line.event[place]!;
  const others = [...'abcdefghijklmnopqrstuvwxyz'].filter((letter) => letter !== present);
  const event = line.event.slice(0, place) + others[random() % others.length] + line.event.slice(place + 1);
  const lines = copy.lines.with(number, JSON.stringify({ ...line, event }));
  const around = (text: string): string => text.slice(Math.max(0, place - 16), place + 17);
  return {
    copy: { ...copy, lines },
    tampered: { entry: line.index, before: around(line.event), after: around(event) },
  };
}
