import { createWriteStream, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { fault } from '@symbolon/crypto';
import { tilePath, tilesOf } from '@symbolon/ledger';
import { privateFile, privateFolder } from './files.ts';

/** Files of an exported log, beside its tiles. */
export const logFiles = {
  checkpoint: 'checkpoint',
  keys: 'keys',
  cosigned: 'cosigned',
  events: 'events.jsonl',
} as const;

/** A log as it is exported, wherever it is read from. */
export interface LogBundle {
  readonly origin: string;
  readonly entries: number;
  /** Signed note of so many entries, with cosignatures. */
  readonly checkpoint: string;
  /** Lines of verifier keys: the log's, and those of all partners as witnesses. */
  readonly keys: readonly string[];
  /** The newest checkpoint that each witness has cosigned. */
  readonly cosigned: readonly { readonly witness: string; readonly size: number; readonly note: string }[];
  /** Contents of tiles and bundles of entries, in the order of `tilesOf`. */
  tiles(): AsyncIterable<Uint8Array>;
  /** Lines of the events that are disclosed, in the order of the entries. */
  events(): AsyncIterable<string>;
}

/** What an export disclosed. */
export interface ExportedLog {
  readonly origin: string;
  readonly entries: number;
  readonly disclosed: number;
  /** Up to which size each witness has cosigned. */
  readonly witnesses: readonly { readonly witness: string; readonly size: number }[];
}

/** Throws `conflict` where a folder, or anything else, stands. */
export function requireNew(folder: string): void {
  if (!existsSync(folder)) return;
  throw fault('conflict', `${folder} exists`, { culprit: folder, hint: 'Name a folder that does not exist yet.' });
}

/** Writes a log into a new folder as C2SP tlog-tiles; the checkpoint last but for events, so that what lacks one is no whole log. */
export async function writeBundle(bundle: LogBundle, folder: string): Promise<ExportedLog> {
  requireNew(folder);
  const { origin, entries, checkpoint, keys, cosigned } = bundle;
  const write = (path: string, content: string | Uint8Array): void => {
    mkdirSync(dirname(join(folder, path)), { recursive: true, mode: privateFolder });
    writeFileSync(join(folder, path), content, { mode: privateFile, flag: 'wx' });
  };
  const names = tilesOf(entries);
  for await (const content of bundle.tiles()) {
    const { value: name } = names.next();
    if (name === undefined) throw fault('bad-document', `there are more tiles than those of ${entries} entries`);
    write(tilePath(name), content);
  }
  if (!names.next().done) throw fault('bad-document', `there are fewer tiles than those of ${entries} entries`);
  for (const { witness, note } of cosigned) write(`${logFiles.cosigned}/${witness}`, note);
  write(logFiles.keys, keys.map((line) => `${line}\n`).join(''));
  write(logFiles.checkpoint, checkpoint);
  const disclosed = await writeLines(join(folder, logFiles.events), bundle.events());
  return { origin, entries, disclosed, witnesses: cosigned.map(({ witness, size }) => ({ witness, size })) };
}

async function writeLines(file: string, lines: AsyncIterable<string>): Promise<number> {
  let count = 0;
  const counting = async function* (): AsyncGenerator<string> {
    for await (const line of lines) {
      count++;
      yield `${line}\n`;
    }
  };
  await pipeline(counting, createWriteStream(file, { mode: privateFile, flags: 'wx' }));
  return count;
}
