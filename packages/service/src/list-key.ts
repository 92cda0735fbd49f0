import { closeSync, existsSync, fsyncSync, linkSync, openSync, rmSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { base64url, fault, fromBase64url, hashLabelled, hex, type Rng } from '@symbolon/crypto';
import { privateFile, readHomeFile, syncFolder } from './files.ts';
import { type Home, homePaths } from './home.ts';

/** The key under which an organisation's lists of people are hashed. It stands in the folder, not in the database. */
export interface ListKey {
  /** 32 bytes. */
  readonly bytes: Uint8Array;
  /** Says which key it is, and nothing of it. */
  readonly name: string;
}

/**
 * Reads the key of the lists. @param make makes it if there is none: only where no list depends on one
 * @throws SymbolonError `config-invalid` naming the file
 */
export function readListKey(home: Pick<Home, 'path'>, rng: Rng, make: boolean): ListKey {
  const path = homePaths(home.path).listKey;
  if (make && !existsSync(path)) makeKey(path, rng);
  const text = readHomeFile(path, { secret: true }).trim();
  if (!/^[A-Za-z0-9_-]{43}$/.test(text)) {
    throw fault('config-invalid', `${path} is not a key`, {
      culprit: path,
      hint: 'Restore the file from your backup of this folder.',
    });
  }
  const bytes = fromBase64url(text);
  return { bytes, name: base64url(hashLabelled('symbolon list key', bytes).subarray(0, 9)) };
}

/** Of two processes that make it at the same time, the first one's stays. */
function makeKey(path: string, rng: Rng): void {
  const draft = `${path}.${hex(rng(6))}.new`;
  const file = openSync(draft, 'wx', privateFile);
  try {
    writeSync(file, `${base64url(rng(32))}\n`);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  try {
    linkSync(draft, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    rmSync(draft);
  }
  syncFolder(dirname(path));
}
